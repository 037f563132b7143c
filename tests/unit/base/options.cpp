#include "base/options.h"

#include <filesystem>
#include <regex>

#include <doctest/doctest.h>

#include "support/config.h"
#include "support/scratch.h"

namespace attn::test {

TEST_CASE("options of every type are read from a config") {
  const Config config = config_of(R"({
    "model": {"hidden_size": 64, "residual": true, "decoder": {"layers": 2, "readout": "tanh"}},
    "train": {"seed": 9007199254740993, "learning_rate": 2}})");
  CHECK(config.model.hidden_size == 64);
  CHECK(config.model.attention.hidden_size == 64);
  CHECK(config.model.residual);
  CHECK(config.model.decoder.layers == 2);
  CHECK(config.model.decoder.readout == "tanh");
  CHECK(config.train.seed == 9007199254740993);  // 2^53 + 1 is not a double
  CHECK(config.train.learning_rate == 2);
}

TEST_CASE("the error for an unknown option suggests the most similar name") {
  CHECK(error_in(R"({"train": {"learning_rat": 1}})") ==
        "c.json: train.learning_rat: unknown option; did you mean \"train.learning_rate\"?");
  CHECK(error_in(R"({"model": {"decoder": {"typ": "x"}}})") ==
        "c.json: model.decoder.typ: unknown option; did you mean \"model.decoder.type\"?");
  CHECK(error_in(R"({"modle": {}})") == "c.json: modle: unknown option; did you mean \"model\"?");
  CHECK(error_in(R"({"train": {"beam_size": 3}})") ==
        "c.json: train.beam_size: unknown option; did you mean \"search.beam_size\"?");
  CHECK(error_in(R"({"search": {"quite_another_thing_altogether": 3}})") ==
        "c.json: search.quite_another_thing_altogether: unknown option; "
        "attn train --describe lists all options");
}

TEST_CASE("the former name of an option is an error that names the new option") {
  Config config;
  const auto options = attn::options(config);
  std::size_t renamed = 0;
  for (const auto& option : options) {
    if (option.former_name.empty()) continue;
    ++renamed;
    const std::string section = option.path.substr(0, option.path.rfind('.'));
    const std::string former = section + "." + option.former_name;
    CAPTURE(former);
    for (const auto& other : options) CHECK(other.path != former);
    const std::string message = former + ": this option is now called \"" + option.path + "\"";
    Json json = Json::object();
    json[Json::json_pointer("/" + std::regex_replace(former, std::regex("\\."), "/"))] = 1;
    CHECK(error_in(to_line(json)) == "c.json: " + message);
    CHECK(error_with_sets("{}", {former + "=1"}) == "--set: " + message);
  }
  CHECK(renamed >= 20);
}

TEST_CASE("the error for a value of the wrong type names the expected type and the value") {
  CHECK(error_in(R"({"model": {"hidden_size": 1.5}})") ==
        "c.json: model.hidden_size: expected a whole number from 1 to 65536, got 1.5");
  CHECK(error_in(R"({"model": {"hidden_size": "8"}})") ==
        "c.json: model.hidden_size: expected a whole number from 1 to 65536, got \"8\"");
  CHECK(error_in(R"({"model": {"hidden_size": 3000000000}})") ==
        "c.json: model.hidden_size: expected a whole number from 1 to 65536, no larger than "
        "2147483647, got 3000000000");
  CHECK(error_in(R"({"train": {"seed": 18446744073709551615}})").find("got 18446744073709551615") !=
        std::string::npos);
  CHECK(error_in(R"({"model": {"residual": 1}})") ==
        "c.json: model.residual: expected true or false, got 1");
  CHECK(error_in(R"({"train": {"loss_normalization": 7}})") ==
        "c.json: train.loss_normalization: expected one of \"tokens\", \"sentences\", got 7");
  CHECK(error_in(R"({"train": {"learning_rate": true}})") ==
        "c.json: train.learning_rate: expected a number above 0, got true");
  CHECK(error_in(R"({"train": {"run_dir": 7}})") ==
        "c.json: train.run_dir: expected a path in quotes, got 7");
  CHECK(error_in(R"({"train": {"run_dir": null}})") ==
        "c.json: train.run_dir: expected a path in quotes, got null");
  CHECK(error_in(R"({"train": 5})") ==
        "c.json: train: expected an object with options, {…}, got 5");
  CHECK(error_in("[1]") == "c.json: expected an object with options, {…}, got [1]");
  CHECK(error_in(R"({"train.seed": 5})") ==
        "c.json: the key \"train.seed\" contains a dot; write nested objects instead");
}

TEST_CASE("a whole number may be written as 1e3, and a key must not be empty") {
  CHECK(config_of(R"({"train": {"max_updates": 1e3}})").train.max_updates == 1000);
  CHECK(error_in(R"({"train": {"max_updates": 1.5}})").find("whole number") != std::string::npos);
  CHECK(error_in(R"({"": {"train": {"seed": 2}}})").find("a key is empty") != std::string::npos);
}

TEST_CASE("a value outside the allowed range is an error, and values at its limits are allowed") {
  CHECK(error_in(R"({"train": {"learning_rate": -1}})") ==
        "c.json: train.learning_rate: expected a number above 0, got -1");
  CHECK(error_in(R"({"model": {"dropout": {"memory": 1}}})") ==
        "c.json: model.dropout.memory: expected a number of at least 0 and below 1, got 1");
  CHECK(error_in(R"({"train": {"shards": 257}})") ==
        "c.json: train.shards: expected a whole number from 1 to 256, got 257");
  CHECK(error_in(R"({"data": {"character_coverage": 0.9}})") ==
        "c.json: data.character_coverage: expected a number from 0.98 to 1, got 0.9");
  CHECK(
      error_in(R"({"train": {"loss_normalization": "token"}})") ==
      "c.json: train.loss_normalization: expected one of \"tokens\", \"sentences\", got \"token\"; "
      "did you mean \"tokens\"?");
  CHECK(error_in(R"({"model": {"attention": {"score": "aditive"}}})")
            .ends_with("did you mean \"additive\"?"));
  CHECK(config_of(R"({"train": {"shards": 256}})").train.shards == 256);
  CHECK(config_of(R"({"model": {"dropout": {"memory": 0}}})").model.dropout.memory == 0);
  CHECK(config_of(R"({"data": {"character_coverage": 1}})").data.character_coverage == 1);
}

TEST_CASE("the error for an option that does not apply names the condition") {
  CHECK(error_in(R"({"train": {"rho": 0.9}})") ==
        "c.json: train.rho does not apply to train.optimizer \"adam\"; it requires "
        "train.optimizer \"adadelta\"");
  CHECK(error_in(R"({"train": {"beta1": 0.9, "optimizer": "sgd"}})") ==
        "c.json: train.beta1 does not apply to train.optimizer \"sgd\"; it requires "
        "train.optimizer "
        "\"adam\" or \"adamw\"");
  CHECK(error_in(R"({"model": {"residual": false}})") ==
        "c.json: model.residual does not apply to model.encoder.type \"recurrent\" and "
        "model.encoder.layers 1 and model.encoder.recurrent_layers 1 and model.decoder.layers 1; "
        "it requires (model.encoder.type \"recurrent\" and model.encoder.layers other than 1) or "
        "model.encoder.recurrent_layers other than 1 or model.decoder.layers other than 1");
  CHECK(error_in(R"({"model": {"attention": {"score": "none", "hidden_size": 5}}})") ==
        "c.json: model.attention.hidden_size does not apply to model.attention.score \"none\"; "
        "it requires model.attention.score other than \"none\"");
  CHECK(
      error_in(
          R"({"data": {"source_tokenizer": "/a", "target_tokenizer": "/b", "tokenizer": "bpe"}})") ==
      "c.json: data.tokenizer does not apply to data.source_tokenizer \"/a\"; "
      "it requires an empty data.source_tokenizer");
  CHECK(error_in(R"({"data": {"shared_vocabulary": true, "target_vocabulary_size": 500}})") ==
        "c.json: data.target_vocabulary_size does not apply to data.source_tokenizer \"\" and "
        "data.shared_vocabulary true; it requires an empty data.source_tokenizer and "
        "data.shared_vocabulary false");
  CHECK(config_of(R"({"train": {"rho": 0.9, "optimizer": "adadelta"}})").train.rho == 0.9);
  CHECK(config_of(R"({"model": {"residual": true, "encoder": {"layers": 2}}})").model.residual);
}

TEST_CASE("a written config contains only options that apply and reads back unchanged") {
  for (
      const std::string text :
      {R"({})",
       R"({"model": {"attention": {"score": "none"}}, "data": {"shared_vocabulary": true}})",
       R"({"train": {"optimizer": "adadelta", "schedule": "cosine", "max_updates": 70, "run_dir": "runs/a"}})",
       R"({"data": {"source_tokenizer": "s", "target_tokenizer": "t"}, "model": {"encoder": {"layers": 2}}})"}) {
    CAPTURE(text);
    const Json json = to_json(config_of(text));
    CHECK(differing_keys(json, to_json(config_of(to_text(json)))).empty());
  }
  const Json json = to_json(config_of(R"({"train": {"optimizer": "adadelta"}})"));
  CHECK(json["train"].contains("rho"));
  CHECK(!json["train"].contains("beta1"));
  CHECK(!json["model"].contains("residual"));
  CHECK(json["train"]["learning_rate"] == 1.0);
  CHECK(json["model"]["decoder"]["type"] == "bahdanau");
}

TEST_CASE("--set overrides values of the config file") {
  const std::string file = R"({"train": {"seed": 3, "optimizer": "adadelta", "rho": 0.9}})";
  const Config config =
      with_sets(file, {"train.seed=4", "train.seed=5", "train.learning_rate=5e-4",
                       "model.cell=gru_reset_before", "model.init=\"bahdanau2015\"",
                       "model.tie_embeddings=decoder", "search={\"beam_size\": 7}"});
  CHECK(config.train.seed == 5);
  CHECK(config.train.rho == 0.9);
  CHECK(config.train.learning_rate == 5e-4);
  CHECK(config.model.cell == "gru_reset_before");
  CHECK(config.model.init == "bahdanau2015");
  CHECK(config.model.tie_embeddings == "decoder");
  CHECK(config.search.beam_size == 7);
  CHECK(with_sets(file, {"train.optimizer=adam", "train.rho=null"}).train.optimizer == "adam");
}

TEST_CASE("an error in --set names --set and the option") {
  CHECK(error_with_sets("{}", {"train.sed=1"}) ==
        "--set: train.sed: unknown option; did you mean \"train.seed\"?");
  CHECK(error_with_sets("{}", {"train.seed=x"}) ==
        "--set: train.seed: expected a whole number, got \"x\"");
  CHECK(error_with_sets("{}", {"train.shards=0"}) ==
        "--set: train.shards: expected a whole number from 1 to 256, got 0");
  CHECK(error_with_sets("{}", {"train.loss_normalization=5"}) ==
        "--set: train.loss_normalization: expected one of \"tokens\", \"sentences\", got 5");
  CHECK(error_with_sets("{}", {"train.run_dir=true"}) ==
        "--set: train.run_dir: expected a path in quotes, got true");
  CHECK(error_with_sets("{}", {"train.rho=0.5"})
            .starts_with("--set: train.rho does not apply to train.optimizer"));
  CHECK(error_with_sets("{}", {"train=adam"}) ==
        "--set: train: expected an object with options, {…}, got \"adam\"");
  CHECK(error_with_sets("{}", {"train.seed"}) ==
        "--set: \"train.seed\": expected KEY=VALUE, as in train.learning_rate=5e-4");
  CHECK(error_with_sets("{}", {"train.run_dir=\xff"}) ==
        "--set: train.run_dir: the value is not valid UTF-8");
  CHECK(error_with_sets("{}", {"train={\"seed\": 1, \"seed\": 2}"}) ==
        "--set: train: line 1: \"seed\" is given twice; remove one of them");
  CHECK(error_with_sets("{}", {"train.learning_rate=nan"}) ==
        "--set: train.learning_rate: expected a number above 0, got \"nan\"");
}

TEST_CASE(
    "relative paths start at the config file's directory, in --set at the current directory") {
  const Scratch directory;
  const auto file = directory.file(
      "c.json",
      R"({"data": {"train_source": "../x/./a.en", "train_target": "/b/../c.fr", "test_source": "t.en",
                             "test_target": "t.fr"},
                    "train": {"run_dir": "runs/one/"}})");
  const Config config = read_config(file, {"data.test_source=../d.en"});
  CHECK(config.data.train_source == directory.path().parent_path() / "x/a.en");
  CHECK(config.data.train_target == "/c.fr");
  CHECK(config.train.run_dir.string() == (directory.path() / "runs/one").string());
  CHECK(config.data.test_source == (fs::current_path() / "../d.en").lexically_normal());
  CHECK(config.data.valid_source.empty());

  const Json written = to_json(config);
  CHECK(written["train"]["run_dir"] == (directory.path() / "runs/one").string());
  CHECK(to_json(config_from_json(written, "/elsewhere/config.json")) == written);
}

TEST_CASE("paths are absolute even if the name of the config file is relative") {
  const Config config = config_of(R"({"train": {"run_dir": "r"}})");
  CHECK(config.train.run_dir == fs::current_path() / "r");
}

TEST_CASE("the description of an option has its default, values, condition and meaning") {
  const std::string text = attn::describe_text(), table = attn::describe_markdown();
  CHECK(text.find("train.rho = 0.95\n    decay rate of the averages of squares\n    only with "
                  "train.optimizer \"adadelta\"\n"
                  "    number of at least 0 and below 1\n") != std::string::npos);
  CHECK(text.find("train.learning_rate = 0.001 (adam), 0.001 (adamw), 1 (adadelta), 0.01 "
                  "(adagrad), 0.1 (sgd)\n") != std::string::npos);
  CHECK(text.find("\n      bpe: byte-pair encoding") != std::string::npos);
  CHECK(table.find("| `train.seed` | 1 | whole number | random seed |\n") != std::string::npos);
  CHECK(table.find("`char`: characters<br>") != std::string::npos);
  CHECK(table.find("(only with train.optimizer \"sgd\") |") != std::string::npos);
}

}  // namespace attn::test

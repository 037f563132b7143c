#include "train/config.h"

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/scratch.h"

namespace fs = std::filesystem;
using attn::Config;
using attn::Json;

namespace {

// All options, listed by hand.
const std::vector<std::string> kOptions = {
    "model.cell",
    "model.layer_norm",
    "model.embedding_size",
    "model.hidden_size",
    "model.encoder.type",
    "model.encoder.layers",
    "model.encoder.recurrent_layers",
    "model.encoder.heads",
    "model.encoder.feed_forward_size",
    "model.encoder.norm",
    "model.encoder.positional_encoding",
    "model.encoder.max_positions",
    "model.encoder.max_relative_position",
    "model.encoder.hierarchical",
    "model.decoder.type",
    "model.decoder.layers",
    "model.decoder.readout",
    "model.decoder.readout_size",
    "model.decoder.readout_input",
    "model.decoder.input_feeding",
    "model.attention.score",
    "model.attention.hidden_size",
    "model.attention.weight_norm",
    "model.attention.coverage",
    "model.attention.max_positions",
    "model.attention.heads",
    "model.attention.normalizer",
    "model.attention.temperature",
    "model.attention.top_k",
    "model.attention.threshold",
    "model.attention.window",
    "model.attention.window_width",
    "model.residual",
    "model.tie_embeddings",
    "model.dropout.embedding",
    "model.dropout.layer",
    "model.dropout.memory",
    "model.dropout.attention",
    "model.dropout.output",
    "model.init",
    "data.train_source",
    "data.train_target",
    "data.train_alignment",
    "data.valid_source",
    "data.valid_target",
    "data.test_source",
    "data.test_target",
    "data.test_alignment",
    "data.source_tokenizer",
    "data.target_tokenizer",
    "data.tokenizer",
    "data.shared_vocabulary",
    "data.source_vocabulary_size",
    "data.target_vocabulary_size",
    "data.character_coverage",
    "data.sentence_separator",
    "data.max_length",
    "data.max_memory_mib",
    "data.bleu_tokenizer",
    "train.run_dir",
    "train.seed",
    "train.threads",
    "train.shards",
    "train.precision",
    "train.max_updates",
    "train.max_epochs",
    "train.max_seconds",
    "train.batch_type",
    "train.batch_size",
    "train.bucket_size",
    "train.gradient_accumulation",
    "train.loss_normalization",
    "train.optimizer",
    "train.learning_rate",
    "train.beta1",
    "train.beta2",
    "train.epsilon",
    "train.rho",
    "train.momentum",
    "train.weight_decay",
    "train.clip_norm",
    "train.label_smoothing",
    "train.ema_decay",
    "train.coverage_loss_weight",
    "train.guided_alignment_weight",
    "train.guided_alignment_decay",
    "train.schedule",
    "train.warmup",
    "train.decay_updates",
    "train.plateau_factor",
    "train.plateau_patience",
    "train.min_learning_rate",
    "train.valid_every",
    "train.valid_metric",
    "train.valid_beam",
    "train.patience",
    "train.log_every",
    "search.method",
    "search.beam_size",
    "search.n_best",
    "search.length_penalty",
    "search.length_penalty_alpha",
    "search.coverage_penalty",
    "search.temperature",
    "search.top_k",
    "search.top_p",
    "search.seed",
    "search.min_length",
    "search.max_length",
    "search.max_length_ratio",
    "search.no_repeat_ngram",
    "search.replace_unknown",
    "search.batch_size",
    "search.precision",
};

Config config_of(const std::string& text) {
  return attn::config_from_json(attn::parse_json(text, "c.json"), "c.json");
}

std::string error_in(const std::string& text) {
  return error_of([&] { config_of(text); });
}

Config with_sets(const std::string& text, const std::vector<std::string>& sets) {
  const Scratch folder;
  return attn::read_config(folder.file("c.json", text), sets);
}

std::string error_with_sets(const std::string& text, const std::vector<std::string>& sets) {
  return error_of([&] { with_sets(text, sets); });
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("JSON may contain comments") {
  const Json json =
      attn::parse_json("// a\n{\"a\": /* b */ 1, // c\n \"b\": \"// no comment\"}", "x");
  CHECK(json["a"] == 1);
  CHECK(json["b"] == "// no comment");
}

TEST_CASE("the message of a JSON syntax error is one sentence with file, line and column") {
  const auto error = [](const std::string& text) {
    return error_of([&] { attn::parse_json(text, "x.json"); });
  };
  CHECK(error("{\n  \"a\": 1,\n}") ==
        "x.json: line 3, column 1: not valid JSON: unexpected '}', expected string literal");
  CHECK(
      error("{\"é\": 1 \"b\": 2}") ==
      "x.json: line 1, column 11: not valid JSON: unexpected string literal, expected ',' or '}'");
  CHECK(error("") ==
        "x.json: line 1, column 1: not valid JSON: unexpected end of input, expected '[', '{', or "
        "a literal");
  CHECK(error("{\"a\": nul}")
            .starts_with("x.json: line 1, column 10: not valid JSON: invalid literal at"));
  CHECK(error("{} {}").starts_with("x.json: line 1, column 4: not valid JSON: unexpected '{'"));
  CHECK(error("[1e999]").starts_with("x.json: not valid JSON: number overflow"));
  CHECK(error("\"\xff\"")
            .starts_with(
                "x.json: line 1, column 2: not valid JSON: invalid string: ill-formed UTF-8"));
}

TEST_CASE("a JSON key that occurs twice in one object is an error with its line and path") {
  CHECK(error_of([] {
          attn::parse_json(
              "{\"train\": {\"seed\": 1,\n// again:\n\"rho\": {\"x\": [{}]},\n\"seed\": 2}}",
              "x.json");
        }) == "x.json: line 4: \"train.seed\" is given twice; remove one of them");
  CHECK(attn::parse_json("{\"a\": {\"n\": 1}, \"b\": [{\"n\": 1}, {\"n\": 2}], \"n\": 3}",
                         "x")["n"] == 3);
}

TEST_CASE("JSON is written on one line or indented, and text that is not UTF-8 is an error") {
  const Json json = {{"b", 1}, {"a", {0.001, true}}};
  CHECK(attn::to_line(json) == R"({"b":1,"a":[0.001,true]})");
  CHECK(attn::to_text(Json{{"a", "é"}}) == "{\n  \"a\": \"é\"\n}\n");
  CHECK(error_of([] { attn::to_line("\xff"); }).find("UTF-8") != std::string::npos);
}

TEST_CASE("differing_keys returns sorted full paths") {
  const Json a = {{"train", {{"seed", 1}, {"rho", 0.5}, {"same", 1}}}, {"data", {{"x", "y"}}}};
  const Json b = {{"train", {{"same", 1.0}, {"seed", 2}, {"warmup", 3}}}, {"data", {{"x", "z"}}}};
  CHECK(attn::differing_keys(a, b) ==
        std::vector<std::string>{"data.x", "train.rho", "train.seed", "train.warmup"});
  CHECK(attn::differing_keys(a, a).empty());
}

TEST_CASE("an empty config has the default values") {
  const Config config = config_of("{}");
  CHECK(config.model.cell == "gru");
  CHECK(config.model.attention.hidden_size == 256);  // equal to hidden_size
  CHECK(config.train.batch_size == 4096);
  CHECK(config.search.beam_size == 5);
}

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
    CHECK(error_in(attn::to_line(json)) == "c.json: " + message);
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
        "it requires model.encoder.type \"recurrent\" and model.encoder.layers other than 1 or "
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

TEST_CASE("options of the optimizer that are not given have the optimizer's defaults") {
  const auto train = [](const std::string& optimizer) {
    return config_of(R"({"train": {"optimizer": ")" + optimizer + "\"}}").train;
  };
  CHECK(train("adam").learning_rate == 1e-3);
  CHECK(train("adam").epsilon == 1e-8);
  CHECK(train("adamw").weight_decay == 0.01);
  CHECK(train("adadelta").learning_rate == 1);
  CHECK(train("adadelta").epsilon == 1e-6);
  CHECK(train("adagrad").learning_rate == 0.01);
  CHECK(train("adagrad").epsilon == 1e-10);
  CHECK(train("sgd").learning_rate == 0.1);
  CHECK(config_of(R"({"train": {"optimizer": "sgd", "learning_rate": 3}})").train.learning_rate ==
        3);
}

TEST_CASE("a default-constructed config equals an empty file except for resolved options") {
  Config config;
  CHECK(attn::differing_keys(attn::to_json(config), attn::to_json(config_of("{}"))) ==
        std::vector<std::string>{"model.attention.hidden_size"});
}

TEST_CASE("changed_options returns the options whose value differs from the default") {
  CHECK(attn::changed_options(config_of("{}")).empty());
  const std::vector<std::string> changed = {"model.hidden_size", "train.seed", "train.max_updates",
                                            "train.optimizer", "train.schedule"};
  // Defaults that follow other options are not changes: attention.hidden_size follows hidden_size,
  // the learning rate follows the optimizer, and decay_updates follows max_updates.
  CHECK(attn::changed_options(config_of(
            R"({"model": {"hidden_size": 64}, "train": {"optimizer": "sgd", "seed": 2,
                "schedule": "cosine", "max_updates": 70, "log_every": 50}})")) == changed);
  CHECK(attn::changed_options(config_of(R"({"train": {"learning_rate": 0.1}})")) ==
        std::vector<std::string>{"train.learning_rate"});
}

TEST_CASE("a written config contains only options that apply and reads back unchanged") {
  for (
      const std::string text :
      {R"({})",
       R"({"model": {"attention": {"score": "none"}}, "data": {"shared_vocabulary": true}})",
       R"({"train": {"optimizer": "adadelta", "schedule": "cosine", "max_updates": 70, "run_dir": "runs/a"}})",
       R"({"data": {"source_tokenizer": "s", "target_tokenizer": "t"}, "model": {"encoder": {"layers": 2}}})"}) {
    CAPTURE(text);
    const Json json = attn::to_json(config_of(text));
    CHECK(attn::differing_keys(json, attn::to_json(config_of(attn::to_text(json)))).empty());
  }
  const Json json = attn::to_json(config_of(R"({"train": {"optimizer": "adadelta"}})"));
  CHECK(json["train"].contains("rho"));
  CHECK(!json["train"].contains("beta1"));
  CHECK(!json["model"].contains("residual"));
  CHECK(json["train"]["learning_rate"] == 1.0);
  CHECK(json["model"]["decoder"]["type"] == "bahdanau");
}

TEST_CASE("the default of train.decay_updates is train.max_updates") {
  const auto decay = [](const std::string& more) {
    return config_of(R"({"train": {"schedule": "cosine", "max_updates": 70)" + more + "}}")
        .train.decay_updates;
  };
  CHECK(decay("") == 70);
  CHECK(decay(R"(, "decay_updates": 90)") == 90);
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
        "--set: \"train.seed\": expected path=value, as in train.learning_rate=5e-4");
  CHECK(error_with_sets("{}", {"train.run_dir=\xff"}) ==
        "--set: train.run_dir: the value is not valid UTF-8");
  CHECK(error_with_sets("{}", {"train={\"seed\": 1, \"seed\": 2}"}) ==
        "--set: train: line 1: \"seed\" is given twice; remove one of them");
  CHECK(error_with_sets("{}", {"train.learning_rate=nan"}) ==
        "--set: train.learning_rate: expected a number above 0, got \"nan\"");
}

TEST_CASE("relative paths start at the config file's folder, in --set at the current folder") {
  const Scratch folder;
  const auto file = folder.file(
      "c.json",
      R"({"data": {"train_source": "../x/./a.en", "train_target": "/b/../c.fr", "test_source": "t.en",
                             "test_target": "t.fr"},
                    "train": {"run_dir": "runs/one/"}})");
  const Config config = attn::read_config(file, {"data.test_source=../d.en"});
  CHECK(config.data.train_source == folder.path().parent_path() / "x/a.en");
  CHECK(config.data.train_target == "/c.fr");
  CHECK(config.train.run_dir.string() == (folder.path() / "runs/one").string());
  CHECK(config.data.test_source == (fs::current_path() / "../d.en").lexically_normal());
  CHECK(config.data.valid_source.empty());

  const Json written = attn::to_json(config);
  CHECK(written["train"]["run_dir"] == (folder.path() / "runs/one").string());
  CHECK(attn::to_json(attn::config_from_json(written, "/elsewhere/config.json")) == written);
}

TEST_CASE("paths are absolute even if the name of the config file is relative") {
  const Config config = config_of(R"({"train": {"run_dir": "r"}})");
  CHECK(config.train.run_dir == fs::current_path() / "r");
}

TEST_CASE("only the allowed options of a trained model's config can be overridden") {
  const std::vector<std::string> free = {"search.", "data.test_"};
  Config config = config_of(R"({"train": {"optimizer": "adadelta", "run_dir": "/r"}})");
  attn::override_trained(config,
                         {"search.beam_size=12", "data.test_source=a", "data.test_target=b"}, free);
  CHECK(config.search.beam_size == 12);
  CHECK(config.data.test_source == fs::current_path() / "a");
  CHECK(config.train.optimizer == "adadelta");
  CHECK(config.train.run_dir == "/r");

  const auto error = [&](const std::string& set) {
    return error_of([&] { attn::override_trained(config, {set}, free); });
  };
  for (const char* set : {"train.seed=3", "data.tokenizer=bpe"})
    CHECK(error(set) == "--set: " + std::string(set) +
                            ": cannot be changed for a trained model here; allowed: search.…, "
                            "data.test_, as in search.beam_size=10");
  CHECK(error("search.beam=3") ==
        "--set: search.beam: unknown option; did you mean \"search.beam_size\"?");
  CHECK(error("search.n_best=13") ==
        "--set: search.n_best (13) must not be above search.beam_size (12)");
}

TEST_CASE("options that contradict each other are an error") {
  CHECK(error_in(R"({"model": {"tie_embeddings": "decoder", "embedding_size": 7}})") ==
        "c.json: model.tie_embeddings \"decoder\" requires model.decoder.readout_size (256) to "
        "equal model.embedding_size (7)");
  CHECK(error_in(R"({"search": {"n_best": 6}})") ==
        "c.json: search.n_best (6) must not be above search.beam_size (5)");
  CHECK(error_in(R"({"train": {"schedule": "inverse_sqrt"}})") ==
        "c.json: train.schedule \"inverse_sqrt\" requires train.warmup of at least 1");
  CHECK(error_in(R"({"train": {"schedule": "cosine"}})") ==
        "c.json: train.schedule \"cosine\" requires train.decay_updates or train.max_updates");
  CHECK(error_in(R"({"train": {"schedule": "cosine", "decay_updates": 9, "warmup": 9}})") ==
        "c.json: train.decay_updates (default: train.max_updates) must be above train.warmup (9), "
        "got 9");
  CHECK(error_in(R"({"data": {"valid_source": "a"}})") ==
        "c.json: data.valid_source and data.valid_target: set both or neither");
  CHECK(error_in(R"({"data": {"test_target": "a"}})") ==
        "c.json: data.test_source and data.test_target: set both or neither");
  CHECK(error_in(R"({"data": {"test_alignment": "a"}})") ==
        "c.json: data.test_alignment requires data.test_source and data.test_target");
  CHECK(error_in(R"({"data": {"source_tokenizer": "a"}})")
            .starts_with(
                "c.json: data.source_tokenizer and data.target_tokenizer: set both or neither"));
  CHECK(config_of(R"({"data": {"source_tokenizer": "/a", "shared_vocabulary": true}})")
            .data.source_tokenizer == "/a");
}

TEST_CASE("attention options that contradict each other are an error") {
  const auto attention = [](const std::string& options) {
    return R"({"model": {"hidden_size": 8, "attention": {)" + options + "}}}";
  };
  for (const char* score : {"dot", "scaled_dot", "cosine", "gaussian"}) {
    const std::string name = "\"score\": \"" + std::string(score) + "\"";
    CHECK(error_in(attention(name)) ==
          "c.json: model.attention.score \"" + std::string(score) +
              "\" requires query and key of the same size, but the decoder state has 8 numbers "
              "and an encoder state 16; set model.attention.hidden_size, the size to which both "
              "are projected");
    CHECK(config_of(attention(name + R"(, "hidden_size": 5)")).model.attention.hidden_size == 5);
    CHECK(config_of(attention(name + R"(, "heads": 2)")).model.attention.hidden_size == 8);
  }
  CHECK(error_in(attention(R"("heads": 3, "hidden_size": 8)")) ==
        "c.json: model.attention.hidden_size (8) must be a multiple of model.attention.heads (3)");
  CHECK(error_in(attention(R"("score": "general", "coverage": true)")) ==
        "c.json: model.attention.coverage does not apply to model.attention.score \"general\"; it "
        "requires model.attention.score \"additive\"");
  CHECK(error_in(attention(R"("score": "location", "window": "local_m")")) ==
        "c.json: model.attention.score \"location\" attends to the first positions of a sentence "
        "only; use model.attention.window \"global\"");
  CHECK(error_in(attention(R"("score": "none", "heads": 2)")).find("does not apply") !=
        std::string::npos);
  CHECK(config_of(attention(R"("score": "general")")).model.attention.hidden_size == 0);
}

TEST_CASE("attention options without effect are an error") {
  const auto attention = [](const std::string& options, const std::string& train = "") {
    return R"({"model": {"attention": {)" + options + R"(}}, "train": {)" + train + "}}";
  };
  for (const char* options :
       {R"("normalizer": "top_k", "top_k": 1)", R"("normalizer": "threshold", "threshold": 1)"})
    CHECK(error_in(attention(options)).find("expected") != std::string::npos);
  for (const char* score : {"general", "location"}) {
    const std::string options = R"("score": ")" + std::string(score) + R"(", "hidden_size": 64)";
    CHECK(error_in(attention(options)).find("model.attention.hidden_size does not apply") !=
          std::string::npos);
  }
  CHECK_NOTHROW(config_of(attention(R"("score": "general", "hidden_size": 64, "heads": 2)")));
  CHECK_NOTHROW(config_of(attention(R"("score": "location", "hidden_size": 64, "heads": 2)")));
  CHECK(error_in(
            attention(R"("normalizer": "hard", "coverage": true)", R"("coverage_loss_weight": 1)"))
            .find("train.coverage_loss_weight needs differentiable attention weights") !=
        std::string::npos);
  CHECK(
      error_in(R"({"model": {"attention": {"normalizer": "hard"}, "dropout": {"attention": 0.3}}})")
          .find("model.dropout.attention has no effect with") != std::string::npos);
  const auto excludes_no_word = [&](const std::string& options) {
    return error_in(attention(R"("normalizer": "top_k", )" + options)).find("excludes no word");
  };
  CHECK(excludes_no_word(R"("top_k": 9, "window": "local_m", "window_width": 4)") !=
        std::string::npos);
  CHECK(excludes_no_word(R"("top_k": 4, "score": "location", "max_positions": 3)") !=
        std::string::npos);
  CHECK_NOTHROW(config_of(
      attention(R"("normalizer": "top_k", "top_k": 8, "window": "local_p", "window_width": 4)")));
  CHECK(error_in(attention(R"("normalizer": "top_k", "top_k": 101)")) ==
        "c.json: model.attention.top_k (101) excludes no word: a step attends to at most 101 "
        "words, because of data.max_length; lower it, or use normalizer \"softmax\"");
  CHECK_NOTHROW(config_of(attention(R"("normalizer": "top_k", "top_k": 100)")));
  CHECK(error_in(attention(R"("window": "local_m", "window_width": 100)")) ==
        "c.json: model.attention.window_width (100) excludes no word: a step attends to at most "
        "101 words, because of data.max_length; lower it, or use window \"global\"");
  CHECK_NOTHROW(config_of(attention(R"("window": "local_m", "window_width": 99)")));
  // The weights of a local_p window decrease with the distance at any width.
  CHECK_NOTHROW(config_of(attention(R"("window": "local_p", "window_width": 1000)")));
  CHECK(error_in(attention(R"("score": "cosine", "hidden_size": 4, "heads": 4)"))
            .find("compares directions") != std::string::npos);
  CHECK_NOTHROW(config_of(attention(R"("score": "cosine", "hidden_size": 8, "heads": 4)")));
  CHECK(error_in(attention(R"("score": "location", "max_positions": 1)")).find("expected") !=
        std::string::npos);
  // A Transformer encoder has attention weights of its own to drop.
  CHECK_NOTHROW(config_of(R"({"model": {"encoder": {"type": "transformer"},
      "attention": {"normalizer": "hard"}, "dropout": {"attention": 0.3}}})"));
}

TEST_CASE(
    "a hierarchical encoder requires a separator and rejects options that need flat sources") {
  const auto documents = [](const std::string& attention, const std::string& separator = "|||") {
    return R"({"model": {"encoder": {"hierarchical": true}, "attention": {)" + attention +
           R"(}}, "data": {"sentence_separator": ")" + separator + "\"}}";
  };
  CHECK(config_of(documents("")).data.sentence_separator == "|||");
  for (const char* type : {"sparsemax", "entmax15", "top_k", "threshold"})
    CHECK_NOTHROW(
        config_of(documents(R"("heads": 2, "normalizer": ")" + std::string(type) + "\"")));

  CHECK(error_in(documents("", "")) ==
        "c.json: model.encoder.hierarchical requires data.sentence_separator, the word between "
        "the sentences of a source line, such as \"|||\"");
  for (const char* separator : {"| |", " |", " "})
    CHECK(error_in(documents("", separator)).find("must be one word without white space") !=
          std::string::npos);
  CHECK(error_in(R"({"data": {"sentence_separator": "|||"}})").find("does not apply") !=
        std::string::npos);
  const auto refuses = [&](const std::string& attention, const std::string& why) {
    const std::string error = error_in(documents(attention));
    CAPTURE(error);
    CHECK(error.find(" cannot be combined with model.encoder.hierarchical: " + why) !=
          std::string::npos);
  };
  refuses(R"("score": "none")", "there is no attention to divide into levels");
  refuses(R"("score": "location")", "it depends on positions alone and does not read the words");
  for (const char* window : {"local_m", "local_p"})
    refuses(R"("window": ")" + std::string(window) + "\"", "it counts words across sentences");
  refuses(R"("coverage": true)", "set it to false");
  refuses(R"("normalizer": "hard")", "it would sample a word of every sentence");
}

TEST_CASE("options that do not apply to the encoder's type are an error") {
  const auto encoder = [](const std::string& options, const std::string& more = "") {
    return R"({"model": {"hidden_size": 6, "encoder": {)" + options + "}" + more + "}}";
  };
  const std::string attends = R"("type": "transformer", "heads": 2)";
  const std::string cascaded = R"("type": "recurrent_transformer", "heads": 2)";
  CHECK(config_of(encoder(attends)).model.encoder.positional_encoding == "sinusoidal");
  CHECK(config_of(encoder(cascaded + R"(, "recurrent_layers": 2)", R"(, "residual": true)"))
            .model.encoder.recurrent_layers == 2);
  for (const auto& dropout : {"layer", "attention"})
    CHECK_NOTHROW(
        config_of(encoder(attends, R"(, "dropout": {")" + std::string(dropout) + "\": 0.1}")));

  const std::vector<std::string> inapplicable = {R"("heads": 2)",
                                                 R"("norm": "post")",
                                                 R"("positional_encoding": "none")",
                                                 R"("recurrent_layers": 2)",
                                                 R"("feed_forward_size": 7)",
                                                 attends + R"(, "recurrent_layers": 2)",
                                                 attends + R"(, "max_positions": 200)",
                                                 attends + R"(, "max_relative_position": 2)",
                                                 cascaded + R"(, "positional_encoding": "none")"};
  for (const auto& options : inapplicable)
    CHECK(error_in(encoder(options)).find("does not apply") != std::string::npos);
  CHECK(error_in(encoder(attends + R"(, "layers": 2)", R"(, "residual": true)"))
            .find("does not apply") != std::string::npos);

  CHECK(error_in(encoder(R"("type": "transformer", "heads": 5)")) ==
        "c.json: 2 · model.hidden_size (12) must be a multiple of model.encoder.heads (5)");
  CHECK_NOTHROW(
      config_of(encoder(attends + R"(, "positional_encoding": "learned", "max_positions": 3)")));
  for (const auto& kind : {attends, cascaded})
    CHECK(
        error_in(encoder(kind, R"(, "attention": {"score": "none"})"))
            .find("uses the last forward state of a recurrent encoder, which model.encoder.type") !=
        std::string::npos);
}

TEST_CASE("training requires a run directory, a text and a stopping criterion") {
  const auto error = [](const std::string& data, const std::string& train) {
    const Config config = config_of(R"({"data": {)" + data + R"(}, "train": {)" + train + "}}");
    return error_of([&] { attn::check_training(config, "c.json"); });
  };
  const std::string text = R"("train_source": "a", "train_target": "b")";
  const std::string valid = text + R"(, "valid_source": "a", "valid_target": "b")";
  CHECK(error(text, R"("max_updates": 1)").starts_with("c.json: train.run_dir is required"));
  CHECK(error("", R"("run_dir": "r", "max_updates": 1)")
            .starts_with("c.json: data.train_source is required"));
  CHECK(error(R"("train_source": "a")", R"("run_dir": "r", "max_updates": 1)")
            .starts_with("c.json: data.train_target is required"));
  CHECK(error(text, R"("run_dir": "r")").starts_with("c.json: training would never end"));
  CHECK(error(text, R"("run_dir": "r", "patience": 1)") ==
        "c.json: train.patience requires data.valid_source and data.valid_target");
  CHECK(error(text, R"("run_dir": "r", "max_epochs": 1, "schedule": "plateau")") ==
        "c.json: train.schedule \"plateau\" requires data.valid_source and data.valid_target");
  CHECK(error(valid, R"("run_dir": "r", "patience": 1, "schedule": "plateau")") == "no error");
  CHECK(error(text, R"("run_dir": "r", "max_seconds": 0.5)") == "no error");
}

TEST_CASE("the descriptions contain every option exactly once and nothing else") {
  const std::string text = attn::describe_text(), table = attn::describe_markdown();
  std::multiset<std::string> heads;  // "train.rho" of the line "train.rho = 0.95"
  std::istringstream text_lines(text);
  for (std::string line; std::getline(text_lines, line);) {
    CHECK_MESSAGE(line.size() <= 100, line);
    if (!line.empty() && line[0] != ' ') heads.insert(line.substr(0, line.find(" = ")));
  }
  for (const auto& path : kOptions) {
    CAPTURE(path);
    CHECK(heads.count(path) == 1);
    CHECK(count(table, "\n| `" + path + "` | ") == 1);
  }
  CHECK(heads.size() == kOptions.size());
  CHECK(count(table, "\n| `") == kOptions.size());
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

#include "train/config.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/error.h"
#include "support/scratch.h"

namespace fs = std::filesystem;
using attn::Config;
using attn::Json;

namespace {

// Every option there is, by hand.
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

// A folder that goes away with the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("attn-config-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Config with_sets(const std::string& text, const std::vector<std::string>& sets) {
  const Folder folder;
  return attn::read_config(folder.write("c.json", text), sets);
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

TEST_CASE("JSON may hold comments") {
  const Json json =
      attn::parse_json("// a\n{\"a\": /* b */ 1, // c\n \"b\": \"// no comment\"}", "x");
  CHECK(json["a"] == 1);
  CHECK(json["b"] == "// no comment");
}

TEST_CASE("a syntax error names file, line and column in one sentence") {
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

TEST_CASE("a key given twice is an error with its line and path; elsewhere the same key is fine") {
  CHECK(error_of([] {
          attn::parse_json(
              "{\"train\": {\"seed\": 1,\n// again:\n\"rho\": {\"x\": [{}]},\n\"seed\": 2}}",
              "x.json");
        }) == "x.json: line 4: \"train.seed\" is given twice; keep one of the two");
  CHECK(attn::parse_json("{\"a\": {\"n\": 1}, \"b\": [{\"n\": 1}, {\"n\": 2}], \"n\": 3}",
                         "x")["n"] == 3);
}

TEST_CASE("JSON is written in one line and indented, and only from UTF-8") {
  const Json json = {{"b", 1}, {"a", {0.001, true}}};
  CHECK(attn::to_line(json) == R"({"b":1,"a":[0.001,true]})");
  CHECK(attn::to_text(Json{{"a", "é"}}) == "{\n  \"a\": \"é\"\n}\n");
  CHECK(error_of([] { attn::to_line("\xff"); }).find("UTF-8") != std::string::npos);
}

TEST_CASE("differing keys are full paths, sorted") {
  const Json a = {{"train", {{"seed", 1}, {"rho", 0.5}, {"same", 1}}}, {"data", {{"x", "y"}}}};
  const Json b = {{"train", {{"same", 1.0}, {"seed", 2}, {"warmup", 3}}}, {"data", {{"x", "z"}}}};
  CHECK(attn::differing_keys(a, b) ==
        std::vector<std::string>{"data.x", "train.rho", "train.seed", "train.warmup"});
  CHECK(attn::differing_keys(a, a).empty());
}

TEST_CASE("an empty file gives the defaults") {
  const Config config = config_of("{}");
  CHECK(config.model.cell == "gru");
  CHECK(config.model.attention.hidden_size == 256);  // as hidden_size
  CHECK(config.train.batch_size == 4096);
  CHECK(config.search.beam_size == 5);
}

TEST_CASE("values of every type are read") {
  const Config config = config_of(R"({
    "model": {"hidden_size": 64, "residual": true, "decoder": {"layers": 2, "readout": "tanh"}},
    "train": {"seed": 9007199254740993, "learning_rate": 2}})");
  CHECK(config.model.hidden_size == 64);
  CHECK(config.model.attention.hidden_size == 64);
  CHECK(config.model.residual);
  CHECK(config.model.decoder.layers == 2);
  CHECK(config.model.decoder.readout == "tanh");
  CHECK(config.train.seed == 9007199254740993);  // 2^53 + 1: not by way of a double
  CHECK(config.train.learning_rate == 2);
}

TEST_CASE("an unknown key is an error that gives the nearest name") {
  CHECK(
      error_in(R"({"train": {"learning_rat": 1}})") ==
      "c.json: train.learning_rat: there is no such option; did you mean \"train.learning_rate\"?");
  CHECK(error_in(R"({"model": {"decoder": {"typ": "x"}}})") ==
        "c.json: model.decoder.typ: there is no such option; did you mean \"model.decoder.type\"?");
  CHECK(error_in(R"({"modle": {}})") ==
        "c.json: modle: there is no such option; did you mean \"model\"?");
  CHECK(error_in(R"({"train": {"beam_size": 3}})") ==
        "c.json: train.beam_size: there is no such option; did you mean \"search.beam_size\"?");
  CHECK(error_in(R"({"search": {"quite_another_thing_altogether": 3}})") ==
        "c.json: search.quite_another_thing_altogether: there is no such option; "
        "attn train --describe lists them all");
}

TEST_CASE("a wrong type is an error with what was expected and what came") {
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
  CHECK(error_in(R"({"train": {"normalize": 7}})") ==
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
        "c.json: the key \"train.seed\" has a dot; write one object inside the other");
}

TEST_CASE("a whole number may be written as 1e3; a key must have a name") {
  CHECK(config_of(R"({"train": {"max_updates": 1e3}})").train.max_updates == 1000);
  CHECK(error_in(R"({"train": {"max_updates": 1.5}})").find("whole number") != std::string::npos);
  CHECK(error_in(R"({"": {"train": {"seed": 2}}})").find("a key without a name") !=
        std::string::npos);
}

TEST_CASE("a value out of range is an error; its bounds are exact") {
  CHECK(error_in(R"({"train": {"learning_rate": -1}})") ==
        "c.json: train.learning_rate: expected a number above 0, got -1");
  CHECK(error_in(R"({"model": {"dropout": {"memory": 1}}})") ==
        "c.json: model.dropout.memory: expected a number of at least 0 and below 1, got 1");
  CHECK(error_in(R"({"train": {"shards": 257}})") ==
        "c.json: train.shards: expected a whole number from 1 to 256, got 257");
  CHECK(error_in(R"({"data": {"character_coverage": 0.9}})") ==
        "c.json: data.character_coverage: expected a number from 0.98 to 1, got 0.9");
  CHECK(
      error_in(R"({"train": {"normalize": "token"}})") ==
      "c.json: train.loss_normalization: expected one of \"tokens\", \"sentences\", got \"token\"; "
      "did you mean \"tokens\"?");
  CHECK(error_in(R"({"model": {"attention": {"score": "aditive"}}})")
            .ends_with("did you mean \"additive\"?"));
  CHECK(config_of(R"({"train": {"shards": 256}})").train.shards == 256);
  CHECK(config_of(R"({"model": {"dropout": {"memory": 0}}})").model.dropout.memory == 0);
  CHECK(config_of(R"({"data": {"character_coverage": 1}})").data.character_coverage == 1);
}

TEST_CASE("an option that does not apply is an error that says why") {
  CHECK(error_in(R"({"train": {"rho": 0.9}})") ==
        "c.json: train.rho does not apply to train.optimizer \"adam\"; it belongs to "
        "train.optimizer \"adadelta\"");
  CHECK(error_in(R"({"train": {"beta1": 0.9, "optimizer": "sgd"}})") ==
        "c.json: train.beta1 does not apply to train.optimizer \"sgd\"; it belongs to "
        "train.optimizer "
        "\"adam\" or \"adamw\"");
  CHECK(error_in(R"({"model": {"residual": false}})") ==
        "c.json: model.residual does not apply to model.encoder.type \"recurrent\" and "
        "model.encoder.layers 1 and model.encoder.recurrent_layers 1 and model.decoder.layers 1; "
        "it belongs to model.encoder.type \"recurrent\" and model.encoder.layers other than 1 or "
        "model.encoder.recurrent_layers other than 1 or model.decoder.layers other than 1");
  CHECK(error_in(R"({"model": {"attention": {"score": "none", "size": 5}}})") ==
        "c.json: model.attention.hidden_size does not apply to model.attention.score \"none\"; "
        "it belongs to model.attention.score other than \"none\"");
  CHECK(
      error_in(
          R"({"data": {"source_tokenizer": "/a", "target_tokenizer": "/b", "tokenizer": "bpe"}})") ==
      "c.json: data.tokenizer does not apply to data.source_tokenizer \"/a\"; "
      "it belongs to an empty data.source_tokenizer");
  CHECK(error_in(R"({"data": {"shared_vocabulary": true, "target_vocabulary_size": 500}})") ==
        "c.json: data.target_vocabulary_size does not apply to data.source_tokenizer \"\" and "
        "data.shared_vocabulary true; it belongs to an empty data.source_tokenizer and "
        "data.shared_vocabulary false");
  CHECK(config_of(R"({"train": {"rho": 0.9, "optimizer": "adadelta"}})").train.rho == 0.9);
  CHECK(config_of(R"({"model": {"residual": true, "encoder": {"layers": 2}}})").model.residual);
}

TEST_CASE("a learning rate that is not given is the optimizer's own") {
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

TEST_CASE("a config of defaults agrees with an empty file, but for what is resolved") {
  Config config;
  CHECK(attn::differing_keys(attn::to_json(config), attn::to_json(config_of("{}"))) ==
        std::vector<std::string>{"model.attention.hidden_size"});
}

TEST_CASE("an option is changed if an empty file would not give its value") {
  CHECK(attn::changed_options(config_of("{}")).empty());
  const std::vector<std::string> changed = {"model.hidden_size", "train.seed", "train.max_updates",
                                            "train.optimizer", "train.schedule"};
  // The size of the attention follows hidden_size, the learning rate the optimizer, the end of the
  // cosine max_updates.
  CHECK(attn::changed_options(config_of(
            R"({"model": {"hidden_size": 64}, "train": {"optimizer": "sgd", "seed": 2,
                "schedule": "cosine", "max_updates": 70, "log_every": 50}})")) == changed);
  CHECK(attn::changed_options(config_of(R"({"train": {"learning_rate": 0.1}})")) ==
        std::vector<std::string>{"train.learning_rate"});
}

TEST_CASE("the resolved config reads back to itself and leaves out what does not apply") {
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

TEST_CASE("the end of the cosine is the budget where none is given") {
  const auto decay = [](const std::string& more) {
    return config_of(R"({"train": {"schedule": "cosine", "max_updates": 70)" + more + "}}")
        .train.decay_updates;
  };
  CHECK(decay("") == 70);
  CHECK(decay(R"(, "decay_updates": 90)") == 90);
}

TEST_CASE("--set goes over the file") {
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

TEST_CASE("an error in --set names --set and the path") {
  CHECK(error_with_sets("{}", {"train.sed=1"}) ==
        "--set: train.sed: there is no such option; did you mean \"train.seed\"?");
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
        "--set: train: line 1: \"seed\" is given twice; keep one of the two");
  CHECK(error_with_sets("{}", {"train.learning_rate=nan"}) ==
        "--set: train.learning_rate: expected a number above 0, got \"nan\"");
}

TEST_CASE("paths are relative to the file, in --set to the current folder, and come out absolute") {
  const Folder folder;
  const auto file = folder.write(
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

  const Json kept = attn::to_json(config);
  CHECK(kept["train"]["run_dir"] == (folder.path() / "runs/one").string());
  CHECK(attn::to_json(attn::config_from_json(kept, "/elsewhere/config.json")) == kept);
}

TEST_CASE("a relative name of the file does not make relative paths") {
  const Config config = config_of(R"({"train": {"run_dir": "r"}})");
  CHECK(config.train.run_dir == fs::current_path() / "r");
}

TEST_CASE("of a trained model's config only what is still free may change") {
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
                            ": has no effect on a trained model here; what can be set is search.…, "
                            "data.test_, as in search.beam_size=10");
  CHECK(error("search.beam=3") ==
        "--set: search.beam: there is no such option; did you mean \"search.beam_size\"?");
  CHECK(error("search.n_best=13") ==
        "--set: search.n_best (13) must not be above search.beam_size (12)");
}

TEST_CASE("rules between options") {
  CHECK(error_in(R"({"model": {"tie_embeddings": true, "embedding_size": 7}})") ==
        "c.json: model.tie_embeddings needs model.decoder.readout_size (256) to equal "
        "model.embedding_size (7)");
  CHECK(error_in(R"({"search": {"n_best": 6}})") ==
        "c.json: search.n_best (6) must not be above search.beam_size (5)");
  CHECK(error_in(R"({"train": {"schedule": "inverse_sqrt"}})") ==
        "c.json: train.warmup must be at least 1 with train.schedule \"inverse_sqrt\"");
  CHECK(error_in(R"({"train": {"schedule": "cosine"}})") ==
        "c.json: train.schedule \"cosine\" needs train.decay_updates or train.max_updates");
  CHECK(error_in(R"({"train": {"schedule": "cosine", "decay_updates": 9, "warmup": 9}})") ==
        "c.json: train.decay_updates (where it is not given, train.max_updates) must be above "
        "train.warmup (9), got 9");
  CHECK(error_in(R"({"data": {"valid_source": "a"}})") ==
        "c.json: data.valid_source and data.valid_target: give both or neither");
  CHECK(error_in(R"({"data": {"test_target": "a"}})") ==
        "c.json: data.test_source and data.test_target: give both or neither");
  CHECK(error_in(R"({"data": {"test_alignment": "a"}})") ==
        "c.json: data.test_alignment needs data.test_source and data.test_target");
  CHECK(error_in(R"({"data": {"source_tokenizer": "a"}})")
            .starts_with(
                "c.json: data.source_tokenizer and data.target_tokenizer: give both or neither"));
  CHECK(config_of(R"({"data": {"source_tokenizer": "/a", "shared_vocabulary": true}})")
            .data.source_tokenizer == "/a");
}

TEST_CASE("kinds of attention that do not go together") {
  const auto attention = [](const std::string& options) {
    return R"({"model": {"hidden_size": 8, "attention": {)" + options + "}}}";
  };
  for (const char* score : {"dot", "scaled_dot", "cosine", "gaussian"}) {
    const std::string name = "\"score\": \"" + std::string(score) + "\"";
    CHECK(error_in(attention(name)) ==
          "c.json: model.attention.score \"" + std::string(score) +
              "\" compares the decoder's state (8 numbers) with a source word (16): give "
              "model.attention.hidden_size, to which both are projected");
    CHECK(config_of(attention(name + R"(, "size": 5)")).model.attention.hidden_size == 5);
    CHECK(config_of(attention(name + R"(, "heads": 2)")).model.attention.hidden_size == 8);
  }
  CHECK(error_in(attention(R"("heads": 3, "size": 8)")) ==
        "c.json: model.attention.hidden_size (8) must be a multiple of model.attention.heads (3)");
  CHECK(error_in(attention(R"("score": "general", "window": "coverage")")) ==
        "c.json: model.attention.window \"coverage\" tells the score of past weights, which "
        "model.attention.score \"general\" has no place for; take \"additive\"");
  CHECK(error_in(attention(R"("score": "location", "window": "monotonic")")) ==
        "c.json: model.attention.score \"location\" looks at the sentence's first words alone; it "
        "goes with model.attention.window \"global\"");
  CHECK(error_in(attention(R"("score": "none", "heads": 2)")).find("does not apply") !=
        std::string::npos);
  CHECK(config_of(attention(R"("score": "general")")).model.attention.hidden_size == 0);
}

TEST_CASE("what would have no effect on attention is refused") {
  const auto attention = [](const std::string& options, const std::string& train = "") {
    return R"({"model": {"attention": {)" + options + R"(}}, "train": {)" + train + "}}";
  };
  for (const char* options :
       {R"("weights": "top_k", "top_k": 1)", R"("weights": "threshold", "threshold": 1)"})
    CHECK(error_in(attention(options)).find("expected") != std::string::npos);
  for (const char* score : {"general", "location"}) {
    const std::string options = R"("score": ")" + std::string(score) + R"(", "size": 64)";
    CHECK(error_in(attention(options)).find("model.attention.hidden_size does not apply") !=
          std::string::npos);
  }
  config_of(attention(R"("score": "general", "size": 64, "heads": 2)"));
  config_of(attention(R"("score": "location", "size": 64, "heads": 2)"));
  CHECK(error_in(
            attention(R"("weights": "hard", "window": "coverage")", R"("coverage_loss_weight": 1)"))
            .find("train.coverage_loss_weight moves weights by their gradient") !=
        std::string::npos);
  CHECK(error_in(R"({"model": {"attention": {"weights": "hard"}, "dropout": {"attention": 0.3}}})")
            .find("model.dropout.attention drops some of many weights") != std::string::npos);
  const auto leaves_no_word_out = [&](const std::string& options) {
    return error_in(attention(R"("weights": "top_k", )" + options)).find("leaves no word out");
  };
  CHECK(leaves_no_word_out(R"("top_k": 9, "window": "monotonic", "window_width": 4)") !=
        std::string::npos);
  CHECK(leaves_no_word_out(R"("top_k": 4, "score": "location", "positions": 3)") !=
        std::string::npos);
  config_of(
      attention(R"("weights": "top_k", "top_k": 8, "window": "predictive", "window_width": 4)"));
  CHECK(error_in(attention(R"("weights": "top_k", "top_k": 101)")) ==
        "c.json: model.attention.top_k (101) leaves no word out: a step sees 101 at most, by "
        "data.max_length; lower it, or take weights \"softmax\"");
  config_of(attention(R"("weights": "top_k", "top_k": 100)"));
  CHECK(
      error_in(attention(R"("window": "monotonic", "window_width": 100)")) ==
      "c.json: model.attention.window_width (100) leaves no word out: a step sees 101 at most, by "
      "data.max_length; lower it, or take window \"global\"");
  config_of(attention(R"("window": "monotonic", "window_width": 99)"));
  config_of(attention(R"("window": "predictive", "window_width": 1000)"));  // fades all the same
  CHECK(error_in(attention(R"("score": "cosine", "size": 4, "heads": 4)"))
            .find("compares directions") != std::string::npos);
  config_of(attention(R"("score": "cosine", "size": 8, "heads": 4)"));
  CHECK(error_in(attention(R"("score": "location", "positions": 1)")).find("expected") !=
        std::string::npos);
  // An encoder that attends has weights of its own to drop.
  config_of(R"({"model": {"encoder": {"type": "self_attention"}, "attention": {"weights": "hard"},
               "dropout": {"attention": 0.3}}})");
}

TEST_CASE("documents: what they need, and what does not go with them") {
  const auto documents = [](const std::string& attention, const std::string& separator = "|||") {
    return R"({"model": {"encoder": {"hierarchical": true}, "attention": {)" + attention +
           R"(}}, "data": {"sentence_separator": ")" + separator + "\"}}";
  };
  CHECK(config_of(documents("")).data.sentence_separator == "|||");
  for (const char* type : {"sparsemax", "entmax15", "top_k", "threshold"})
    config_of(documents(R"("heads": 2, "weights": ")" + std::string(type) + "\""));

  CHECK(error_in(documents("", "")) ==
        "c.json: model.encoder.hierarchical needs data.sentence_separator: the word that stands "
        "between the sentences of a source line, such as \"|||\"");
  for (const char* separator : {"| |", " |", " "})
    CHECK(error_in(documents("", separator)).find("must be one word, without white space") !=
          std::string::npos);
  CHECK(error_in(R"({"data": {"sentence_separator": "|||"}})").find("does not apply") !=
        std::string::npos);
  const auto refuses = [&](const std::string& attention, const std::string& why) {
    const std::string error = error_in(documents(attention));
    CAPTURE(error);
    CHECK(error.find(" does not go with model.encoder.hierarchical: " + why) != std::string::npos);
  };
  refuses(R"("score": "none")", "there is no attention that could have levels");
  refuses(R"("score": "location")", "it knows places in a line, not in a sentence");
  for (const char* window : {"monotonic", "predictive", "coverage"})
    refuses(R"("window": ")" + std::string(window) + "\"", "it goes by the words of a line");
  refuses(R"("weights": "hard")", "a word would be drawn in every sentence");
}

TEST_CASE("encoders with self-attention: what applies, and what does not go together") {
  const auto encoder = [](const std::string& options, const std::string& more = "") {
    return R"({"model": {"hidden_size": 6, "encoder": {)" + options + "}" + more + "}}";
  };
  const std::string attends = R"("type": "self_attention", "heads": 2)";
  const std::string cascaded = R"("type": "recurrent_transformer", "heads": 2)";
  CHECK(config_of(encoder(attends)).model.encoder.positional_encoding == "sinusoidal");
  CHECK(config_of(encoder(cascaded + R"(, "recurrent_layers": 2)", R"(, "residual": true)"))
            .model.encoder.recurrent_layers == 2);
  for (const auto& dropout : {"layer", "attention"})
    config_of(encoder(attends, R"(, "dropout": {")" + std::string(dropout) + "\": 0.1}"));

  const std::vector<std::string> inapplicable = {R"("heads": 2)",
                                                 R"("normalization": "post")",
                                                 R"("positions": "none")",
                                                 R"("recurrent_layers": 2)",
                                                 R"("feed_forward_size": 7)",
                                                 attends + R"(, "recurrent_layers": 2)",
                                                 attends + R"(, "max_positions": 200)",
                                                 attends + R"(, "max_relative_position": 2)",
                                                 cascaded + R"(, "positions": "none")"};
  for (const auto& options : inapplicable)
    CHECK(error_in(encoder(options)).find("does not apply") != std::string::npos);
  CHECK(error_in(encoder(attends + R"(, "layers": 2)", R"(, "residual": true)"))
            .find("does not apply") != std::string::npos);

  CHECK(error_in(encoder(R"("type": "self_attention", "heads": 5)")) ==
        "c.json: 2 · model.hidden_size (12) must be a multiple of model.encoder.heads (5)");
  config_of(encoder(attends + R"(, "positions": "learned", "max_positions": 3)"));
  for (const auto& kind : {attends, cascaded})
    CHECK(error_in(encoder(kind, R"(, "attention": {"score": "none"})"))
              .find("gives the decoder the last forward state of a recurrent encoder, which "
                    "model.encoder.type") != std::string::npos);
}

TEST_CASE("training needs a place, a text and an end") {
  const auto error = [](const std::string& data, const std::string& train) {
    const Config config = config_of(R"({"data": {)" + data + R"(}, "train": {)" + train + "}}");
    return error_of([&] { attn::check_training(config, "c.json"); });
  };
  const std::string text = R"("train_source": "a", "train_target": "b")";
  const std::string valid = text + R"(, "valid_source": "a", "valid_target": "b")";
  CHECK(error(text, R"("max_updates": 1)").starts_with("c.json: train.run_dir is missing"));
  CHECK(error("", R"("run_dir": "r", "max_updates": 1)")
            .starts_with("c.json: data.train_source is missing"));
  CHECK(error(R"("train_source": "a")", R"("run_dir": "r", "max_updates": 1)")
            .starts_with("c.json: data.train_target is missing"));
  CHECK(error(text, R"("run_dir": "r")").starts_with("c.json: training would never end"));
  CHECK(error(text, R"("run_dir": "r", "patience": 1)") ==
        "c.json: train.patience needs data.valid_source and data.valid_target");
  CHECK(error(text, R"("run_dir": "r", "max_epochs": 1, "schedule": "plateau")") ==
        "c.json: train.schedule \"plateau\" needs data.valid_source and data.valid_target");
  CHECK(error(valid, R"("run_dir": "r", "patience": 1, "schedule": "plateau")") == "no error");
  CHECK(error(text, R"("run_dir": "r", "max_seconds": 0.5)") == "no error");
}

TEST_CASE("the descriptions hold every option once, and no other") {
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

TEST_CASE("a description has default, values, condition and text") {
  const std::string text = attn::describe_text(), table = attn::describe_markdown();
  CHECK(text.find("train.rho = 0.95\n    decay of the means of squares\n    only with "
                  "train.optimizer \"adadelta\"\n"
                  "    number of at least 0 and below 1\n") != std::string::npos);
  CHECK(text.find("train.learning_rate = 0.001 (adam), 0.001 (adamw), 1 (adadelta), 0.01 "
                  "(adagrad), 0.1 (sgd)\n") != std::string::npos);
  CHECK(text.find("\n      bpe: byte-pair encoding") != std::string::npos);
  CHECK(table.find("| `train.seed` | 1 | whole number | of everything random |\n") !=
        std::string::npos);
  CHECK(table.find("`char`: characters<br>") != std::string::npos);
  CHECK(table.find("(only with train.optimizer \"sgd\") |") != std::string::npos);
}

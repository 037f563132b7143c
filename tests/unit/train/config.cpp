#include "train/config.h"

#include <filesystem>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "support/config.h"
#include "support/scratch.h"

namespace fs = std::filesystem;
using attn::Config;
using attn::Json;
using attn::test::config_of;
using attn::test::error_in;

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
    "model.decoder.alignment_layer",
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
    "data.byte_fallback",
    "data.user_symbols",
    "data.normalization",
    "data.sentence_separator",
    "data.max_length",
    "data.max_memory_mib",
    "data.read_by",
    "data.bleu_tokenizer",
    "data.source_language",
    "data.target_language",
    "data.license",
    "train.run_dir",
    "train.seed",
    "train.threads",
    "train.shards",
    "train.precision",
    "train.communication",
    "train.process_timeout",
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
    "search.allow_unknown",
    "search.split",
    "search.batch_size",
    "search.precision",
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("an empty config has the default values") {
  const Config config = config_of("{}");
  CHECK(config.model.cell == "gru");
  CHECK(config.model.attention.hidden_size == 256);  // equal to hidden_size
  CHECK(config.train.batch_size == 4096);
  CHECK(config.search.beam_size == 5);
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

TEST_CASE("byte fallback is the default of large vocabularies of subwords, with less coverage") {
  const auto data = [](const std::string& text) {
    return config_of("{\"data\": {" + text + "}}").data;
  };
  CHECK(data("").byte_fallback == true);
  CHECK(data("").character_coverage == 0.9995);
  CHECK(data(R"("target_vocabulary_size": 3999)").byte_fallback == false);
  CHECK(data(R"("target_vocabulary_size": 3999)").character_coverage == 1.0);
  CHECK(data(R"("source_vocabulary_size": 4000, "shared_vocabulary": true)").byte_fallback == true);
  CHECK(data(R"("tokenizer": "word")").byte_fallback == false);
  CHECK(data(R"("byte_fallback": false)").character_coverage == 1.0);
  CHECK(data(R"("byte_fallback": null, "character_coverage": 0.99)").character_coverage == 0.99);
  CHECK(error_in(R"({"data": {"tokenizer": "char", "byte_fallback": true}})")
            .find("does not apply") != std::string::npos);
  CHECK(error_in(R"({"data": {"byte_fallback": 1}})") ==
        "c.json: data.byte_fallback: expected true or false, got 1");
}

TEST_CASE("user symbols are a list of distinct texts without white space") {
  const auto error = [](const std::string& list) {
    return error_in("{\"data\": {\"user_symbols\": " + list + "}}");
  };
  CHECK(config_of(R"({"data": {"user_symbols": ["<b>", "x"]}})").data.user_symbols ==
        std::vector<std::string>{"<b>", "x"});
  CHECK(error("3") == "c.json: data.user_symbols: expected a list of texts, got 3");
  CHECK(error("[1]").find("expected a list of texts") != std::string::npos);
  CHECK(error(R"(["a b"])").find("has white space") != std::string::npos);
  CHECK(error(R"([""])").find("is empty") != std::string::npos);
  CHECK(error(R"(["a", "a"])").find("in the vocabulary already") != std::string::npos);
  CHECK(error(R"(["</s>"])").find("in the vocabulary already") != std::string::npos);
}

TEST_CASE("a default-constructed config equals an empty file except for resolved options") {
  Config config;
  CHECK(attn::differing_keys(attn::to_json(config), attn::to_json(config_of("{}"))) ==
        std::vector<std::string>{"data.byte_fallback", "data.character_coverage",
                                 "model.attention.hidden_size"});
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

TEST_CASE("the default of train.decay_updates is train.max_updates") {
  const auto decay = [](const std::string& more) {
    return config_of(R"({"train": {"schedule": "cosine", "max_updates": 70)" + more + "}}")
        .train.decay_updates;
  };
  CHECK(decay("") == 70);
  CHECK(decay(R"(, "decay_updates": 90)") == 90);
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

TEST_CASE("attention options without effect in training are an error") {
  const auto attention = [](const std::string& options, const std::string& train = "") {
    return R"({"model": {"attention": {)" + options + R"(}}, "train": {)" + train + "}}";
  };
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
  // A Transformer encoder has attention weights of its own to drop.
  CHECK_NOTHROW(config_of(R"({"model": {"encoder": {"type": "transformer"},
      "attention": {"normalizer": "hard"}, "dropout": {"attention": 0.3}}})"));
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

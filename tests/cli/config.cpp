// What a config may say, and what the program says of one that is wrong: where, what, what to do.
#include "train/config.h"

#include "base/file.h"
#include "base/json.h"
#include "toy.h"

namespace {

const std::string kComplete = R"({
  "data": {"train_source": "train.en", "train_target": "train.fr", "tokenizer": "word"},
  "train": {"run_dir": "run", "max_updates": 1)";

// The file's content is refused by check and by train alike.
void refused(const std::string& content, const std::vector<std::string>& parts) {
  const Scratch scratch;
  scratch.file("train.en", "a\n");
  scratch.file("train.fr", "b\n");
  const std::string file = scratch.file("my.json", content).string();
  auto expected = parts;
  expected.push_back(file + ": ");
  for (const char* command : {"check", "train"})
    attn_fails(2, {command, "--config", file}, expected);
  CHECK_FALSE(fs::exists(scratch / "run"));
}

// Options behind those of a train section that is complete.
void refused_in_train(const std::string& options, const std::vector<std::string>& parts) {
  refused(kComplete + ", " + options + "}}", parts);
}

}  // namespace

TEST_CASE("an unknown key is refused with the nearest name") {
  refused_in_train(R"("learning_rat": 1e-3)", {"train.learning_rat: there is no such option",
                                               "did you mean \"train.learning_rate\"?"});
  refused_in_train(R"("beam_size": 3)", {"did you mean \"search.beam_size\"?"});
  refused(R"({"trian": {}})", {"trian: there is no such option", "did you mean \"train\"?"});
  refused(R"({"lerning_rate": 1})", {"did you mean \"train.learning_rate\"?"});
  refused(R"({"model.cell": "gru"})", {"\"model.cell\" has a dot", "one object inside the other"});
}

TEST_CASE("a wrong type or value is refused with what was expected and what came") {
  refused_in_train(R"("learning_rate": "fast")",
                   {"train.learning_rate: expected a number above 0, got \"fast\""});
  refused_in_train(R"("seed": 1.5)", {"train.seed: expected a whole number, got 1.5"});
  refused_in_train(R"("shards": 0)",
                   {"train.shards: expected a whole number from 1 to 256, got 0"});
  refused_in_train(R"("log_every": 5000000000)", {"train.log_every", "got 5000000000"});
  refused_in_train(R"("optimizer": "adaam")", {"train.optimizer: expected one of", "\"adadelta\"",
                                               "got \"adaam\"; did you mean \"adam\"?"});
  refused(R"({"train": []})", {"train: expected an object", "got []"});
  refused(R"([1])", {"expected an object", "got [1]"});
}

TEST_CASE("a key given twice, and what is no JSON, is refused with its line") {
  refused("{\n \"train\": {\n  \"seed\": 1,\n  \"seed\": 2}}",
          {"line 4: \"train.seed\" is given twice", "keep one"});
  refused("{\n \"train\": {},\n}", {"line 3", "not valid JSON"});
  refused("", {"not valid JSON"});
}

TEST_CASE("a key that does not apply is refused with where it belongs") {
  refused_in_train(R"("optimizer": "sgd", "beta1": 0.5)",
                   {"train.beta1 does not apply to train.optimizer \"sgd\"",
                    "belongs to train.optimizer \"adam\" or \"adamw\""});
  refused_in_train(R"("decay_updates": 5)", {"train.decay_updates", "train.schedule \"cosine\""});
  refused(R"({"model": {"attention": {"score": "none", "size": 5}}})",
          {"model.attention.hidden_size does not apply to model.attention.score \"none\""});
}

TEST_CASE("options that contradict each other are refused with what would mend it") {
  refused(R"({"data": {"train_source": "train.en", "train_target": "train.fr"},
              "train": {"run_dir": "run"}})",
          {"training would never end", "train.max_updates"});
  refused(R"({"data": {"train_source": "train.en", "train_target": "train.fr"},
              "train": {"max_updates": 1}})",
          {"train.run_dir is missing"});
  refused(R"({"train": {"run_dir": "run", "max_updates": 1}})", {"data.train_source is missing"});
  refused(R"({"data": {"valid_source": "a"}})",
          {"data.valid_source and data.valid_target", "both or neither"});
  refused_in_train(R"("patience": 3)", {"train.patience needs data.valid_source"});
  refused_in_train(R"("schedule": "inverse_sqrt")", {"train.warmup must be at least 1"});
  refused(R"({"search": {"n_best": 6}})",
          {"search.n_best (6) must not be above search.beam_size (5)"});
  refused(R"({"model": {"tie_embeddings": true, "embedding_size": 3}})",
          {"model.tie_embeddings needs model.decoder.readout_size (256)", "(3)"});
}

TEST_CASE("a file that is not there is named with its option") {
  refused(R"({"data": {"train_source": "nowhere.en", "train_target": "train.fr"},
              "train": {"run_dir": "run", "max_updates": 1}})",
          {"data.train_source: there is no file", "/nowhere.en", "relative"});
  attn_fails(2, {"train", "--config", "nowhere.json"}, {"nowhere.json: cannot open", "No such"});
  const Scratch scratch;
  const auto& toy = Toy::instance();
  attn_fails(2, toy.train(toy.config()), {"train.run_dir: ", "is a file", "name a directory"});
  attn_fails(2, toy.train(toy.config() + "/run"),
             {"train.run_dir: ", "cannot be written or made", "name another"});
}

TEST_CASE("--set lays values over the file, with paths from the current folder") {
  const auto& toy = Toy::instance();
  const auto check = [&](const std::string& set) {
    return Arguments{"check", "--config", toy.config(), "--set", set};
  };
  attn_fails(2, check("train.learning_rat=1"),
             {"--set: train.learning_rat: there is no such option", "train.learning_rate"});
  attn_fails(2, check("train.seed"), {"--set: \"train.seed\": expected path=value"});
  attn_fails(2, check("train.shards=0"), {"--set: train.shards: expected a whole number"});
  attn_fails(2, check("data.train_source=train.en"),
             {"data.train_source: there is no file " + (fs::current_path() / "train.en").string()});
  attn_fails(2, check("train.max_updates=null"), {"training would never end"});
}

TEST_CASE("check tells sizes, and warns of threads without a shard and of a run") {
  const auto& toy = Toy::instance();
  const auto result = attn_ok({"check", "--config", toy.config(), "--set", "train.threads=3"});
  // Vocabularies of 100, embeddings of 16: 1600 numbers on either side, and so on.
  const long embeddings = 2 * 100 * 16, encoder = 2 * (96 * 16 + 96 * 32 + 2 * 96);
  const long attention = 32 * 32 + 32 * 64 + 32, readout = 32 * (32 + 16 + 64) + 32;
  const long start = 32 * 32 + 32, decoder = 96 * (16 + 32 + 64) + 2 * 96, output = 100 * 16 + 100;
  const long all = embeddings + encoder + attention + readout + start + decoder + output;
  for (const std::string& part :
       {std::string("200 lines in"), toy.path("test.fr"), toy.path("test.align"),
        std::string("at most 100 source and 100 target pieces"),
        "parameters   " + std::to_string(all), std::string("MiB"),
        std::string("3 threads, but train.shards is 2"),
        toy.path("run") + " already holds a run: train with --resume or --overwrite",
        std::string("all is well")}) {
    CAPTURE(part);
    CHECK_MESSAGE(result.out.find(part) != std::string::npos, result.out);
  }
}

TEST_CASE("check reads every line of every text, and the gold links") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto refuses = [&](const std::string& key, const std::string& content,
                           const std::vector<std::string>& parts) {
    const std::string file = scratch.file("file", content).string();
    attn_fails(2, {"check", "--config", toy.config(), "--set", "data." + key + "=" + file}, parts);
  };
  refuses("train_source", "", {"file: empty"});
  refuses("train_source", "one\n", {"file has 1 lines", "train.fr 200", "same line"});
  refuses("valid_target", "un\nd\xe9j\xe0\n", {"file:2: not valid UTF-8", "iconv"});
  refuses("test_alignment", "0-0\n", {"file has 1 lines", "12"});
  refuses("test_alignment", "0-7\n" + toy_links(1, kToyTest - 1),
          {"file:1: link 0-7 points past the sentence (1 and 1 words, counted from 0)"});
  refuses("test_alignment", "0:0\n" + toy_links(1, kToyTest - 1), {"file:1: \"0:0\" is no link"});
}

TEST_CASE("--describe explains every option") {
  const auto text = attn_ok({"train", "--describe"}).out;
  const auto table = attn_ok({"train", "--describe", "--markdown"}).out;
  attn::Config config;
  for (const auto& option : attn::options(config)) {
    CAPTURE(option.path);
    CHECK(("\n" + text).find("\n" + option.path + " = ") != std::string::npos);
    CHECK(table.find("\n| `" + option.path + "` | ") != std::string::npos);
  }
  attn_fails(1, {"train", "--markdown"}, {"--describe"});
}

TEST_CASE("wrong usage leaves with 1 and what would be right") {
  attn_fails(1, {}, {"Usage: attn", "translate"});
  attn_fails(1, {"trian"}, {"trian", "did you mean train?", "attn --help"});
  attn_fails(1, {"train", "--ressume"},
             {"--ressume", "did you mean --resume?", "attn train --help"});
  attn_fails(1, {"train"}, {"--config is required"});
  attn_fails(1, {"check"}, {"--config is required"});
  attn_fails(1, {"train", "--config", "x", "--resume", "--overwrite"}, {"--resume", "--overwrite"});
  attn_fails(1, {"translate"}, {"--model", "--config"});
  attn_fails(1, {"translate", "--model", "a", "--config", "b"}, {"either --model DIR", "--config"});
  attn_fails(1, {"translate", "--model", "a", "--threads", "-1"}, {"--threads"});
  CHECK(attn_ok({"--version"}).out.starts_with("attn "));
  for (const char* command : {"train", "eval", "translate", "check", "bench"}) {
    const std::string help = attn_ok({command, "--help"}).out;
    CHECK(help.find("Usage: attn " + std::string(command)) != std::string::npos);
  }
}

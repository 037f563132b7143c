// Error messages for invalid configurations: where the problem is, what it is, and what to do.
#include "train/config.h"

#include "base/file.h"
#include "base/json.h"
#include "toy.h"

namespace {

const std::string kComplete = R"({
  "data": {"train_source": "train.en", "train_target": "train.fr", "tokenizer": "word"},
  "train": {"run_dir": "run", "max_updates": 1)";

// Requires that check and train reject a configuration with all of `parts` in the message.
void refused(const std::string& content, const std::vector<std::string>& parts) {
  const Scratch scratch;
  scratch.file("train.en", "a\n");
  scratch.file("train.fr", "b\n");
  const std::string file = scratch.file("my.json", content).string();
  auto expected = parts;
  expected.push_back(file + ": ");
  for (const char* command : {"check", "train"})
    attn_fails(1, {command, "--config", file}, expected);
  CHECK_FALSE(fs::exists(scratch / "run"));
}

// The same for options that are appended to a complete train section.
void refused_in_train(const std::string& options, const std::vector<std::string>& parts) {
  refused(kComplete + ", " + options + "}}", parts);
}

using FormerOption = std::pair<std::string, std::string>;

}  // namespace

TEST_CASE("an unknown key is an error that suggests the nearest name") {
  refused_in_train(R"("learning_rat": 1e-3)",
                   {"train.learning_rat: unknown option", "did you mean \"train.learning_rate\"?"});
  refused_in_train(R"("beam_size": 3)", {"did you mean \"search.beam_size\"?"});
  refused(R"({"trian": {}})", {"trian: unknown option", "did you mean \"train\"?"});
  refused(R"({"lerning_rate": 1})", {"did you mean \"train.learning_rate\"?"});
  refused(R"({"model.cell": "gru"})", {"\"model.cell\" contains a dot", "nested objects"});
}

TEST_CASE("a wrong type or value is an error that states the expected and the actual value") {
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

TEST_CASE("a duplicate key and invalid JSON are errors with a line number") {
  refused("{\n \"train\": {\n  \"seed\": 1,\n  \"seed\": 2}}",
          {"line 4: \"train.seed\" is given twice", "remove one"});
  refused("{\n \"train\": {},\n}", {"line 3", "not valid JSON"});
  refused("", {"not valid JSON"});
}

TEST_CASE("a key that does not apply is an error that names its condition") {
  refused_in_train(R"("optimizer": "sgd", "beta1": 0.5)",
                   {"train.beta1 does not apply to train.optimizer \"sgd\"",
                    "requires train.optimizer \"adam\" or \"adamw\""});
  refused_in_train(R"("decay_updates": 5)", {"train.decay_updates", "train.schedule \"cosine\""});
  refused(R"({"model": {"attention": {"score": "none", "hidden_size": 5}}})",
          {"model.attention.hidden_size does not apply to model.attention.score \"none\""});
}

TEST_CASE("options that contradict each other are an error that says what to change") {
  refused(R"({"data": {"train_source": "train.en", "train_target": "train.fr"},
              "train": {"run_dir": "run"}})",
          {"training would never end", "train.max_updates"});
  refused(R"({"data": {"train_source": "train.en", "train_target": "train.fr"},
              "train": {"max_updates": 1}})",
          {"train.run_dir is required"});
  refused(R"({"train": {"run_dir": "run", "max_updates": 1}})", {"data.train_source is required"});
  refused(R"({"data": {"valid_source": "a"}})",
          {"data.valid_source and data.valid_target", "both or neither"});
  refused_in_train(R"("patience": 3)", {"train.patience requires data.valid_source"});
  refused_in_train(R"("schedule": "inverse_sqrt")", {"requires train.warmup of at least 1"});
  refused(R"({"search": {"n_best": 6}})",
          {"search.n_best (6) must not be above search.beam_size (5)"});
  refused(R"({"model": {"tie_embeddings": "decoder", "embedding_size": 3}})",
          {"model.tie_embeddings \"decoder\" requires model.decoder.readout_size (256)", "(3)"});
}

TEST_CASE("a missing file is an error with its option and path") {
  refused(R"({"data": {"train_source": "nowhere.en", "train_target": "train.fr"},
              "train": {"run_dir": "run", "max_updates": 1}})",
          {"data.train_source: no such file", "/nowhere.en", "relative"});
  attn_fails(1, {"train", "--config", "nowhere.json"}, {"nowhere.json: cannot open", "No such"});
  const Scratch scratch;
  const auto& toy = Toy::instance();
  attn_fails(1, toy.train(toy.config()), {"train.run_dir: ", "is a file", "choose a directory"});
  attn_fails(1, toy.train(toy.config() + "/run"),
             {"train.run_dir: ", "cannot write to", "choose another directory"});
}

TEST_CASE("--set overrides values, with paths relative to the current directory") {
  const auto& toy = Toy::instance();
  const auto check = [&](const std::string& set) {
    return Arguments{"check", "--config", toy.config(), "--set", set};
  };
  attn_fails(1, check("train.learning_rat=1"),
             {"--set: train.learning_rat: unknown option", "train.learning_rate"});
  attn_fails(1, check("train.shards=0"), {"--set: train.shards: expected a whole number"});
  attn_fails(1, check("data.train_source=train.en"),
             {"data.train_source: no such file: " + (fs::current_path() / "train.en").string()});
  attn_fails(1, check("train.max_updates=null"), {"training would never end"});
}

TEST_CASE("check prints sizes and warns about idle threads and an existing run") {
  const auto& toy = Toy::instance();
  const auto result = attn_ok({"check", "--config", toy.config(), "--set", "train.threads=3"});
  // The vocabularies have at most 100 words, the embeddings 16 dimensions.
  const long embeddings = 2 * 100 * 16, encoder = 2 * (96 * 16 + 96 * 32 + 2 * 96);
  const long attention = 32 * 32 + 32 * 64 + 32, readout = 32 * (32 + 16 + 64) + 32;
  const long start = 32 * 32 + 32, decoder = 96 * (16 + 32 + 64) + 2 * 96, output = 100 * 16 + 100;
  const long all = embeddings + encoder + attention + readout + start + decoder + output;
  for (const std::string& part :
       {std::string("200 lines in"), toy.path("test.fr"), toy.path("test.align"),
        std::string("at most 100 source and 100 target subwords"),
        "parameters   " + std::to_string(all), std::string("MiB"),
        std::string("3 threads, but train.shards is 2"),
        toy.path("run") + " already holds a run; train with --resume or --overwrite",
        std::string("no errors found")}) {
    CAPTURE(part);
    CHECK_MESSAGE(result.out.find(part) != std::string::npos, result.out);
  }
}

TEST_CASE("check reads every line of every text and of the gold alignments") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto refuses = [&](const std::string& key, const std::string& content,
                           const std::vector<std::string>& parts) {
    const std::string file = scratch.file("file", content).string();
    attn_fails(1, {"check", "--config", toy.config(), "--set", "data." + key + "=" + file}, parts);
  };
  refuses("train_source", "", {"file: the file is empty"});
  refuses("train_source", "one\n", {"file has 1 lines", "train.fr has 200", "same line"});
  refuses("valid_target", "un\nd\xe9j\xe0\n", {"file:2: not valid UTF-8", "iconv"});
  refuses("test_alignment", "0-0\n", {"file has 1 lines", "12"});
  refuses("test_alignment", "0-7\n" + toy_links(1, kToyTest - 1),
          {"file:1: link 0-7 is out of range for a source of 1 and a target of 1 words, counted "
           "from 0"});
  refuses("test_alignment", "0:0\n" + toy_links(1, kToyTest - 1),
          {"file:1: \"0:0\" is not an alignment link"});
}

TEST_CASE("train --describe lists every option") {
  const auto text = attn_ok({"train", "--describe"}).out;
  const auto table = attn_ok({"train", "--describe", "--markdown"}).out;
  attn::Config config;
  for (const auto& option : attn::options(config)) {
    CAPTURE(option.path);
    CHECK(("\n" + text).find("\n" + option.path + " = ") != std::string::npos);
    CHECK(table.find("\n| `" + option.path + "` | ") != std::string::npos);
  }
  attn_fails(2, {"train", "--markdown"}, {"--describe"});
}

TEST_CASE("wrong usage exits with code 2 and a suggestion") {
  attn_fails(2, {}, {"Usage: attn", "translate"});
  attn_fails(2, {"trian"}, {"error: unknown command trian; did you mean train? (see attn --help)"});
  attn_fails(2, {"train", "--ressume"},
             {"unknown option --ressume; did you mean --resume?", "attn train --help"});
  attn_fails(2, {"train", "--confg", "x"}, {"unknown option --confg; did you mean --config?"});
  attn_fails(2, {"check", "--json"}, {"unknown option --json (see attn check --help)"});
  attn_fails(2, {"train", "x"}, {"unexpected argument x (see attn train --help)"});
  attn_fails(2, {"--config", "x", "train"}, {"--config is an option of attn train"});
  for (const char* command : {"train", "check"})
    attn_fails(2, {command}, {"error: --config is required; give --config FILE (see attn "});
  attn_fails(2, {"completion"}, {"shell is required; give bash or zsh"});
  attn_fails(2, {"train", "--config", "x", "--resume", "--overwrite"},
             {"--resume and --overwrite cannot be combined"});
  attn_fails(2, {"translate"}, {"--model", "--config"});
  attn_fails(2, {"translate", "--model", "a", "--config", "b"}, {"either --model DIR", "--config"});
  attn_fails(2, {"train", "--markdown"}, {"--markdown has no effect without --describe"});
  CHECK(attn_ok({"--version"}).out.starts_with("attn "));
  for (const char* command : {"train", "eval", "translate", "check", "bench"}) {
    const std::string help = attn_ok({command, "--help"}).out;
    CHECK(help.find("Usage: attn " + std::string(command)) != std::string::npos);
  }
}

TEST_CASE("a wrong value of an option exits with code 2 before any file is read") {
  const auto fails = [](const Arguments& given, const std::string& message) {
    attn_fails(2, Arguments{"eval", "--model", "nowhere"} + given, {"error: " + message});
  };
  for (const char* threads : {"-1", "257", "2.5", "two", "1e1"})
    fails({"--threads", threads},
          std::string("--threads: must be a whole number from 0 to 256, ") + "got " + threads);
  fails({"--heatmap-font-size", "3"}, "--heatmap-font-size: must be a number from 4 to 72, got 3");
  fails({"--heatmap-tokens", "letters"},
        "--heatmap-tokens: must be one of auto, words or subwords, got letters");
  fails({"--index-base", "2"}, "--index-base: must be 0 or 1, got 2");
  fails({"--by-length", "5,3"}, "--by-length: must be increasing lengths from 1");
  fails({"--heatmap", "x.pdf"}, "--heatmap: must end in ");
  fails({"--output", "x.gz"}, "--output: must not end in .gz, because the output is plain text");
  for (const char* setting : {"train.seed", "=1"})
    fails({"--set", setting},
          std::string("--set: must have the form KEY=VALUE, as in train.learning_rate=5e-4, got ") +
              setting);
}

TEST_CASE("an option that is repeated, has no value or is a flag with a value exits with code 2") {
  attn_fails(2, {"check", "--config"}, {"error: --config requires a value; give --config FILE"});
  attn_fails(2, {"check", "--config", "a", "--config", "b"},
             {"error: --config is given 2 times; give it once"});
  attn_fails(2, {"eval", "--json=yes"}, {"error: --json takes no value; write --json alone"});
}

TEST_CASE("a former name of a command-line option is an error that names the new one") {
  for (const auto& [former, now] : {FormerOption{"--combine", "--symmetrize"},
                                    FormerOption{"--heatmap-units", "--heatmap-tokens"}})
    attn_fails(2, {"align", former, "words"},
               {"error: unknown option " + former + "; it is now called " + now});
}

// attn train: the run directory, the report, resuming, interruption, and errors.
#include <cmath>
#include <csignal>
#include <regex>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/json.h"
#include "base/safetensors.h"
#include "math/gemm/precision.h"
#include "support/json.h"
#include "support/page_data.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

std::vector<Json> metrics(const fs::path& run) {
  std::vector<Json> events;
  for (const auto& line : lines_of(read_file(run / "metrics.jsonl")))
    events.push_back(Json::parse(line));
  return events;
}

// Returns an event without the fields that depend on the clock.
std::string event_without_time(Json event) {
  event.erase("seconds");
  event.erase("target_tokens_per_second");
  return event.dump();
}

Json report(const fs::path& run) {
  return page_data(read_file(run / "report.html"));
}

// Returns a report without the fields that depend on the clock, the name of the run or its budgets.
std::string report_without_time(Json report) {
  for (const char* own : {"title", "config", "changed", "tokens_per_second"}) report.erase(own);
  for (const char* series : {"training", "validation", "end"}) report[series].erase("seconds");
  report["training"].erase("tokens_per_second");
  return report.dump();
}

void check_same_run(const fs::path& a, const fs::path& b) {
  for (const char* file : {"last/model.safetensors", "best/model.safetensors"})
    CHECK(read_file(a / file) == read_file(b / file));
  const auto events_a = metrics(a), events_b = metrics(b);
  REQUIRE(events_a.size() == events_b.size());
  for (std::size_t i = 0; i < events_a.size(); ++i)
    CHECK(event_without_time(events_a[i]) == event_without_time(events_b[i]));
  CHECK(read_file(a / "samples.jsonl") == read_file(b / "samples.jsonl"));
  CHECK(report_without_time(report(a)) == report_without_time(report(b)));
}

int last_update(const fs::path& run) {
  return Json::parse(read_file(run / "last" / "card.json")).at("updates");
}

template <class Condition>
bool comes_true(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

bool has_metrics(const fs::path& run) {
  std::error_code none;
  return fs::exists(run / "metrics.jsonl", none) && fs::file_size(run / "metrics.jsonl", none) > 0;
}

Arguments updates(int count) {
  return {"--set", "train.max_updates=" + std::to_string(count)};
}

void check_no_temporaries(const fs::path& run) {
  for (const auto& entry : fs::directory_iterator(run))
    CHECK_MESSAGE(entry.path().filename().string().find(".tmp") == std::string::npos,
                  entry.path().string());
}

}  // namespace

TEST_CASE("a run directory has a configuration, two models, a training state, a log and metrics") {
  const auto& toy = Toy::instance();
  const fs::path run = toy.path("run");
  for (const char* model : {"best", "last"}) {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(run / model)) {
      CHECK(fs::is_regular_file(fs::symlink_status(entry)));
      files.insert(entry.path().filename());
    }
    CHECK(files == std::set<std::string>{"model.safetensors", "config.json", "card.json",
                                         "source.spm", "target.spm"});
    CHECK(read_file(run / model / "config.json").find('/') == std::string::npos);  // no path
  }
  CHECK(fs::is_regular_file(run / "resume.safetensors"));
  CHECK(last_update(run) == kToyUpdates);
  const Json config = Json::parse(read_file(run / "config.json"));
  CHECK(config["data"]["train_source"] == toy.path("train.en"));
  CHECK(config["data"]["test_alignment"] == toy.path("test.align"));
  CHECK(config["train"]["run_dir"] == run.string());
  CHECK(config["train"]["optimizer"] == "adam");  // a default
  CHECK(config["model"]["attention"]["hidden_size"] == 32);
  CHECK(read_file(run / "train.log").find("train.max_updates reached after update 200") !=
        std::string::npos);
}

TEST_CASE("metrics.jsonl has the documented fields and counts every target token") {
  const auto& toy = Toy::instance();
  const auto events = metrics(toy.path("run"));
  const std::set<std::string> always = {"event", "update", "epoch", "seconds"};
  std::map<std::string, std::set<std::string>> fields = {
      {"train",
       {"loss", "target_tokens", "target_tokens_per_second", "learning_rate", "gradient_norm"}},
      {"valid", {"bleu", "cross_entropy", "perplexity"}},
      {"end", {"reason"}}};
  for (auto& [event, names] : fields) names.insert(always.begin(), always.end());
  std::map<std::string, int> seen;
  long tokens = 0;
  for (const auto& event : events) {
    const auto name = event["event"].get<std::string>();
    CHECK(keys(event) == fields[name]);
    ++seen[name];
    if (name == "train") tokens += event["target_tokens"].get<long>();
  }
  CHECK(seen == std::map<std::string, int>{{"train", 10}, {"valid", 2}, {"end", 1}});
  CHECK(events.back()["event"] == "end");
  CHECK(events.back()["update"] == kToyUpdates);

  const std::string text = toy_target(0, kToyTrain);  // a word ends with a space or newline
  const long epoch = std::count_if(text.begin(), text.end(), [](char c) { return c <= ' '; }) +
                     kToyTrain;  // with the ends of sentence
  CHECK(tokens == epoch * kToyUpdates * kToyBatch / kToyTrain);
  CHECK(events.back()["epoch"] == kToyUpdates * kToyBatch / kToyTrain);
}

TEST_CASE("the report has the curves of metrics.jsonl with six digits") {
  const fs::path run = Toy::instance().path("run");
  const Json page = report(run);
  const std::map<std::string, std::vector<std::string>> curves = {
      {"train",
       {"update", "epoch", "seconds", "loss", "learning_rate", "gradient_norm",
        "target_tokens_per_second"}},
      {"valid", {"update", "epoch", "seconds", "bleu", "cross_entropy"}}};
  std::map<std::string, std::size_t> seen;
  for (const Json& event : metrics(run)) {
    const auto name = event["event"].get<std::string>();
    if (name == "end") continue;
    const Json& series = page[name == "train" ? "training" : "validation"];
    for (const std::string& field : curves.at(name)) {
      CAPTURE(field);
      const double shown =
          series.at(field.starts_with("target_") ? field.substr(7) : field).at(seen[name]);
      CHECK(shown == doctest::Approx(event[field].get<double>()).epsilon(1e-5));
    }
    ++seen[name];
  }
  CHECK(page["training"]["loss"].size() == seen["train"]);
  CHECK(page["validation"]["bleu"].size() == seen["valid"]);
  CHECK(page["end"]["reason"] == "max_updates");
  CHECK(page["config"] == Json::parse(read_file(run / "config.json")));
  CHECK(page["title"] == "run");
}

TEST_CASE("the samples of the report are the translations of the validated models") {
  const auto& toy = Toy::instance();
  const Json samples = report(toy.path("run"))["samples"];
  REQUIRE(samples.size() == 2);
  CHECK(samples[0]["update"] == 100);
  CHECK(samples[1]["update"] == kToyUpdates);
  const auto sources = lines_of(toy_source(kToyTrain, kToyTest)),
             references = lines_of(toy_target(kToyTrain, kToyTest));
  const auto translations = lines_of(attn_ok({"translate", "--model", toy.path("run/last"), "--set",
                                              "search.beam_size=1", "--input", toy.path("test.en")})
                                         .out);
  std::vector<std::size_t> lines;
  for (const Json& sentence : samples[1]["sentences"]) {
    const std::size_t line = lines.emplace_back(sentence["line"]);
    const Json &source = sentence["source"], &target = sentence["target"];
    const auto text = [](const Json& side) {
      std::string out;
      for (const Json& word : side["words"])
        out += (out.empty() ? "" : " ") + word.get<std::string>();
      return out;
    };
    CHECK(text(source) == sources[line]);
    CHECK(sentence["reference"] == references[line]);
    CHECK(text(target) == translations[line]);
    const std::size_t columns = source["subwords"].size(), rows = target["subwords"].size();
    REQUIRE(target["matrices"].size() == 1);
    const auto weights = weights_of(target["matrices"][0]);
    REQUIRE(weights.size() == rows * columns);
    for (std::size_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (std::size_t i = 0; i < columns; ++i) sum += weights[row * columns + i];
      const double max_rounding_error = (static_cast<double>(columns) / 2 + 1) / 8099;
      CHECK(std::abs(sum - 1) <= max_rounding_error);
    }
  }
  CHECK(lines == std::vector<std::size_t>{0, 2, 4, 7, 9, 11});  // evenly spaced
}

TEST_CASE("the report of a run without attention or validation text has no data for it") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_ok(
      toy.train(scratch / "fixed", updates(2) + Arguments{"--set", "model.attention.score=none"}));
  const Json fixed = report(scratch / "fixed")["samples"];
  REQUIRE(fixed.size() == 1);
  for (const Json& sentence : fixed[0]["sentences"]) {
    CHECK_FALSE(sentence["target"].contains("matrices"));
    CHECK(sentence["target"]["subwords"].size() == sentence["target"]["word_indices"].size());
  }
  attn_ok(toy.train(scratch / "blind", updates(2) + Arguments{"--set", "data.valid_source=null",
                                                              "--set", "data.valid_target=null",
                                                              "--set", "train.log_every=1"}));
  const Json blind = report(scratch / "blind");
  CHECK(blind["samples"].empty());
  CHECK(blind["validation"]["bleu"].empty());
  CHECK(blind["training"]["loss"].size() == 2);
  CHECK_FALSE(fs::exists(scratch / "blind" / "samples.jsonl"));
}

TEST_CASE("a truncated line of samples.jsonl does not prevent resuming") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const Arguments often = {"--set", "train.valid_every=2"};
  attn_ok(toy.train(scratch / "run", often + updates(4)));
  attn_ok(toy.train(scratch / "whole", often + updates(6)));
  const std::string samples = read_file(scratch / "run" / "samples.jsonl");
  scratch.file("run/samples.jsonl", samples + samples.substr(0, 300));
  attn_ok(toy.train(scratch / "run", often + updates(6) + Arguments{"--resume"}));
  check_same_run(scratch / "run", scratch / "whole");
}

TEST_CASE("a run of an earlier version keeps its samples and continues with all matrices") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const Arguments often = {"--set", "train.valid_every=2",
                           "--set", "model.attention.heads=2",
                           "--set", "model.encoder.type=transformer"};
  const fs::path run = scratch / "run";
  attn_ok(toy.train(run, often + updates(4)));
  std::string old;
  for (const std::string& line : lines_of(read_file(run / "samples.jsonl"))) {
    Json samples = Json::parse(line);
    for (Json& sentence : samples["sentences"]) {
      Json& target = sentence["target"];
      CHECK(target["matrices"].size() == 3);             // the mean and two heads
      CHECK(sentence["source"]["matrices"].size() > 1);  // of the encoder
      for (const double weight : weights_of(target["matrices"][0]))
        target["weights"].push_back(std::lround(1000 * weight));
      target.erase("matrices");
      sentence["source"].erase("matrices");
      for (Json* side : {&sentence["source"], &target}) {
        (*side)["pieces"] = (*side)["subwords"], (*side)["of"] = (*side)["word_indices"];
        side->erase("subwords"), side->erase("word_indices");
      }
    }
    old += samples.dump() + "\n";
  }
  scratch.file("run/samples.jsonl", old);
  attn_ok(toy.train(run, often + updates(6) + Arguments{"--resume"}));
  const Json samples = report(run)["samples"];
  REQUIRE(samples.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    for (const Json& sentence : samples[i]["sentences"]) {
      const Json& target = sentence["target"];
      CHECK(target["matrices"].size() == (i < 2 ? 1 : 3));
      CHECK(sentence["source"].contains("matrices") == (i == 2));
      CHECK(weights_of(target["matrices"][0]).size() ==
            target["subwords"].size() * sentence["source"]["subwords"].size());
    }
}

TEST_CASE("train logs its progress in plain lines on standard error and prints nothing else") {
  const Scratch scratch;
  const auto result = attn_ok(Toy::instance().train(scratch / "run", updates(20)));
  CHECK(result.out.empty());
  CHECK(result.err.find_first_of("\r\033") == std::string::npos);
  for (const char* part : {"200 training pairs", "update 20", "loss", "tokens/s", "BLEU",
                           "train.max_updates reached", "run/best", "run/last"})
    CHECK_MESSAGE(result.err.find(part) != std::string::npos, part << " in\n" << result.err);
}

TEST_CASE("train warns about more threads than shards") {
  const Scratch scratch;
  const auto result = attn_ok(
      Toy::instance().train(scratch / "run", updates(1) + Arguments{"--set", "train.threads=3"}));
  CHECK(result.err.find("3 threads, but train.shards is 2") != std::string::npos);
}

TEST_CASE("a directory that holds a run needs --resume or --overwrite") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  attn_ok(toy.train(run, updates(3)));
  attn_fails(1, toy.train(run, updates(3)),
             {run.string() + ": already holds a run", "--resume", "--overwrite"});
  scratch.file("run/notes.txt", "mine");
  attn_ok(toy.train(run, updates(2) + Arguments{"--overwrite"}));
  CHECK(last_update(run) == 2);
  CHECK(read_file(run / "notes.txt") == "mine");
}

TEST_CASE("train --overwrite keeps files that do not belong to a run") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  for (const char* directory : {"run/update-notes", "run/update-7", "other"})
    fs::create_directories(scratch / directory);
  scratch.file("run/update-notes/a", "a");
  scratch.file("run/update-7/b", "b");  // the name of a checkpoint, but without a model
  scratch.file("run/update-script.sh", "c");
  attn_ok(toy.train(run, updates(2)));
  attn_ok(toy.train(run, updates(3) + Arguments{"--overwrite"}));
  CHECK(read_file(run / "update-notes/a") == "a");
  CHECK(read_file(run / "update-7/b") == "b");
  CHECK(read_file(run / "update-script.sh") == "c");

  const fs::path other = scratch / "other";
  scratch.file("other/train.log", "mine");
  attn_fails(1, toy.train(other, updates(2)), {other.string() + ": already holds", "--overwrite"});
  CHECK(read_file(other / "train.log") == "mine");
  scratch.file("other/best", "mine");
  attn_fails(1, toy.train(other, updates(2) + Arguments{"--overwrite"}),
             {(other / "best").string() + ": not a model directory"});
  CHECK(read_file(other / "best") == "mine");
  CHECK(read_file(other / "train.log") == "mine");
}

TEST_CASE("train without --overwrite deletes no model, whenever it appears") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run", slow = scratch / "slow";
  fs::create_directory(run);
  fs::copy(toy.best(), run / "best");
  attn_fails(1, toy.train(run, updates(2)), {run.string() + ": already holds a run"});
  check_translates(run / "best");
  // Another process finishes a training while this one reads its text.
  const std::string source = scratch.file("big.en", toy_source(0, 400000)).string();
  const std::string target = scratch.file("big.fr", toy_target(0, 400000)).string();
  Running program(toy.train(slow, updates(2) + Arguments{"--set", "data.train_source=" + source,
                                                         "--set", "data.train_target=" + target}));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  fs::create_directory(slow);
  fs::copy(toy.best(), slow / "best");
  const Result result = program.wait();
  CHECK(result.code == 1);
  CHECK(result.err.find("already holds a run") != std::string::npos);
  check_translates(slow / "best");
}

TEST_CASE("train removes what a killed process has left of its checkpoints") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  attn_ok(toy.train(run, updates(2)));
  for (const char* wreck : {".best-7", ".last-3", ".removed.tmp-best", "..best-9.tmp-1-2"}) {
    fs::create_directory(run / wreck);
    scratch.file("run/" + std::string(wreck) + "/config.json", "{");
  }
  attn_ok(toy.train(run, updates(4) + Arguments{"--resume"}));
  CHECK(last_update(run) == 4);
  for (const auto& entry : fs::directory_iterator(run))
    CHECK_FALSE(entry.path().filename().string().starts_with("."));
}

TEST_CASE("two processes cannot train in one directory") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  Running program(toy.train(run, {"--set", "train.max_updates=0", "--set", "train.max_seconds=60",
                                  "--set", "train.log_every=1"}));
  REQUIRE(comes_true([&] { return has_metrics(run); }));
  attn_fails(1, toy.train(run, updates(2) + Arguments{"--overwrite"}),
             {run.string() + ": another process is training in this directory"});
  program.signal(SIGINT);
  CHECK(program.wait().code == 128 + SIGINT);
  check_translates(run / "last");
}

TEST_CASE("a resumed run equals an uninterrupted one bit by bit") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  attn_ok(toy.train(run, updates(130)));
  attn_ok(toy.train(run, updates(kToyUpdates) + Arguments{"--resume", "--set", "train.threads=1"}));
  check_same_run(run, toy.path("run"));

  const Arguments average = {"--set", "train.ema_decay=0.9", "--set", "model.dropout.output=0.2"};
  const fs::path whole = scratch / "whole", parts = scratch / "parts";
  attn_ok(toy.train(whole, updates(40) + average));
  attn_ok(toy.train(parts, updates(25) + average));
  attn_ok(toy.train(parts, updates(40) + average + Arguments{"--resume"}));
  check_same_run(parts, whole);
}

TEST_CASE("a run resumes only with the same options and texts") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run";
  const auto resume = [&](const Arguments& more) {
    return toy.train(run, updates(20) + Arguments{"--resume"} + more);
  };
  attn_fails(1, resume({}), {run.string() + ": no checkpoint to resume from", "without --resume"});
  attn_ok(toy.train(run, updates(10)));
  const std::string config = read_file(run / "config.json"), log = read_file(run / "train.log"),
                    events = read_file(run / "metrics.jsonl");
  attn_fails(1, resume({"--set", "train.learning_rate=1e-3", "--set", "model.hidden_size=8"}),
             {"cannot resume with a different model.attention.hidden_size, model.hidden_size, "
              "train.learning_rate",
              "only budgets, threads and paths", "--overwrite"});
  attn_fails(1, resume({"--set", "search.beam_size=3"}), {"search.beam_size"});
  const auto links = scratch.file("links", "0-0\n");
  attn_fails(1, resume({"--set", "data.train_alignment=" + links.string()}),
             {"cannot resume with a different data.train_alignment, train.guided_alignment"});

  const auto source = scratch.file("other.en", replaced(toy_source(0, kToyTrain), "nine", "ten"));
  attn_fails(1, resume({"--set", "data.train_source=" + source.string()}),
             {run.string() + ": cannot resume", "the training text (data.train_source",
              "has changed since the run began"});
  const auto valid = scratch.file("valid.fr", toy_target(3, kToyTest));
  attn_fails(1, resume({"--set", "data.valid_target=" + valid.string()}),
             {"the validation text", "data.valid_target"});
  CHECK(read_file(run / "config.json") == config);
  CHECK(read_file(run / "metrics.jsonl") == events);
  CHECK(read_file(run / "train.log") == log);

  const auto moved = scratch.file("moved.en", toy_source(0, kToyTrain));
  attn_ok(resume({"--set", "data.train_source=" + moved.string()}));
  CHECK(last_update(run) == 20);
}

TEST_CASE("a cosine schedule that ends with the budget cannot be extended when resuming") {
  const Scratch scratch;
  const auto& toy = Toy::instance();
  const Arguments cosine = {"--set", "train.schedule=cosine"};
  attn_ok(toy.train(scratch / "run", cosine + updates(4)));
  attn_fails(1, toy.train(scratch / "run", cosine + updates(8) + Arguments{"--resume"}),
             {"a different train.decay_updates (which follows train.max_updates"});
  attn_ok(toy.train(scratch / "run",
                    cosine + updates(8) + Arguments{"--resume", "--set", "train.decay_updates=4"}));
}

TEST_CASE("train does not overwrite a configuration file in the run directory") {
  const Scratch scratch;
  const std::string directory = fs::path(Toy::instance().config()).parent_path().string();
  std::string text = read_file(Toy::instance().config());
  for (const char* name : {"\"train.", "\"test."})
    text = replaced(text, name, "\"" + directory + "/" + (name + 1));
  const auto config = scratch.file("config.json", text);
  attn_fails(1,
             {"train", "--config", config.string(), "--overwrite", "--set",
              "train.run_dir=" + scratch.path().string()},
             {config.string() + ": this file is in train.run_dir", "copy the configuration"});
  CHECK(read_file(config) == text);
}

TEST_CASE(
    "SIGINT, SIGTERM and SIGHUP finish the update, save a checkpoint, and explain how to resume") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const Scratch scratch;
    const fs::path run = scratch / "run";
    const auto& toy = Toy::instance();
    const Arguments endless = {
        "--set", "train.max_updates=0", "--set", "train.max_seconds=60",
        "--set", "train.log_every=1",   "--set", "train.valid_every=1000000"};
    Running program(toy.train(run, endless));
    REQUIRE(comes_true([&] { return has_metrics(run); }));
    program.signal(number);
    const Result result = program.wait();
    CHECK(result.code == 128 + number);
    const int update = last_update(run);
    CAPTURE(result.err);
    CHECK(result.err.find("interrupted after update " + std::to_string(update)) !=
          std::string::npos);
    CHECK(result.err.find("--resume") != std::string::npos);
    CHECK(metrics(run).back()["event"] == "end");
    CHECK(metrics(run).back()["reason"] == "interrupted");
    CHECK(metrics(run).back()["update"] == update);
    check_translates(run / "last");
    attn_ok(toy.train(run, Arguments{"--resume"} + endless + updates(update + 3)));
    CHECK(last_update(run) == update + 3);
  }
}

TEST_CASE("after kill -9 at any moment, best and last can be loaded and the run resumes") {
  const Scratch scratch;
  const fs::path run = scratch / "run";
  const auto& toy = Toy::instance();
  const Arguments saving = {"--set", "train.max_updates=0", "--set", "train.max_seconds=60",
                            "--set", "train.valid_every=1"};
  for (const int delay : {0, 3, 7, 12, 18, 25}) {
    const bool resumes = fs::exists(run / "resume.safetensors");
    const auto before =
        resumes ? fs::last_write_time(run / "resume.safetensors") : fs::file_time_type::min();
    Running program(toy.train(run, resumes ? Arguments{"--resume"} + saving : saving));
    REQUIRE(comes_true([&] {
      return fs::exists(run / "resume.safetensors") &&
             fs::last_write_time(run / "resume.safetensors") > before;
    }));
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    program.signal(SIGKILL);
    CHECK(program.wait().code == 128 + SIGKILL);
    for (const char* model : {"best", "last"})  // complete or absent
      if (fs::exists(run / model)) check_translates(run / model);
  }
  const auto state = attn::read_safetensors(run / "resume.safetensors");
  const int update = Json::parse(state.metadata.at("state")).at("update");
  attn_ok(toy.train(run, Arguments{"--resume"} + saving + updates(update + 2)));
  CHECK(last_update(run) == update + 2);
  for (const char* model : {"best", "last"}) check_translates(run / model);
  check_no_temporaries(run);

  const fs::path whole = scratch / "whole";
  attn_ok(toy.train(whole, saving + updates(update + 2)));
  check_same_run(run, whole);
}

TEST_CASE("a loss that is not finite stops training with an error that names update and batch") {
  const Scratch scratch;
  attn_fails(1,
             Toy::instance().train(scratch / "run", {"--set", "train.learning_rate=1e30", "--set",
                                                     "train.clip_norm=0"}),
             {"update 2, batch 2 of epoch 1", "not a finite number", "checkpoint",
              "lower train.learning_rate"});
  // The error is also the last line of the run's log.
  const std::string log = read_file(scratch / "run/train.log");
  const auto lines = lines_of(log);
  CHECK(std::regex_match(lines.back(), std::regex(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d error: .*)")));
  CHECK(lines.back().find("not a finite number") != std::string::npos);
  CHECK(log.find("200 training pairs") != std::string::npos);
}

TEST_CASE(
    "guided alignment makes the model follow the given alignments, and bad alignments are errors") {
  const Scratch scratch;
  const Toy& toy = Toy::instance();
  const std::string links = scratch.file("links", toy_links(0, kToyTrain)).string();
  const auto error_rate = [&](const std::string& name, const Arguments& more) {
    attn_ok(toy.train(scratch / name, Arguments{"--set", "train.seed=5"} + more));
    const auto result = attn_ok({"eval", "--model", (scratch / name / "last").string(), "--source",
                                 toy.path("test.en"), "--reference", toy.path("test.fr"),
                                 "--gold-alignment", toy.path("test.align"), "--json"});
    return Json::parse(result.out).at("alignment_error_rate").get<double>();
  };
  const double free = error_rate("free", {});
  const double guided = error_rate("guided", {"--set", "data.train_alignment=" + links, "--set",
                                              "train.guided_alignment_weight=1"});
  const double forgotten = error_rate("forgotten", {"--set", "data.train_alignment=" + links,
                                                    "--set", "train.guided_alignment_weight=1",
                                                    "--set", "train.guided_alignment_decay=1e-9"});
  CHECK(guided < 0.05);
  CHECK(free > guided + 0.1);
  CHECK(forgotten > guided + 0.1);  // after the first update, the alignments have no effect

  const auto refused = [&](const std::string& text, const std::string& why) {
    const std::string bad = scratch.file("bad", text).string();
    for (const char* command : {"check", "train"}) {
      Arguments arguments =
          toy.train(scratch / "bad_run", {"--set", "data.train_alignment=" + bad});
      arguments[0] = command;
      attn_fails(1, arguments, {"bad", why});
    }
  };
  refused("0-0\n", "line");
  refused("9-0\n" + toy_links(1, kToyTrain - 1), "bad:1");
  refused("nonsense\n" + toy_links(1, kToyTrain - 1), "bad:1");
}

TEST_CASE(
    "training in bfloat16 learns the toy language and resumes, or is an error on other "
    "processors") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run", whole = scratch / "whole";
  const Arguments low = {"--set", "train.precision=bfloat16"};
  if (!attn::available(attn::Precision::bfloat16)) {
    attn_fails(1, toy.train(run, low), {"train.precision \"bfloat16\" requires a processor"});
    CHECK_FALSE(fs::exists(run));
    return;
  }
  attn_ok(toy.train(whole, low));
  const auto lines = lines_of(
      attn_ok({"translate", "--model", (whole / "best").string()}, toy_source(0, kToyTrain)).out);
  const auto right = lines_of(toy_target(0, kToyTrain));
  REQUIRE(lines.size() == right.size());
  int same = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) same += lines[i] == right[i];
  CHECK(same > kToyTrain * 8 / 10);
  CHECK(read_file(whole / "best/model.safetensors") !=
        read_file(toy.best() + "/model.safetensors"));

  attn_ok(toy.train(run, low + Arguments{"--set", "train.max_updates=70"}));
  attn_fails(1, toy.train(run, {"--resume"}), {"cannot resume with a different train.precision"});
  attn_ok(toy.train(run, low + Arguments{"--resume"}));
  check_same_run(run, whole);
}

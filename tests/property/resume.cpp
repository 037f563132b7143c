// A resumed run equals an uninterrupted run bit by bit.
#include <chrono>
#include <csignal>
#include <set>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/stopwatch.h"
#include "property/run.h"
#include "property/tiny.h"
#include "train/trained_model.h"

namespace attn::test {
namespace {

// A run whose saved state has many parts: dropout, a moving average, a plateau, updates of two
// batches (one at the end of an epoch), and sums that are not yet logged.
struct Interrupted {
  TinyTask task{47, 1, 6};
  Config uninterrupted, config;

  Interrupted() {
    Config& c = task.config;
    c.model.encoder.layers = c.model.decoder.layers = 2;
    c.model.residual = true;
    c.model.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
    c.train.batch_size = 7;  // 7 batches and 4 updates per epoch
    c.train.gradient_accumulation = 2;
    c.train.ema_decay = 0.9;
    c.train.schedule = "plateau";
    c.train.plateau_patience = 3;
    c.train.label_smoothing = 0.1;
    c.train.valid_every = 3;
    c.train.log_every = 4;
    c.train.max_updates = 20;
    for (auto& line : task.data.valid_target) line = "?";  // only the first validation improves
    uninterrupted = config = c;
    uninterrupted.train.run_dir = task.directory / "uninterrupted";
  }
};

// Makes the training text larger than the allowed memory, with 4 chunks.
void read_in_chunks(TinyTask& task) {
  const DataConfig& d = task.config.data;
  const auto& [source, target] = task.tokenizers;
  Pool pool(2);
  task.data.train = read_chunked_corpus({d.train_source, d.train_target, source, target, 0},
                                        {task.directory.path(), 1200, 100}, pool);
}

std::vector<Json> metrics(const Config& config) {
  std::vector<Json> events;
  std::istringstream lines(read_file(config.train.run_dir / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    Json event = parse_json(line, "metrics.jsonl");
    for (const char* clock : {"seconds", "target_tokens_per_second"}) event.erase(clock);
    events.push_back(event);
  }
  return events;
}

std::string samples(const Config& config) {
  const auto file = config.train.run_dir / "samples.jsonl";
  return fs::exists(file) ? read_file(file) : "";
}

using Seconds = std::chrono::duration<double>;

// The checkpoints of a run.
struct Checkpoints {
  SafeTensors state, last, best;
  Json numbers;  // of the state, without times
};

Checkpoints checkpoints_of(const Config& config) {
  const auto& run = config.train.run_dir;
  Checkpoints out{read_safetensors(run / "resume.safetensors"),
                  read_safetensors(run / "last" / "model.safetensors"),
                  read_safetensors(run / "best" / "model.safetensors"),
                  {}};
  out.numbers = parse_json(out.state.metadata.at("state"), "state");
  for (const char* clock : {"seconds", "sum_seconds", "metrics_bytes"}) out.numbers.erase(clock);
  return out;
}

std::int64_t update_of(const std::filesystem::path& model) {
  return card_from_json(read_file(model / "card.json"), "card").updates;
}

void check_tensors(const std::string& what, const SafeTensors& got, const SafeTensors& want) {
  CAPTURE(what);
  CHECK(got.tensors.size() == want.tensors.size());
  for (const auto& tensor : want.tensors) {
    CAPTURE(tensor.first);
    REQUIRE(got.tensors.contains(tensor.first));
    CHECK((got.tensors.at(tensor.first).bytes == tensor.second.bytes));
  }
}

void check_same_run(const Config& got_config, const Config& want_config) {
  const Checkpoints got = checkpoints_of(got_config), want = checkpoints_of(want_config);
  CHECK(got.numbers == want.numbers);
  check_tensors("raw weights and optimizer", got.state, want.state);
  check_tensors("last", got.last, want.last);
  check_tensors("best", got.best, want.best);
  CHECK(metrics(got_config) == metrics(want_config));
  CHECK(samples(got_config) == samples(want_config));
}

// Runs f in a child process and sends the signal after `wait`. Returns the exit status of the
// child.
template <class F>
int in_child(F&& f, int signal, Seconds wait) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      f();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
      _exit(1);
    }
    _exit(0);
  }
  std::this_thread::sleep_for(wait);
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

void reset_interrupts() {
  catch_interrupts();
  std::signal(SIGINT, SIG_DFL), std::signal(SIGTERM, SIG_DFL);
}

bool ended_as_expected(int status) {
  return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Checks that a run of `updates` updates equals one that ends after `end` updates and resumes.
// Returns the numbers of its state.
template <class Change>
Json check_resumed(int end, int updates, Change change) {
  Interrupted run;
  for (Config* config : {&run.task.config, &run.config, &run.uninterrupted}) {
    config->train.max_updates = updates;
    change(*config);
  }
  start_run(run.task, run.uninterrupted);
  run.config.train.max_updates = end;
  start_run(run.task, run.config);
  run.config.train.max_updates = updates;
  resume_run(run.task, run.config);
  check_same_run(run.config, run.uninterrupted);
  return checkpoints_of(run.config).numbers;
}

}  // namespace

TEST_CASE_FIXTURE(
    Interrupted,
    "a run that ends after 10 updates and resumes equals a run of 20 updates bit by bit") {
  start_run(task, uninterrupted);
  config.train.max_updates = 10;
  start_run(task, config);
  const Checkpoints ten = checkpoints_of(config);
  config.train.max_updates = 20;
  config.train.threads = 2;
  resume_run(task, config);
  check_same_run(config, uninterrupted);

  // The case is as difficult as intended.
  CHECK(ten.numbers.at("batch") == 4);
  CHECK(ten.numbers.at("tokens") > 0);
  CHECK(ten.numbers.at("validated") == 9);
  CHECK(ten.numbers.at("validations_since_decay") == 2);
  CHECK(ten.state.tensors.contains("weights/output.w"));
  const Checkpoints twenty = checkpoints_of(config);
  CHECK(twenty.numbers.at("epoch") == 5);
  CHECK(twenty.numbers.at("plateau_scale") == 0.5);
  CHECK(twenty.numbers.at("best_update") == 3);
  CHECK(twenty.state.tensors.at("weights/output.w").bytes !=
        twenty.last.tensors.at("output.w").bytes);
}

TEST_CASE(
    "a resumed run equals an uninterrupted one with sampled attention, coverage and documents") {
  const Json sampled =
      check_resumed(5, 8, [](Config& c) { c.model.attention.normalizer = "hard"; });
  CHECK(sampled.at("expected_log_prob") != 0);
  check_resumed(5, 8, [](Config& c) {
    c.model.attention.coverage = true;
    c.train.coverage_loss_weight = 1;
  });
  check_resumed(5, 8, [](Config& c) { c.model.encoder.hierarchical = true; });
}

TEST_CASE("a resumed run equals an uninterrupted one for every kind of model") {
  for_each_model([](const ModelConfig& model) {
    check_resumed(2, 3, [&](Config& c) {
      c.model = model;
      c.train.valid_every = 2;
    });
  });
}

TEST_CASE_FIXTURE(
    Interrupted,
    "a resumed run equals an uninterrupted one on a text in chunks, wherever it was interrupted") {
  uninterrupted.train.max_updates = 8;
  start_run(task, uninterrupted);
  const Checkpoints in_memory = checkpoints_of(uninterrupted);
  read_in_chunks(task);
  CHECK(task.data.train.chunks() == 4);
  start_run(task, uninterrupted);
  const Checkpoints in_file = checkpoints_of(uninterrupted);
  CHECK(in_file.numbers.at("train_data") == in_memory.numbers.at("train_data"));
  CHECK(in_file.last.tensors.at("output.w").bytes != in_memory.last.tensors.at("output.w").bytes);
  std::set<Json> chunks;
  for (int end = 1; end < 8; ++end) {
    config.train.max_updates = end;
    config.train.threads = 1;
    start_run(task, config);
    chunks.insert(checkpoints_of(config).numbers.at("chunk"));
    config.train.max_updates = 8;
    config.train.threads = 2;
    read_in_chunks(task);
    resume_run(task, config);
    check_same_run(config, uninterrupted);
  }
  CHECK(chunks.size() == 4);  // the run ended once or more in each chunk

  task.directory.file("train.source", read_file(config.data.train_source).replace(1, 1, "0"));
  read_in_chunks(task);
  CHECK(error_of([&] { resume_run(task, config); }).find("has changed since the run began") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(
    Interrupted,
    "a resumed run forgets a best checkpoint that only the validation at its end found") {
  // The cross-entropy improves in every validation.
  config.train.valid_metric = uninterrupted.train.valid_metric = "cross_entropy";
  start_run(task, uninterrupted);
  config.train.max_updates = 10;
  start_run(task, config);
  CHECK(update_of(config.train.run_dir / "best") == 10);
  config.train.max_updates = 20;
  catch_interrupts();
  std::raise(SIGINT);
  resume_run(task, config);
  CHECK(update_of(config.train.run_dir / "best") == 9);
  reset_interrupts();
  resume_run(task, config);
  check_same_run(config, uninterrupted);
}

TEST_CASE_FIXTURE(Interrupted,
                  "a run that was interrupted before its first update resumes from there") {
  config.train.max_updates = uninterrupted.train.max_updates = 5;
  start_run(task, uninterrupted);
  catch_interrupts();
  std::raise(SIGINT);
  start_run(task, config);
  CHECK(checkpoints_of(config).numbers.at("update") == 0);
  REQUIRE(metrics(config).size() == 1);
  CHECK(metrics(config)[0]["event"] == "end");
  reset_interrupts();
  resume_run(task, config);
  check_same_run(config, uninterrupted);
}

TEST_CASE_FIXTURE(Interrupted,
                  "a run that is killed repeatedly leaves models that load, and can be resumed") {
  config.train.valid_every = uninterrupted.train.valid_every = 1;  // saves after every update
  config.train.max_updates = uninterrupted.train.max_updates = 9;
  const Stopwatch watch;
  start_run(task, uninterrupted);
  const Seconds whole(watch.seconds());
  const RunDirectory run(config.train.run_dir);
  const auto continue_run = [&] {
    catch_interrupts();
    if (std::filesystem::exists(run.path() / "resume.safetensors"))
      resume_run(task, config);
    else
      start_run(task, config);
  };
  reset_interrupts();  // also removes doctest's signal handlers, in this test and its children
  int loaded = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Seconds wait = whole * (RandomKey(1).at(i).uniform() / 4);
    const int signal = i % 4 == 3 ? SIGTERM : SIGKILL;
    CHECK(ended_as_expected(in_child(continue_run, signal, wait)));
    for (const char* name : {"last", "best"})
      if (std::filesystem::exists(run.path() / name))  // complete or absent
        load_model(run.path() / name), ++loaded;
  }
  CHECK(loaded > 2);
  resume_run(task, config);
  check_same_run(config, uninterrupted);
}

}  // namespace attn::test

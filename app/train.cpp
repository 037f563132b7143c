// attn train: checks the configuration, reads the texts, and runs the trainer.
#include <cstdlib>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/system_info.h"
#include "commands.h"
#include "exit_code.h"
#include "log.h"
#include "math/gemm/product.h"
#include "model_options.h"
#include "option_builder.h"
#include "processes.h"
#include "train/trainer.h"

namespace attn {
namespace {

// Factor on train.process_timeout before training.
constexpr double kPreparation = 60;

struct TrainOptions {
  fs::path config;
  std::vector<std::string> settings;
  std::string resume;  // "": start; "yes"; "auto": if there is something to resume from
  bool overwrite = false, describe = false, markdown = false;
};

// Returns whether a resumed run may have another value of this option.
bool may_differ(const std::string& key) {
  for (const char* prefix :
       {"train.max_updates", "train.max_epochs", "train.max_seconds", "train.threads",
        "train.run_dir", "train.process_timeout", "data.test_", "data.read_by",
        "data.source_language", "data.target_language", "data.license"})
    if (key.starts_with(prefix)) return true;
  for (const char* path :
       {"data.train_source", "data.train_target", "data.valid_source", "data.valid_target",
        "data.source_tokenizer", "data.target_tokenizer", "data.train_alignment"})
    if (key == path) return true;
  return false;
}

// Returns the key and, if its value is derived from another option, a note that names that option.
std::string key_with_origin(const std::string& key, const TrainConfig& train) {
  const bool follows = key == "train.decay_updates" && train.decay_updates == train.max_updates;
  return follows ? key + " (which follows train.max_updates unless it is set)" : key;
}

bool is_guided(const Json& config) {
  return config.at("data").value("train_alignment", "") != "";
}

void check_unchanged(const Config& config, const RunDirectory& run) {
  const fs::path saved = run.path() / "config.json";
  const Json before = parse_json(read_file(saved), saved.string()), now = to_json(config);
  std::string changed;
  if (is_guided(before) != is_guided(now)) changed = "data.train_alignment";
  for (const auto& key : differing_keys(before, now))
    if (!may_differ(key))
      changed += (changed.empty() ? "" : ", ") + key_with_origin(key, config.train);
  if (!changed.empty())
    throw Error(saved.string() + ": cannot resume with a different " + changed +
                "; only budgets, threads and paths may change; use the same values, or start again "
                "with --overwrite");
}

// Throws Error if `config` is the file in which the run saves its configuration.
void check_not_inside(const fs::path& config, const RunDirectory& run) {
  std::error_code ignored;
  if (fs::equivalent(config, run.path() / "config.json", ignored))
    throw Error(config.string() +
                ": this file is in train.run_dir, where --overwrite would replace it; choose "
                "another run directory, or copy the configuration to another one first");
}

std::string counted(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what;
}

void describe_pairs(const char* pairs, const TextSummary& text, RunLog& log) {
  std::string line = "data: " + counted(text.pairs, pairs) + ", " +
                     counted(text.source_tokens, "source and ") +
                     counted(text.target_tokens, "target subwords");
  if (text.dropped_empty > 0)
    line += "; dropped " + counted(text.dropped_empty, "with an empty side");
  if (text.dropped_long > 0)
    line += "; dropped " + counted(text.dropped_long, "longer than data.max_length");
  log.info(line);
}

// Vocabularies of words or characters are smaller than requested if the text has no more of them.
void describe_vocabulary(const char* side, const Tokenizer& tokenizer, int wanted, RunLog& log) {
  if (tokenizer.size() < wanted)
    log.info("vocabulary: " + std::to_string(tokenizer.size()) + " " + side +
             " subwords instead of the requested " + std::to_string(wanted) +
             ", because the text has no more");
}

void describe_data(const DataConfig& config, const TrainData& data, const Model& model,
                   RunLog& log) {
  describe_pairs("training pairs", data.train.summary(), log);
  if (!data.train.in_memory())
    log.info("data: larger than data.max_memory_mib; each epoch streams it from a file in " +
             counted(data.train.chunks(), "chunks"));
  if (data.valid) describe_pairs("validation pairs", data.valid->text(), log);
  if (config.source_tokenizer.empty()) {
    describe_vocabulary("source", model.source, config.source_vocabulary_size, log);
    if (!config.shared_vocabulary)
      describe_vocabulary("target", model.target, config.target_vocabulary_size, log);
  }
  log.info("model: " +
           counted(static_cast<std::size_t>(model.network.layout().count()),
                   "parameters, vocabularies of ") +
           std::to_string(model.source.size()) + " and " + std::to_string(model.target.size()) +
           " subwords");
}

Tokenizers tokenizers_for(bool resumes, const Config& config, const RunDirectory& run,
                          RunLog& log) {
  if (resumes)
    return {
        Tokenizer::load(run.last() / "source.spm").with_separator(config.data.sentence_separator),
        Tokenizer::load(run.last() / "target.spm")};
  if (config.data.source_tokenizer.empty())
    log.info("vocabulary: training SentencePiece on " + config.data.train_source.string() +
             " and " + config.data.train_target.string());
  return make_tokenizers(config.data);
}

// Throws Error if the run directory cannot be used as requested: to start, resume or overwrite a
// run. Returns whether the run is resumed.
bool check_run_directory(const TrainOptions& options, const Config& config,
                         const RunDirectory& run) {
  const bool resumes = options.resume == "yes" || (options.resume == "auto" && run.can_resume());
  const bool may_start = options.overwrite || (options.resume == "auto" && !run.holds_model());
  if (run.holds_run() && !resumes && !may_start)
    throw Error(run.path().string() +
                ": already holds a run, or a file that a run would replace; --resume continues the "
                "run, --overwrite starts a new one in its place");
  if (!resumes && run.holds_run()) check_not_inside(options.config, run);
  if (!resumes) return false;
  run.check_resumable();
  check_unchanged(config, run);
  return true;
}

std::unique_ptr<DirectoryLock> lock_run(const RunDirectory& run) {
  return std::make_unique<DirectoryLock>(run.path(),
                                         "another process is training in this directory");
}

// Reading the texts takes long, so another process may have trained in the directory since it was
// checked.
std::unique_ptr<DirectoryLock> begin_anew(const TrainOptions& options, const Config& config,
                                          const RunDirectory& run) {
  run.make();
  auto lock = lock_run(run);
  if (check_run_directory(options, config, run))
    throw Error(run.path().string() + ": another process has begun a run here; try again");
  run.remove_run();
  return lock;
}

std::unique_ptr<DirectoryLock> begin_resume(const RunDirectory& run) {
  auto lock = lock_run(run);
  run.repair();
  return lock;
}

void describe_run(const Config& config, int threads, int processes, RunLog& log) {
  const bool bfloat16 = precision_of(config.train) == Precision::bfloat16;
  log.info("attn " ATTN_VERSION ", matrix products by " + std::string(product_library()) +
           (bfloat16 ? " in bfloat16, " : ", ") +
           (processes > 1 ? std::to_string(processes) + " processes of " : "") +
           counted(static_cast<std::size_t>(threads), threads == 1 ? "thread, " : "threads, ") +
           counted(static_cast<std::size_t>(config.train.shards), "shards"));
  if (processes > 1 && wire_formats().at(config.train.communication) != WireFormat::exact)
    log.info("gradients are sent in " + config.train.communication +
             ": the results depend on the number of processes");
  if (threads * processes > config.train.shards && !log.is_silent())
    log.warn(idle_threads_warning(threads * processes, config.train.shards));
}

// What the first process decides for all.
struct Plan {
  Config config;
  bool resumes = false;
};

Plan make_plan(const TrainOptions& options) {
  const Config config = read_config(options.config, options.settings);
  check_training(config, options.config.string());
  check_training_files(config, options.config.string());
  return {config, check_run_directory(options, config, RunDirectory(config.train.run_dir))};
}

// Returns the plan of the first process, in all of them.
Plan shared_plan(const TrainOptions& options, Communicator& communicator) {
  Plan plan;
  const auto make = [&] {
    plan = make_plan(options);
    return plan.config;
  };
  plan.config = config_of_first(make, communicator);
  communicator.broadcast(IndexSpan(&plan.resumes, 1));
  return plan;
}

// Returns where a process stores a text that exceeds the memory.
fs::path scratch_directory(const RunDirectory& run, const Communicator& communicator) {
  if (communicator.size() == 1) return run.path();
  const char* variable = std::getenv("TMPDIR");
  fs::path directory = variable == nullptr || *variable == '\0' ? "/tmp" : variable;
  if (!fs::is_directory(directory))
    throw Error(directory.string() +
                ": there is no such directory for temporary files; set TMPDIR to another one");
  return directory;
}

// Trains together with the other processes. Only the first one uses the run directory.
int train_together(const TrainOptions& options, Communicator& communicator) {
  const Plan plan = shared_plan(options, communicator);
  const Config& config = plan.config;
  check_processes(communicator.size(), config.train.shards);
  check_precision(config.train, "the configuration");  // each process has its own processor
  catch_save_requests();
  // Before training, a process may wait for long: for vocabularies, and for texts that every
  // process reads at its own speed.
  communicator.set_timeout(kPreparation * config.train.process_timeout);
  const RunDirectory run(config.train.run_dir);
  const bool is_first = communicator.is_first();

  std::unique_ptr<DirectoryLock> lock;
  if (plan.resumes && is_first) lock = begin_resume(run);

  Pool pool(worker_threads(config.train.threads));
  RunLog log;
  if (!is_first) log.silence();
  describe_run(config, pool.threads(), communicator.size(), log);
  compare_processors(communicator, log);
  const auto [source, target] = tokenizers_of_first(
      [&] { return tokenizers_for(plan.resumes, config, run, log); }, config.data, communicator);
  if (readers().at(config.data.read_by) == Readers::first_process)
    communicator.set_timeout(config.train.process_timeout);
  const TrainData data = read_train_data(
      config.data, source, target, scratch_directory(run, communicator), {pool, communicator});
  Model model(config.model, source, target);

  describe_data(config.data, data, model, log);
  Trainer trainer(config, data, model, run, log, {pool, communicator});

  // Nothing may be removed before all processes have read their texts.
  compare_fingerprints(communicator, "texts", trainer.text_fingerprint());
  catch_interrupts();  // until here a signal can end the program at once: nothing has been written
  if (!lock && is_first) lock = begin_anew(options, config, run);
  plan.resumes ? trainer.resume() : trainer.start();
  if (communicator.size() > 1)
    compare_fingerprints(communicator, "weights", trainer.weight_fingerprint());
  if (is_first) {
    write_atomically(run.path() / "config.json", to_text(to_json(config)));
    log.open(run.path(), trainer.state().metrics_bytes);
    log_errors_in(run.path() / "train.log");
  }
  communicator.set_timeout(config.train.process_timeout);
  trainer.run();
  return trainer.signal() != 0 ? kSignal + trainer.signal() : kSuccess;
}

int run_train(const TrainOptions& options) {
  release_free_memory();
  if (options.describe) {
    std::cout << (options.markdown ? describe_markdown() : describe_text());
    return kSuccess;
  }
  if (options.config.empty())
    throw CLI::RequiredError("--config is required; give --config FILE",
                             CLI::ExitCodes::RequiredError);
  return in_processes([&](Communicator& c) { return train_together(options, c); });
}

}  // namespace

void add_train(CLI::App& app, Command& command) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* sub = app.add_subcommand("train", "Train a model on two parallel texts");
  OptionBuilder add(*sub);
  add.group("Configuration");
  add.file("--config", options->config,
           "Configuration of the run (JSON); required unless --describe is given");
  add.set(options->settings, "Override a value, e.g. train.seed=2");
  add.group("Run directory");
  CLI::Option* resume =
      sub->add_flag("--resume{yes}", options->resume,
                    "Continue the run from its last checkpoint; --resume=auto starts a new run if "
                    "there is none")
          ->check(CLI::IsMember({"yes", "auto"}));
  add.flag("--overwrite", options->overwrite,
           "Start a new run even if train.run_dir already holds one")
      ->excludes(resume);
  add.group("Documentation");
  CLI::Option* describe =
      add.flag("--describe", options->describe, "Print all configuration options and exit");
  add.flag("--markdown", options->markdown, "With --describe: print a Markdown table")
      ->needs(describe);
  sub->footer(
      "Examples:\n"
      "  attn train --config configs/quickstart.json\n"
      "  attn train --config configs/quickstart.json --set train.seed=2 --set "
      "train.run_dir=runs/seed2\n"
      "  attn train --config configs/quickstart.json --resume\n"
      "  mpirun -n 4 attn train --config configs/quickstart.json --resume=auto");
  set_action(*sub, command, options, run_train);
}

}  // namespace attn

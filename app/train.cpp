#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/system_info.h"
#include "commands.h"
#include "common.h"
#include "exit_code.h"
#include "log.h"
#include "math/gemm/product.h"
#include "train/trainer.h"

namespace attn {
namespace {

struct TrainOptions {
  fs::path config;
  std::vector<std::string> sets;
  bool resume = false, overwrite = false, describe = false, markdown = false;
};

// Only these may differ from the config that a run began with.
bool may_differ(const std::string& key) {
  for (const char* free : {"train.max_updates", "train.max_epochs", "train.max_seconds",
                           "train.threads", "train.run_dir", "data.test_"})
    if (key.starts_with(free)) return true;
  for (const char* path :
       {"data.train_source", "data.train_target", "data.valid_source", "data.valid_target",
        "data.source_tokenizer", "data.target_tokenizer", "data.train_alignment"})
    if (key == path) return true;
  return false;
}

// The key, and where its value came from if that is another one.
std::string named(const std::string& key, const TrainConfig& train) {
  const bool follows = key == "train.decay_updates" && train.decay_updates == train.max_updates;
  return follows ? key + " (which follows train.max_updates where it is not given)" : key;
}

bool is_guided(const Json& config) {
  return config.at("data").value("train_alignment", "") != "";
}

void check_unchanged(const Config& config, const RunDirectory& run) {
  const fs::path kept = run.last() / "config.json";
  const Json before = parse_json(read_file(kept), kept.string()), now = to_json(config);
  std::string changed;
  if (is_guided(before) != is_guided(now)) changed = "data.train_alignment";
  for (const auto& key : differing_keys(before, now))
    if (!may_differ(key)) changed += (changed.empty() ? "" : ", ") + named(key, config.train);
  if (!changed.empty())
    throw Error(kept.string() + ": can't resume with another " + changed +
                "; only budgets, threads and paths may differ; give the same values, or train anew "
                "with --overwrite");
}

// A run keeps its own config.json: a user's would be lost.
void check_not_inside(const fs::path& config, const RunDirectory& run) {
  std::error_code none;
  if (fs::equivalent(config, run.path() / "config.json", none))
    throw Error(config.string() +
                ": lies in train.run_dir, where --overwrite would put another in its place; name "
                "another run directory, or copy the config out of it first");
}

std::string counted(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what;
}

void describe_pairs(const char* pairs, const TextSummary& text, RunLog& log) {
  std::string line = "data: " + counted(text.pairs, pairs) + ", " +
                     counted(text.source_tokens, "source and ") +
                     counted(text.target_tokens, "target pieces");
  if (text.dropped_empty > 0)
    line += "; dropped " + counted(text.dropped_empty, "with an empty side");
  if (text.dropped_long > 0)
    line += "; dropped " + counted(text.dropped_long, "over data.max_length");
  log.say(line);
}

// Vocabularies of words or characters end where the text has no more.
void describe_vocabulary(const char* side, const Tokenizer& tokenizer, int wanted, RunLog& log) {
  if (tokenizer.size() < wanted)
    log.say("vocabulary: " + std::to_string(tokenizer.size()) + " " + side + " pieces of the " +
            std::to_string(wanted) + " asked for: the text has no more");
}

void describe_data(const DataConfig& config, const TrainData& data, const Model& model,
                   RunLog& log) {
  describe_pairs("training pairs", data.train.summary(), log);
  if (!data.train.in_memory())
    log.say("data: more than data.max_memory_mib: kept in a file, an epoch reads it in " +
            counted(data.train.windows(), "parts"));
  if (data.valid) describe_pairs("validation pairs", data.valid->text(), log);
  if (config.source_tokenizer.empty()) {
    describe_vocabulary("source", model.source, config.source_vocabulary_size, log);
    if (!config.shared_vocabulary)
      describe_vocabulary("target", model.target, config.target_vocabulary_size, log);
  }
  log.say("model: " +
          counted(static_cast<std::size_t>(model.network.layout().count()),
                  "parameters, vocabularies of ") +
          std::to_string(model.source.size()) + " and " + std::to_string(model.target.size()) +
          " pieces");
}

std::pair<Tokenizer, Tokenizer> tokenizers_for(const TrainOptions& options, const Config& config,
                                               const RunDirectory& run, RunLog& log) {
  if (options.resume)
    return {
        Tokenizer::load(run.last() / "source.spm").with_separator(config.data.sentence_separator),
        Tokenizer::load(run.last() / "target.spm")};
  if (config.data.source_tokenizer.empty())
    log.say("vocabulary: training SentencePiece on " + config.data.train_source.string() + " and " +
            config.data.train_target.string());
  return make_tokenizers(config.data);
}

int train(const TrainOptions& options) {
  release_free_memory();
  if (options.describe) {
    std::cout << (options.markdown ? describe_markdown() : describe_text());
    return 0;
  }
  if (options.config.empty()) throw CLI::RequiredError("--config");
  const Config config = read_config(options.config, options.sets);
  check_training(config, options.config.string());
  check_training_files(config, options.config.string());
  const RunDirectory run(config.train.run_dir);
  if (run.holds_run() && !options.resume && !options.overwrite)
    throw Error(
        run.path().string() +
        ": already holds a run (or files of a run's names); --resume continues it, --overwrite "
        "starts anew in its place");
  if (options.overwrite) check_not_inside(options.config, run);
  if (options.resume) check_unchanged(config, run);

  Pool pool(threads_or_all(config.train.threads));
  RunLog log;
  log.say("attn " ATTN_VERSION ", products by " + std::string(product_library()) +
          (precision_of(config.train) == Precision::bfloat16 ? " in bfloat16, " : ", ") +
          counted(static_cast<std::size_t>(pool.threads()), "threads, ") +
          counted(static_cast<std::size_t>(config.train.shards), "shards"));
  if (pool.threads() > config.train.shards)
    log.warn("more threads than train.shards: some have nothing to do");
  const auto [source, target] = tokenizers_for(options, config, run, log);
  const TrainData data = read_train_data(config.data, source, target, run.path(), pool);
  Model model(config.model, source, target);

  describe_data(config.data, data, model, log);
  Trainer trainer(config, data, model, run, log, pool);

  catch_interrupts();  // nothing was written until here that stays
  run.make();
  const FolderLock lock(run.path(), "a training is under way in it");
  if (!options.resume) run.create_empty();
  options.resume ? trainer.resume() : trainer.start();
  write_atomically(run.path() / "config.json", to_text(to_json(config)));
  log.open(run.path(), trainer.state().metrics_bytes);
  log_errors_in(run.path() / "train.log");
  trainer.run();
  return interrupted() ? kSignal + interrupted() : kSuccess;
}

}  // namespace

void add_train(CLI::App& app, Command& command) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* sub = app.add_subcommand("train", "Train a model, from two text files to a translator");
  sub->option_defaults()->group("Config");
  sub->add_option("--config", options->config, "JSON config of the run")->type_name("FILE");
  add_set(*sub, options->sets, "StridedMatrix over the config, e.g. train.seed=2; may be repeated");
  sub->option_defaults()->group("Run");
  auto* resume = sub->add_flag("--resume", options->resume,
                               "Continue the run in train.run_dir from its last checkpoint");
  sub->add_flag("--overwrite", options->overwrite, "Start anew where train.run_dir holds a run")
      ->excludes(resume);
  sub->option_defaults()->group("Documentation");
  auto* describe =
      sub->add_flag("--describe", options->describe, "Print all options of a config and leave");
  sub->add_flag("--markdown", options->markdown, "With --describe: as a table in Markdown")
      ->needs(describe);
  sub->footer(
      "Examples:\n"
      "  attn train --config configs/quickstart.json\n"
      "  attn train --config configs/quickstart.json --set train.seed=2 --set "
      "train.run_dir=runs/two");
  sub->callback([&command, options] { command = [options] { return train(*options); }; });
}

}  // namespace attn

// Training runs on a synthetic corpus in a temporary directory.
#pragma once

#include <filesystem>
#include <string>

#include <fcntl.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/file.h"
#include "support/scratch.h"
#include "train/evaluate.h"
#include "train/trainer.h"

namespace attn::test {

// Disables the log and standard error during its lifetime.
class Quiet {
 public:
  Quiet() : stderr_(dup(STDERR_FILENO)) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    close(null);
    log_at(spdlog::level::off);
  }
  ~Quiet() {
    log_at(spdlog::level::trace);
    dup2(stderr_, STDERR_FILENO), close(stderr_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  static void log_at(spdlog::level::level_enum level) {
    spdlog::default_logger()->sinks().front()->set_level(level);
  }

  int stderr_;
};

// A task to learn: the translation of random words is the corresponding words in reverse order.
class TinyTask {
 public:
  TinyTask(std::size_t sentences, std::uint64_t shortest, std::uint64_t longest)
      : config(make_config()),
        tokenizers((write("train", sentences, shortest, longest),
                    write("valid", 10, shortest, longest), make_tokenizers(config.data))),
        data(read()) {}

  Model model() const { return Model(config.model, tokenizers.first, tokenizers.second); }

  Scratch directory;
  Config config;
  std::pair<Tokenizer, Tokenizer> tokenizers;
  TrainData data;

 private:
  Config make_config() const {
    Config c;
    c.model.embedding_size = 8;
    c.model.hidden_size = 16;
    c.model.attention.hidden_size = 16;
    c.model.decoder.readout_size = 8;
    c.data.tokenizer = "word";
    c.data.train_source = directory / "train.source";
    c.data.train_target = directory / "train.target";
    c.data.valid_source = directory / "valid.source";
    c.data.valid_target = directory / "valid.target";
    c.train.run_dir = directory / "run";
    c.train.threads = 1;
    c.train.shards = 3;
    c.train.batch_type = "sentences";
    c.train.batch_size = 16;
    c.train.learning_rate = 0.01;
    c.train.log_every = 4;
    return c;
  }

  void write(const std::string& name, std::size_t sentences, std::uint64_t shortest,
             std::uint64_t longest) const {
    std::string from, to;
    for (std::size_t i = 0; i < sentences; ++i) {
      const RandomKey key = RandomKey().at(name).at(i);
      std::string forwards, backwards;
      for (std::uint64_t t = shortest + key.at("length").below(longest - shortest + 1); t > 0;
           --t) {
        const std::string word = std::to_string(key.at(t).below(9));
        forwards += "s" + word + " ";
        backwards = " t" + word + backwards;
      }
      from += forwards + "\n", to += backwards + "\n";
    }
    directory.file(name + ".source", from);
    directory.file(name + ".target", to);
  }

  TrainData read() const {
    Pool pool(1);
    SingleProcess process;
    return read_train_data(config.data, tokenizers.first, tokenizers.second, config.train.run_dir,
                           {pool, process});
  }
};

// Trains until the end that the config sets. `begin` is Trainer::start or Trainer::resume.
inline void train(const TinyTask& task, const Config& config, void (Trainer::*begin)()) {
  const Quiet quiet;
  const RunDirectory run(config.train.run_dir);
  Pool pool(config.train.threads);
  Model model = task.model();
  RunLog log;
  SingleProcess process;
  Trainer trainer(config, task.data, model, run, log, {pool, process});
  (trainer.*begin)();
  log.open(run.path(), trainer.state().metrics_bytes);
  trainer.run();
}
inline void start_run(const TinyTask& task, const Config& config) {
  const RunDirectory run(config.train.run_dir);
  run.make();
  run.remove_run();
  train(task, config, &Trainer::start);
}
inline void resume_run(const TinyTask& task, const Config& config) {
  RunDirectory(config.train.run_dir).repair();
  train(task, config, &Trainer::resume);
}

}  // namespace attn::test

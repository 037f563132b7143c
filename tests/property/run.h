// A run of training on a made-up corpus, in a folder of its own.
#pragma once

#include <filesystem>
#include <string>

#include <fcntl.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/file.h"
#include "support/scratch.h"
#include "train/trainer.h"
#include "train/validate.h"

namespace attn::test {

// No log, and nothing on standard error while it lives.
class Quiet {
 public:
  Quiet() : kept_(dup(STDERR_FILENO)) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    log_at(spdlog::level::off);
  }
  ~Quiet() {
    log_at(spdlog::level::trace);
    dup2(kept_, STDERR_FILENO), close(kept_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  static void log_at(spdlog::level::level_enum level) {
    spdlog::default_logger()->sinks().front()->set_level(level);
  }

  int kept_;
};

// Random words of one language, and as their translation those of the other, backwards.
class TinyTask {
 public:
  TinyTask(std::size_t sentences, std::uint64_t shortest, std::uint64_t longest)
      : config(make_config()),
        tokenizers((write("train", sentences, shortest, longest),
                    write("valid", 10, shortest, longest), make_tokenizers(config.data))),
        data(read()) {}

  Model model() const { return Model(config.model, tokenizers.first, tokenizers.second); }

  Scratch folder;
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
    c.data.train_source = folder / "train.source";
    c.data.train_target = folder / "train.target";
    c.data.valid_source = folder / "valid.source";
    c.data.valid_target = folder / "valid.target";
    c.train.run_dir = folder / "run";
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
    folder.file(name + ".source", from);
    folder.file(name + ".target", to);
  }

  TrainData read() const {
    Pool pool(1);
    return read_train_data(config.data, tokenizers.first, tokenizers.second, config.train.run_dir,
                           pool);
  }
};

// Trains in the config's run directory to the end that it sets; `begin` is start or resume.
inline void train(const TinyTask& task, const Config& config, void (Trainer::*begin)()) {
  const Quiet quiet;
  const RunDirectory run(config.train.run_dir);
  Pool pool(config.train.threads);
  Model model = task.model();
  RunLog log;
  Trainer trainer(config, task.data, model, run, log, pool);
  (trainer.*begin)();
  log.open(run.path(), trainer.state().metrics_bytes);
  trainer.run();
}
inline void start_run(const TinyTask& task, const Config& config) {
  RunDirectory(config.train.run_dir).create_empty();
  train(task, config, &Trainer::start);
}
inline void resume_run(const TinyTask& task, const Config& config) {
  train(task, config, &Trainer::resume);
}

}  // namespace attn::test

// The directory of a training run:
//
//   config.json, train.log, metrics.jsonl, samples.jsonl, report.html
//   update-N/    a model directory that also contains state.safetensors
//   last, best   symlinks to such directories
//
// Directories and symlinks are replaced atomically. After a crash at any moment, every checkpoint
// is either complete or absent, and `last` and `best` refer to models that load.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/model_dir.h"
#include "text/batch_stream.h"
#include "train/schedule.h"

namespace attn {

// Sums over the updates since the last log message.
struct LogSums {
  double objective = 0, tokens = 0, seconds = 0;
};

// The training state. Together with the arenas of the optimizer, it is all that a resumed run
// needs.
struct TrainState {
  std::int64_t update = 0;  // number of updates so far
  Position position;        // position of the next batch
  double seconds = 0;       // training time so far
  Progress progress;
  std::optional<double> best;    // best value of train.valid_metric so far
  std::int64_t best_update = 0;  // update of the best checkpoint
  std::int64_t validated = 0;    // update of the last validation
  // Moving average of the mean ln p of a target token: the baseline of stochastic normalizers.
  double expected_log_prob = 0;
  LogSums sums;
  std::uint64_t metrics_bytes = 0;     // size of metrics.jsonl
  std::string train_data, valid_data;  // fingerprints of the texts
};

// An arena of the training state, and its name in state.safetensors: "raw", "m", "v".
struct NamedArena {
  std::string name;
  Params* params;
};

class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  // Returns whether the directory contains a run, or any file that a run would replace.
  bool holds_run() const;
  // Creates the directory if it does not exist. Throws Error if that fails.
  void make() const;
  // Creates the directory if it does not exist, and removes the files of a run from it, but no
  // other files. Throws Error if that fails, or if `last` or `best` is not a symlink.
  void create_empty() const;

  // Returns the path of the last checkpoint. Throws Error if there is none.
  std::filesystem::path last() const;
  // Saves a checkpoint as `last`, and also as `best` if `best_update` is its update or there is no
  // `best` yet. Removes checkpoints that are no longer needed, but not the one of
  // state.best_update.
  void save(const Model& model, const Params& weights, const std::string& config_json,
            const TrainState& state, const std::vector<NamedArena>& arenas,
            std::int64_t best_update) const;
  // Reads the state and the arenas of the last checkpoint, and changes no file. Throws Error if
  // something is missing or damaged.
  TrainState restore(const Layout& layout, const std::vector<NamedArena>& arenas) const;
  // Discards everything that was saved after that state: resets `best`, and removes unused
  // checkpoints.
  void discard_newer(const TrainState& state) const;

 private:
  void remove_unused(const TrainState& state) const;
  std::filesystem::path path_;
};

}  // namespace attn

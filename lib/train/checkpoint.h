// The directory of a training run:
//
//   config.json, train.log, metrics.jsonl, samples.jsonl, report.html
//   last/, best/          model directories, complete in themselves
//   resume.safetensors    the training state: all that a resumed run needs besides the texts
//
// A model directory is replaced in two steps: the old one is renamed to ".best-N", where N is its
// update, and the new one, which is complete, from ".best-M" to "best". If the process is killed,
// every model is therefore complete or absent, and repair() finishes the replacement. Only calls
// that network file systems have are used.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
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

// An arena of the training state, and its name in resume.safetensors: "weights", "m", "v".
struct NamedArena {
  std::string name;
  std::span<Real> numbers;
};

Json to_json(const TrainState& state);
// Reads a state. Throws an exception of the JSON library if it is damaged.
TrainState train_state_from_json(const Json& json);

class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  // Returns whether the directory contains a run, or any file that a run would replace.
  bool holds_run() const;
  // Returns whether there is a training state to resume from.
  bool can_resume() const;
  // Returns whether the directory contains a model or a training state.
  bool holds_model() const;
  // Creates the directory if it does not exist. Throws Error if that fails.
  void make() const;
  // Removes the files of a run, but no other files. Throws Error if that fails, or if `last` or
  // `best` is neither a model directory nor absent.
  void remove_run() const;

  std::filesystem::path last() const { return path_ / "last"; }
  // Saves the training state; the model as `last`; and the model as `best` if `best_update` is its
  // update or there is no `best` yet. The card of `file` has the update. A `best` that is replaced
  // is kept if it is that of the state.
  void save(const ModelFile& file, const Layout& layout, const TrainState& state,
            const std::vector<NamedArena>& arenas, std::int64_t best_update) const;

  // Throws Error if there is no training state to resume from.
  void check_resumable() const;
  // Finishes or undoes what a killed process has begun, so that `last` and `best` are those of the
  // training state. Throws Error as check_resumable does, and if the state is damaged.
  void repair() const;
  // Reads the state and the arenas. Throws Error if something is missing or damaged.
  TrainState restore(const Layout& layout, const std::vector<NamedArena>& arenas) const;

 private:
  std::filesystem::path state_file() const { return path_ / "resume.safetensors"; }
  // Returns the name that the model directory `name` has while it is not in its place.
  std::filesystem::path aside(const std::string& name, std::int64_t update) const;
  // Returns the update of a model directory, or -1 if there is none.
  std::int64_t update_of(const std::string& name) const;
  void put(const std::string& name, std::int64_t update) const;
  void restore_model(const std::string& name, std::int64_t update) const;
  void remove_aside(const TrainState& state) const;
  std::filesystem::path path_;
};

}  // namespace attn

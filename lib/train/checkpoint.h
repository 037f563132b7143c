// Training on disk. A run directory holds
//   config.json, train.log, metrics.jsonl, samples.jsonl, report.html
//   update-N/    a model directory with state.safetensors beside it: complete or absent
//   last, best   links to such directories, each swapped over by one rename
// A run that was killed at any moment has a last and a best that load.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/model_dir.h"
#include "text/batch_stream.h"
#include "train/schedule.h"

namespace attn {

// Sums since the last line of the log.
struct LogSums {
  double objective = 0, tokens = 0, seconds = 0;
};

// Where training stands; with the arenas, all that a resumed run needs.
struct TrainState {
  std::int64_t update = 0;  // done
  Position position;        // of the next batch
  double seconds = 0;       // trained
  Progress progress;
  std::optional<double> best;  // value of train.valid_metric
  std::int64_t best_update = 0;
  std::int64_t validated = 0;    // update of the last validation
  double expected_log_prob = 0;  // moving mean of a target word's ln p: the baseline of an update
  LogSums sums;
  std::uint64_t metrics_bytes = 0;     // of metrics.jsonl
  std::string train_data, valid_data;  // fingerprints
};

// One arena of the training state under its name in the file: "raw", "m", "v".
struct NamedArena {
  std::string name;
  Params* params;
};

class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  bool holds_run() const;  // or a file that a run would replace
  void make() const;       // the directory itself. Error: it can't be
  // Makes the directory; removes a run's files, and nothing else, if it holds any. Error: as make;
  // a file stands where a run has a link.
  void create_empty() const;
  // Error: there is no checkpoint.
  std::filesystem::path last() const;
  // Saves as last, and as best if that is the update of this number. The checkpoint that the state
  // calls the best stays.
  void save(const Model& model, const Params& weights, const std::string& config_json,
            const TrainState& state, const std::vector<NamedArena>& arenas,
            std::int64_t best) const;
  // Reads state and arenas of the last checkpoint; changes nothing. Error: what is missing or
  // damaged.
  TrainState restore(const Layout& layout, const std::vector<NamedArena>& arenas) const;
  // Takes back what was saved behind that state.
  void discard_newer(const TrainState& state) const;

 private:
  void remove_unused(const TrainState& state) const;
  std::filesystem::path path_;
};

}  // namespace attn

// Formats the progress of a training run: messages and events for its log (train/run_log.h), and
// the same events for its report (train/run_report.h).
#pragma once

#include <cstdint>

#include "train/checkpoint.h"
#include "train/config.h"
#include "train/run_log.h"
#include "train/run_report.h"
#include "train/validation.h"

namespace attn {

// The reason why training ends.
enum class StopReason { interrupted, max_updates, max_epochs, max_seconds, patience };

class ProgressLog {
 public:
  // The arguments must outlive the object.
  ProgressLog(const Config& config, RunLog& log);

  // Reads the events and samples of the run so far, up to the validation after update `validated`.
  void open(std::int64_t validated);

  // Logs that the run continues from a checkpoint.
  void log_resume(const TrainState& state);

  // Logs the means over the updates since the last call, which are in state.sums.
  void log_update(const TrainState& state, double learning_rate, double gradient_norm);

  // Logs the result of a validation, and adds its samples to the report.
  void log_validation(const TrainState& state, const ValidationResult& result);

  // Logs that the state was saved on request.
  void log_save(const TrainState& state);

  // Records the event "end".
  void record_end(const TrainState& state, StopReason reason);
  // Logs why training ended, and where its results are.
  void log_end(const TrainState& state, StopReason reason);

  // Writes the report.
  void write_report() const;
  // Returns the size of metrics.jsonl.
  std::uint64_t metrics_bytes() const { return log_.metrics_bytes(); }

  // Shows the progress on the status line, with the remaining time if it is finite.
  void show_progress(const TrainState& state, double remaining_seconds);
  // Shows on the status line that a validation is running.
  void show_validation();

 private:
  void record(const Json& event);

  const Config& config_;
  const ValidMetric valid_metric_;
  RunLog& log_;
  RunReport report_;
};

}  // namespace attn

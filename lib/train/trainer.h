// The training loop, with its stopping criteria, validations and checkpoints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "text/batch_stream.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/gradient.h"
#include "train/optimizer.h"
#include "train/progress_log.h"
#include "train/run_log.h"
#include "train/run_report.h"
#include "train/train_data.h"

namespace attn {

// Trains one model. The result depends on the config, the data and the training state only.
class Trainer {
 public:
  // Trains model.weights. The arguments must outlive the trainer.
  Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
          RunLog& log, Pool& pool);

  // Initializes weights and state for update 0.
  void start();
  // Loads weights and state from the last checkpoint. Throws Error if it cannot be read or the data
  // have changed.
  void resume();

  // Trains until a stopping criterion is met or the user interrupts, then saves the last state.
  // Throws Error if the loss, the gradient or a weight is not finite; the message names the update,
  // the batch and the tensor.
  void run();

  // Performs one update.
  void update();

  const TrainState& state() const { return state_; }
  // Returns the sums of the last update.
  const Gradient::Sums& last_sums() const { return gradient_.sums(); }
  // Returns the weights that are validated and saved: their moving average if train.ema_decay is
  // set, else model.weights.
  const Params& averaged() const { return average_ ? *average_ : model_.weights; }

 private:
  std::vector<NamedArena> arenas();
  Objective objective() const;
  // Applies the optimizer and updates the moving average. `count` is the divisor of the gradient.
  void apply(double count);

  // Throws Error if the loss or the gradient is not finite. `square` is the squared norm of the
  // gradient.
  void check_finite(double square) const;
  // Throws Error if a weight is not finite.
  void check_weights() const;
  [[noreturn]] void stop_not_finite(const std::string& what) const;

  std::optional<StopReason> stop_reason() const;
  double remaining_seconds() const;  // an estimate; infinite if there is none
  void finish(StopReason reason);

  bool validation_due() const;
  void validate();
  ValidationResult measure_validation();
  double validation_bleu();  // also adds samples of the translations to the report
  void save(const TrainState& state);

  const Config& config_;
  const TrainData& data_;
  Model& model_;
  const RunDirectory& run_;
  RunLog& log_;
  RunReport report_;
  ProgressLog progress_log_;
  Pool& pool_;
  Weights weights_;  // model_.weights in the precision of training
  Gradient gradient_;
  const Optimizer& optimizer_;
  const LossNormalization loss_normalization_;
  const ValidMetric valid_metric_;
  std::vector<Params> optimizer_state_;
  std::optional<Params> average_;
  BatchStream batches_;
  bool epoch_ended_ = false;
  double gradient_norm_ = 0, learning_rate_ = 0;  // values of the last update
  Stopwatch stopwatch_;                           // time of this process
  double seconds_before_ = 0;                     // training time before this process started
  TrainState state_;
};

}  // namespace attn

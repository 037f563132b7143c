// The training loop, with its stopping criteria, validations and checkpoints.
#pragma once

#include <optional>
#include <string>

#include "base/stopwatch.h"
#include "text/batch_stream.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/gradient.h"
#include "train/progress_log.h"
#include "train/run_log.h"
#include "train/train_data.h"
#include "train/validation.h"
#include "train/weight_update.h"

namespace attn {

// Trains one model. The result depends on the config, the data and the training state only.
class Trainer {
 public:
  // Trains model.weights. The arguments must outlive the trainer.
  Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
          RunLog& log, Workers workers);

  // Initializes weights and state for update 0.
  void start();
  // Loads weights and state of the run, which RunDirectory::repair has repaired. Throws Error if
  // they cannot be read or the data have changed.
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
  const Params& averaged() const { return weight_update_.averaged(); }

 private:
  // Values of the last update that the loop needs.
  struct LastUpdate {
    double gradient_norm = 0, learning_rate = 0;
    bool epoch_ended = false;
  };

  // Computes the sum of the gradients of the next batches.
  void compute_gradient();
  Objective objective() const;
  // Updates the weights by the gradient, whose squared norm is `square`.
  void update_weights(double square);

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
  void save(const TrainState& state);

  const Config& config_;
  const TrainData& data_;
  Model& model_;
  const RunDirectory& run_;
  ProgressLog progress_log_;
  Validation validation_;
  BatchStream batches_;
  Pool& pool_;
  Weights weights_;  // the model's, in the precision of training
  Gradient gradient_;
  WeightUpdate weight_update_;
  TrainState state_;
  LastUpdate last_;
  std::optional<ValidationResult> validated_;  // the last result in this process
  Stopwatch stopwatch_;                        // training time, including that of earlier processes
};

}  // namespace attn

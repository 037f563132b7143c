// The training loop, with its stopping criteria, validations and checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

// Trains one model, together with the trainers of the other processes. The result depends on the
// config, the data and the training state only. The first process alone writes the run directory
// and the log; its clock and its state are those of all.
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
  // Return hashes of the texts and of the weights, which must be equal in all processes.
  std::uint64_t text_fingerprint() const;
  std::uint64_t weight_fingerprint() const;

  // Trains until a stopping criterion is met or the user interrupts, then saves the last state.
  // Throws Error if the loss, the gradient or a weight is not finite; the message names the update,
  // the batch and the tensor.
  void run();

  // Performs one update.
  void update();

  const TrainState& state() const { return state_; }
  // Returns the signal that has stopped the training in some process, or 0.
  int signal() const { return last_.signal; }
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
    int signal = 0;  // that asks some process to stop; 0: none
    bool save_requested = false;
  };

  // What a process contributes to the decision about the next step.
  struct Status {
    double seconds = 0;
    int signal = 0;
    bool save_requested = false;
  };

  // Computes the sum of the gradients of the next batches.
  void compute_gradient();
  Objective objective() const;
  // Updates the weights by the gradient, whose squared norm is `square`.
  void update_weights(double square);
  // Sets last_.signal and last_.save_requested to what any process was asked for, and the time to
  // that of the first process.
  void agree();

  // Throws Error if the loss or the gradient is not finite. `square` is the squared norm of the
  // gradient.
  void check_finite(double square) const;
  // Throws Error if a weight is not finite.
  void check_weights() const;
  [[noreturn]] void stop_not_finite(const std::string& what) const;
  // Returns the name of a tensor of the gradient, whose ranges the processes share, as
  // not_finite_tensor does.
  std::string not_finite_gradient() const;

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
  Workers workers_;
  Weights weights_;  // the model's, in the precision of training
  Gradient gradient_;
  WeightUpdate weight_update_;
  TrainState state_;
  LastUpdate last_;
  std::vector<Status> statuses_;               // of all processes
  std::vector<Index> status_bounds_;           // the status of each process
  std::optional<ValidationResult> validated_;  // the last result in this process
  Stopwatch stopwatch_;                        // training time, including that of earlier processes
};

}  // namespace attn

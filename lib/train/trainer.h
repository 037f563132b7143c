// Training: the loop, its budgets, validations and checkpoints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "text/batch_stream.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/gradient.h"
#include "train/run_log.h"
#include "train/run_report.h"

namespace attn {

// The texts of a run.
struct TrainData {
  ChunkedCorpus train;
  std::optional<Corpus> valid;
  std::vector<std::string> valid_source, valid_target;  // lines as given, for BLEU
};

// A training text larger than config.max_memory_mib has its file in `folder`.
TrainData read_train_data(const DataConfig& config, const Tokenizer& source,
                          const Tokenizer& target, const std::filesystem::path& folder, Pool& pool);

// The tokenizers that the config names, or new ones trained on its texts.
std::pair<Tokenizer, Tokenizer> make_tokenizers(const DataConfig& config);

// One run. Everything that decides the numbers is in the config, the data and the state.
class Trainer {
 public:
  // `data`, `model`, `run` and `log` must outlive the trainer; model.weights are what is trained.
  Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
          RunLog& log, Pool& pool);

  // First values, at update 0. / State and arenas of the last checkpoint. Error: the data have
  // changed.
  void start();
  void resume();

  // Trains until a budget ends or the user interrupts; the last state is saved. Error: a loss or
  // gradient that is not finite, naming update, batch and tensor.
  void run();

  void update();
  const TrainState& state() const { return state_; }
  const Gradient::Sums& last_sums() const { return gradient_.sums(); }  // of the last update
  // What is saved and validated: the moving average where there is one.
  const Params& averaged() const { return average_ ? *average_ : model_.weights; }

 private:
  std::vector<NamedArena> arenas();
  Objective objective() const;  // of the next update
  // Error: the loss or the gradient / the weights are not finite, and must not be kept.
  void check_finite(double square);
  void check_weights() const;
  [[noreturn]] void stop_not_finite(const std::string& what) const;
  void apply(double count);      // what the summed gradient is divided by
  void note(const Json& event);  // in metrics.jsonl and for the report
  void log_update();
  void show_progress();
  bool validation_due() const;
  void validate();
  double validation_bleu();  // leaves some of the translations to the report
  void finish(const std::string& why);
  void say_end(const std::string& why);
  int epoch_number() const;
  void save(const TrainState& state, std::int64_t best);
  std::string budget_end() const;  // why training ends now; "" if it does not
  double remaining_seconds() const;

  const Config& config_;
  const TrainData& data_;
  Model& model_;
  const RunDirectory& run_;
  RunLog& log_;
  RunReport report_;
  Pool& pool_;
  Gradient gradient_;
  std::vector<Params> optimizer_state_;
  std::optional<Params> average_;
  BatchStream batches_;
  bool epoch_ended_ = false;
  double norm_ = 0, rate_ = 0;
  std::chrono::steady_clock::time_point
      begin_;  // of this run; state_.seconds counts from seconds_before_
  double seconds_before_ = 0;
  TrainState state_;
};

}  // namespace attn

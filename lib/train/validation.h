// The validation of a model during training: its loss and BLEU on the validation text, samples of
// its translations, and whether it is the best so far.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/model_dir.h"
#include "search/translate.h"
#include "train/checkpoint.h"
#include "train/communicator.h"
#include "train/config.h"
#include "train/train_data.h"

namespace attn {

// The results of one validation.
struct ValidationResult {
  double bleu = 0;
  double cross_entropy = 0;  // nats per target token
  double seconds = 0;        // duration of the validation
  bool improved = false;     // whether it was the best so far
  // {"update", "sentences"}: samples of the translations (train/validation_samples.h), in the first
  // process.
  Json samples;
};

class Validation {
 public:
  // The arguments must outlive the object.
  Validation(const Config& config, const TrainData& data, Workers workers)
      : config_(config), data_(data), workers_(workers) {}

  // Measures the model, which has the weights after state.update, together with the other
  // processes. If it is the best so far, records that in the state. Updates the counts for the
  // schedule and train.patience. Requires a validation text.
  ValidationResult run(const Model& model, TrainState& state) const;

 private:
  ValidationResult measure_model(const Model& model, std::int64_t update) const;
  // Assigns the translations of all processes, and samples of them, in the first process. `found`
  // are those of this process.
  void collect(const Model& model, const Weights& w, const std::vector<TranslatedLine>& found,
               std::vector<std::string>& texts, Json& sentences) const;
  // Records whether the result is the best so far, in the result and in the state.
  void compare(ValidationResult& result, TrainState& state) const;

  const Config& config_;
  const TrainData& data_;
  Workers workers_;
};

}  // namespace attn

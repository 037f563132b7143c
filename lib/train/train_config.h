// The options of training (section "train" of a config).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/options.h"
#include "base/registry.h"
#include "math/gemm/precision.h"

namespace attn {

struct TrainConfig {
  std::filesystem::path run_dir;
  std::int64_t seed = 1;
  int threads = 0;
  int shards = 4;
  std::string precision = "float32";
  std::string communication = "float32";
  double process_timeout = 600;

  std::string batch_type = "tokens";
  int batch_size = 4096;
  int bucket_size = 6400;
  int gradient_accumulation = 1;
  std::string loss_normalization = "tokens";

  std::string optimizer = "adam";
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double rho = 0.95;
  double momentum = 0;
  double weight_decay = 0.01;

  std::string schedule = "constant";
  int warmup = 0;
  int decay_updates = 0;
  double plateau_factor = 0.5;
  int plateau_patience = 1;
  double min_learning_rate = 0;

  double clip_norm = 1.0;
  double label_smoothing = 0;
  double ema_decay = 0;
  double coverage_loss_weight = 0;
  double guided_alignment_weight = 0.1;
  double guided_alignment_decay = 1;

  int max_updates = 0;
  int max_epochs = 0;
  double max_seconds = 0;

  int valid_every = 500;
  std::string valid_metric = "bleu";
  int valid_beam = 1;
  int patience = 0;

  int log_every = 50;

  static void fields(Fields<TrainConfig>& field);
};

enum class BatchType { tokens, sentences };
enum class LossNormalization { tokens, sentences };
enum class ValidMetric { bleu, cross_entropy };
// Return the values of train.batch_type, train.loss_normalization and train.valid_metric.
const Registry<BatchType>& batch_types();
const Registry<LossNormalization>& loss_normalizations();
const Registry<ValidMetric>& valid_metrics();

// Replaces a train.decay_updates of 0 by train.max_updates.
void resolve(TrainConfig& train);

// Throws Error if options contradict each other. The message begins with `where`.
void validate(const TrainConfig& train, const std::string& where);

// Returns the value of train.precision.
Precision precision_of(const TrainConfig& train);

// Throws Error if this build does not support train.precision on this processor. The message begins
// with `where`.
void check_precision(const TrainConfig& train, const std::string& where);

}  // namespace attn

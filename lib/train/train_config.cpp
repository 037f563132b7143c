#include "train/train_config.h"

#include "base/error.h"
#include "base/system_info.h"
#include "math/gemm/product.h"
#include "train/communicator.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace attn {
namespace {

void run_fields(Fields<TrainConfig>& field) {
  field("run_dir", &TrainConfig::run_dir, any(), "directory for everything that training writes");
  field("seed", &TrainConfig::seed, any(), "random seed");
  field("threads", &TrainConfig::threads, between(0, 256),
        "number of worker threads; 0: one per processor");
  field(
      "shards", &TrainConfig::shards, between(1, 256),
      "number of parts into which a batch is divided for threads and processes; the value changes "
      "rounding, the number of threads and processes never does");
  field("precision", &TrainConfig::precision,
        one_of({{"float32", "no rounding"},
                {"bfloat16",
                 "round weights and activations of matrix products to bfloat16, accumulate in "
                 "float32; faster on processors with AVX512_BF16 or AMX"}}),
        "number format of matrix products in training; weights, gradients, optimizer and "
        "validation use float32");
  field("communication", &TrainConfig::communication, one_of(wire_formats().choices()),
        "format of gradients that several processes exchange (mpirun, srun); weights and sums are "
        "float32");
  field("process_timeout", &TrainConfig::process_timeout, at_least(0),
        "seconds that a process waits for another one before it ends the training of all; 0: no "
        "limit");
  field("max_updates", &TrainConfig::max_updates, at_least(0),
        "stop after this many updates; 0: no limit");
  field("max_epochs", &TrainConfig::max_epochs, at_least(0),
        "stop after this many epochs; 0: no limit");
  field("max_seconds", &TrainConfig::max_seconds, at_least(0),
        "stop after this many seconds, including validations; the final validation and checkpoint "
        "take extra time; 0: no limit");
}

void batch_fields(Fields<TrainConfig>& field) {
  field("batch_type", &TrainConfig::batch_type, one_of(batch_types().choices()),
        "unit of train.batch_size", FormerName{"batch_unit"});
  field("batch_size", &TrainConfig::batch_size, at_least(1),
        "size of a batch, all shards together");
  field("bucket_size", &TrainConfig::bucket_size, at_least(1),
        "number of sentence pairs that are sorted by length together before they are divided into "
        "batches",
        FormerName{"sort_within"});
  field("gradient_accumulation", &TrainConfig::gradient_accumulation, at_least(1),
        "batches per update", FormerName{"accumulate"});
  field("loss_normalization", &TrainConfig::loss_normalization,
        one_of(loss_normalizations().choices()),
        "divisor of the summed loss of an update, before clipping", FormerName{"normalise"});
}

// Return the condition under which an optimizer uses an option, and the option's default for each
// optimizer, both from the table of optimizers.
Condition has_option(const std::string& option) {
  std::vector<std::string> names;
  for (const auto& [name, doc, optimizer] : optimizers())
    if (optimizer.options.contains(option)) names.push_back(name);
  return when("train.optimizer", names);
}
DefaultBy default_of(const std::string& option) {
  DefaultBy out = {"train.optimizer", {}};
  for (const auto& [name, doc, optimizer] : optimizers())
    if (const auto found = optimizer.options.find(option); found != optimizer.options.end())
      out.values.emplace_back(name, found->second);
  return out;
}

void optimizer_fields(Fields<TrainConfig>& field) {
  field("optimizer", &TrainConfig::optimizer, one_of(optimizers().choices()), "optimizer");
  field("learning_rate", &TrainConfig::learning_rate, above(0),
        "base learning rate of the schedule", default_of("learning_rate"));
  const auto optional = [&](const std::string& name, double TrainConfig::*member,
                            const Check& check, const std::string& text) {
    field(name, member, check, text, has_option(name), default_of(name));
  };
  const Check decay = at_least(0) && below(1);
  optional("beta1", &TrainConfig::beta1, decay, "decay rate of the average of the gradients");
  optional("beta2", &TrainConfig::beta2, decay,
           "decay rate of the average of the squared gradients");
  optional("epsilon", &TrainConfig::epsilon, above(0),
           "small constant that avoids division by zero");
  optional("rho", &TrainConfig::rho, decay, "decay rate of the averages of squares");
  optional("momentum", &TrainConfig::momentum, decay, "momentum factor; 0: no momentum");
  optional("weight_decay", &TrainConfig::weight_decay, at_least(0),
           "decoupled weight decay, multiplied by the learning rate");
  field("clip_norm", &TrainConfig::clip_norm, at_least(0),
        "maximum norm of the gradient; 0: no clipping");
  field("ema_decay", &TrainConfig::ema_decay, at_least(0) && below(1),
        "decay rate of an exponential moving average of the weights, which is validated and saved "
        "in their place; 0: no average",
        FormerName{"moving_average"});
}

void loss_fields(Fields<TrainConfig>& field) {
  field("label_smoothing", &TrainConfig::label_smoothing, at_least(0) && below(1),
        "probability that is spread evenly over the vocabulary (Szegedy et al. 2016)");
  field("coverage_loss_weight", &TrainConfig::coverage_loss_weight, at_least(0),
        "weight of the coverage loss of each head (See et al. 2017, eq. 13)",
        when("model.attention.coverage", {"true"}), FormerName{"coverage_weight"});
  const Condition is_guided = when_not("data.train_alignment", {""});
  field("guided_alignment_weight", &TrainConfig::guided_alignment_weight, at_least(0),
        "weight of the guided alignment loss, which draws attention toward data.train_alignment "
        "(Chen et al. 2016); attention weights that are exactly zero get no gradient",
        is_guided);
  field("guided_alignment_decay", &TrainConfig::guided_alignment_decay, above(0) && at_most(1),
        "factor on train.guided_alignment_weight after each update", is_guided);
}

void schedule_fields(Fields<TrainConfig>& field) {
  const std::string schedule = "train.schedule";
  field("schedule", &TrainConfig::schedule, one_of(schedules().choices()),
        "learning rate schedule");
  field("warmup", &TrainConfig::warmup, at_least(0),
        "number of updates in which the learning rate rises linearly from 0");
  field("decay_updates", &TrainConfig::decay_updates, at_least(0),
        "update at which the cosine schedule ends; 0: train.max_updates",
        when(schedule, {"cosine"}));
  field("plateau_factor", &TrainConfig::plateau_factor, above(0) && below(1),
        "factor on the learning rate at each decay of the plateau schedule",
        when(schedule, {"plateau"}));
  field("plateau_patience", &TrainConfig::plateau_patience, at_least(1),
        "validations without improvement before the plateau schedule decays the learning rate",
        when(schedule, {"plateau"}));
  field("min_learning_rate", &TrainConfig::min_learning_rate, at_least(0),
        "lower limit of the decay", when(schedule, {"cosine", "plateau"}));
}

void validation_fields(Fields<TrainConfig>& field) {
  field("valid_every", &TrainConfig::valid_every, at_least(0),
        "updates between validations; 0: validate at the end of each epoch");
  field("valid_metric", &TrainConfig::valid_metric, one_of(valid_metrics().choices()),
        "metric for the best checkpoint, train.patience and the plateau schedule");
  field("valid_beam", &TrainConfig::valid_beam, at_least(1),
        "beam size of the validation translations");
  field("patience", &TrainConfig::patience, at_least(0),
        "stop after this many validations without improvement; 0: never");
  field("log_every", &TrainConfig::log_every, at_least(1), "updates between log lines");
}

}  // namespace

const Registry<BatchType>& batch_types() {
  static const Registry<BatchType> table = {
      {"tokens", "target subwords, with the end of sentence", BatchType::tokens},
      {"sentences", "sentence pairs", BatchType::sentences},
  };
  return table;
}

const Registry<LossNormalization>& loss_normalizations() {
  static const Registry<LossNormalization> table = {
      {"tokens", "number of target subwords", LossNormalization::tokens},
      {"sentences", "number of sentences, as in Bahdanau et al. 2015",
       LossNormalization::sentences},
  };
  return table;
}

const Registry<ValidMetric>& valid_metrics() {
  static const Registry<ValidMetric> table = {
      {"bleu", "BLEU of the translations; higher is better", ValidMetric::bleu},
      {"cross_entropy", "nats per target subword; lower is better", ValidMetric::cross_entropy},
  };
  return table;
}

void TrainConfig::fields(Fields<TrainConfig>& field) {
  run_fields(field);
  batch_fields(field);
  optimizer_fields(field);
  loss_fields(field);
  schedule_fields(field);
  validation_fields(field);
}

void resolve(TrainConfig& train) {
  if (train.decay_updates == 0) train.decay_updates = train.max_updates;
}

void validate(const TrainConfig& train, const std::string& where) {
  if (train.schedule == "inverse_sqrt" && train.warmup == 0)
    fail(where, "train.schedule \"inverse_sqrt\" requires train.warmup of at least 1");
  if (train.schedule == "cosine" && train.decay_updates == 0)
    fail(where, "train.schedule \"cosine\" requires train.decay_updates or train.max_updates");
  if (train.schedule == "cosine" && train.decay_updates <= train.warmup)
    fail(where, "train.decay_updates (default: train.max_updates) must be above train.warmup (" +
                    std::to_string(train.warmup) + "), got " + std::to_string(train.decay_updates));
}

Precision precision_of(const TrainConfig& train) {
  return train.precision == "bfloat16" ? Precision::bfloat16 : Precision::float32;
}

void check_precision(const TrainConfig& train, const std::string& where) {
  if (available(precision_of(train))) return;
  fail(where, "train.precision \"" + train.precision +
                  "\" requires a processor with AVX512_BF16 or AMX and a build with oneDNN, but "
                  "this is " +
                  processor_name() + " with " + product_library() + "; use \"float32\"");
}

}  // namespace attn

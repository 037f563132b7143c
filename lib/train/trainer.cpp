#include "train/trainer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/profile.h"
#include "nn/init.h"
#include "train/card.h"

namespace attn {
namespace {

BatchOptions batch_options(const TrainConfig& c) {
  return {.by_tokens = batch_types().at(c.batch_type) == BatchType::tokens,
          .size = c.batch_size,
          .bucket_size = c.bucket_size};
}

std::string fingerprint_text(const TextSummary& text) {
  return std::to_string(text.fingerprint);
}

// A tensor and how suspicious it is.
struct Suspect {
  std::size_t tensor = 0;  // index of its entry
  Real size = 0;           // its largest absolute value; infinite if a number is not finite
};

// Returns the first tensor of an arena that is not finite. If all are finite, their squares
// overflowed: returns the tensor with the largest absolute value.
Suspect not_finite_tensor(const Layout& layout, const Params& params) {
  Suspect largest;
  for (std::size_t i = 0; i < layout.entries().size(); ++i) {
    const auto values = params.vector(layout.entries()[i].slot).map();
    if (!values.allFinite()) return {i, std::numeric_limits<Real>::infinity()};
    const Real x = values.cwiseAbs().maxCoeff();
    if (x > largest.size) largest = {i, x};
  }
  return largest;
}

}  // namespace

Trainer::Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
                 RunLog& log, Workers workers)
    : config_(config),
      data_(data),
      model_(model),
      run_(run),
      progress_log_(config, log),
      validation_(config, data, workers),
      batches_(data.train, batch_options(config.train),
               RandomKey(static_cast<std::uint64_t>(config.train.seed)).at("batches")),
      workers_(workers),
      weights_(model.weights, precision_of(config.train)),
      gradient_(model.network, config.train.shards, workers,
                wire_formats().at(config.train.communication)),
      weight_update_(config.train, model.network.layout(), model.weights, gradient_.bounds(),
                     workers),
      statuses_(static_cast<std::size_t>(workers.communicator.size())),
      status_bounds_(divide_evenly(workers.communicator.size(), workers.communicator.size())) {}

void Trainer::start() {
  initialize(model_.network.layout(), init_schemes().at(config_.model.init),
             static_cast<std::uint64_t>(config_.train.seed), model_.weights);
  weight_update_.start();
  state_.expected_log_prob = -std::log(static_cast<double>(model_.network.target_vocabulary()));
  state_.train_data = fingerprint_text(data_.train.summary());
  state_.valid_data = data_.valid ? fingerprint_text(data_.valid->text()) : "";
}

void Trainer::resume() {
  auto optimizer = weight_update_.complete_state();
  state_ = train_state_from_json(Json::parse(workers_.communicator.from_first([&] {
    return to_line(
        to_json(run_.restore(model_.network.layout(), weight_update_.arenas(optimizer))));
  })));
  weight_update_.scatter_state(optimizer);
  const std::string where = run_.path().string() + ": cannot resume: ";
  const std::string changed =
      " has changed since the run began; restore it, or start a new run with --overwrite";
  if (state_.train_data != fingerprint_text(data_.train.summary()))
    throw CommonError(where + "the training text (data.train_source, data.train_target" +
                      (config_.data.train_alignment.empty() ? "" : ", data.train_alignment") + ")" +
                      changed);
  if (state_.valid_data != (data_.valid ? fingerprint_text(data_.valid->text()) : ""))
    throw CommonError(where + "the validation text (data.valid_source, data.valid_target)" +
                      changed);
  progress_log_.log_resume(state_);
}

std::uint64_t Trainer::text_fingerprint() const {
  std::uint64_t hash = data_.train.summary().fingerprint;
  if (data_.valid) hash = mix(hash ^ data_.valid->text().fingerprint);
  return hash;
}

std::uint64_t Trainer::weight_fingerprint() const {
  std::uint64_t hash = 0;
  for (const Real x : model_.weights.flat())
    hash = mix(hash ^ std::bit_cast<std::uint64_t>(static_cast<double>(x)));
  return hash;
}

Objective Trainer::objective() const {
  const auto& c = config_.train;
  const double decay = std::pow(c.guided_alignment_decay, static_cast<double>(state_.update));
  const bool guided = !config_.data.train_alignment.empty();
  return {c.label_smoothing, state_.expected_log_prob, c.coverage_loss_weight,
          guided ? c.guided_alignment_weight * decay : 0};
}

void Trainer::update() {
  const Stopwatch stopwatch;
  compute_gradient();
  const double square = gradient_.squared_norm();
  check_finite(square);
  ++state_.update;
  update_weights(square);
  last_.epoch_ended = batches_.at_end(state_.position);
  if (last_.epoch_ended) state_.position = {.epoch = state_.position.epoch + 1};

  const auto& sums = gradient_.sums();
  constexpr double kLogProbStep = 0.1;  // step of the moving average
  const double log_prob = -sums.cross_entropy / sums.tokens;
  state_.expected_log_prob += kLogProbStep * (log_prob - state_.expected_log_prob);
  agree();
  state_.sums.objective += sums.objective;
  state_.sums.tokens += sums.tokens;
  state_.sums.seconds += stopwatch.seconds();
}

void Trainer::compute_gradient() {
  gradient_.begin();
  const RandomKey seed(static_cast<std::uint64_t>(config_.train.seed));
  const DropoutContext noise{.on = true,
                             .key = seed.at("noise").at(static_cast<std::uint64_t>(state_.update))};
  const int batches = config_.train.gradient_accumulation;
  for (int i = 0; i < batches && !batches_.at_end(state_.position); ++i) {
    const auto [corpus, sentences] = batches_.next(state_.position);
    gradient_.accumulate(weights_, corpus, sentences, objective(), noise);
  }
  gradient_.sum();
}

void Trainer::check_finite(double square) const {
  const double objective = gradient_.sums().objective;
  if (std::isfinite(objective) && std::isfinite(square)) return;
  const std::string tensor =
      std::isfinite(square) ? "the loss" : "the gradient of " + not_finite_gradient();
  stop_not_finite("update " + std::to_string(state_.update + 1) + ", batch " +
                  std::to_string(state_.position.batch) + " of epoch " +
                  std::to_string(state_.position.epoch + 1) + ": " + tensor);
}

std::string Trainer::not_finite_gradient() const {
  const Layout& layout = model_.network.layout();
  const auto found = workers_.communicator.all_values(not_finite_tensor(layout, gradient_.total()));
  const auto worst = std::ranges::max_element(found, {}, &Suspect::size);  // the first one
  return layout.entries()[worst->tensor].name;
}

void Trainer::check_weights() const {
  const auto weights = model_.weights.flat();
  if (std::all_of(weights.begin(), weights.end(), [](Real x) { return std::isfinite(x); })) return;
  stop_not_finite("update " + std::to_string(state_.update) + ": the updated weight " +
                  model_.network.layout()
                      .entries()[not_finite_tensor(model_.network.layout(), model_.weights).tensor]
                      .name);
}

void Trainer::stop_not_finite(const std::string& what) const {
  const fs::path last = run_.path() / "last";
  throw CommonError(what + " is not a finite number; " +
                    (fs::exists(last) ? "the last good checkpoint is " + last.string()
                                      : "there is no checkpoint yet") +
                    "; try a lower train.learning_rate, a warm-up, or train.clip_norm");
}

void Trainer::update_weights(double square) {
  const auto& c = config_.train;
  const bool by_tokens =
      loss_normalizations().at(c.loss_normalization) == LossNormalization::tokens;
  const double count = by_tokens ? gradient_.sums().tokens : gradient_.sums().sentences;
  last_.gradient_norm = std::sqrt(square) / count;
  last_.learning_rate = learning_rate(c, state_.update, state_.progress);
  const double scale = gradient_scale(last_.gradient_norm, count, c.clip_norm);
  weight_update_.apply(
      {.update = state_.update, .rate = last_.learning_rate, .scale = static_cast<Real>(scale)},
      gradient_);
  const Timed timed(Stage::optimizer);
  weights_.renew(workers_.pool);
}

void Trainer::agree() {
  IndexSpan<Status> all(statuses_);
  all[workers_.communicator.rank()] = {stopwatch_.seconds(), interrupted(), take_save_request()};
  workers_.communicator.all_gather(all, status_bounds_);
  state_.seconds = all.front().seconds;
  last_.signal = 0, last_.save_requested = false;
  for (const Status& status : all) {
    if (last_.signal == 0) last_.signal = status.signal;
    last_.save_requested = last_.save_requested || status.save_requested;
  }
}

std::optional<StopReason> Trainer::stop_reason() const {
  const auto& c = config_.train;
  if (last_.signal != 0) return StopReason::interrupted;
  if (c.max_updates > 0 && state_.update >= c.max_updates) return StopReason::max_updates;
  if (c.max_epochs > 0 && state_.position.epoch >= c.max_epochs) return StopReason::max_epochs;
  if (c.max_seconds > 0 && state_.seconds >= c.max_seconds) return StopReason::max_seconds;
  if (c.patience > 0 && state_.progress.validations_since_best >= c.patience)
    return StopReason::patience;
  return {};
}

double Trainer::remaining_seconds() const {
  const auto& c = config_.train;
  double remaining = INFINITY;
  const auto limit = [&](double done, double total) {
    if (total > 0 && done > 0)
      remaining = std::min(remaining, state_.seconds * (total - done) / done);
  };
  limit(static_cast<double>(state_.update), c.max_updates);
  limit(state_.seconds, c.max_seconds);
  limit(batches_.epochs(state_.position), c.max_epochs);
  return remaining;
}

void Trainer::run() {
  stopwatch_ = Stopwatch(state_.seconds);
  progress_log_.open(state_.validated);
  agree();
  std::optional<StopReason> reason = stop_reason();
  for (; !reason; reason = stop_reason()) {
    update();
    progress_log_.show_progress(state_, remaining_seconds());
    if (state_.update % config_.train.log_every == 0) {
      progress_log_.log_update(state_, last_.learning_rate, last_.gradient_norm);
      state_.sums = {};
    }
    if (validation_due()) {
      validate();
      state_.metrics_bytes = progress_log_.metrics_bytes();
      save(state_);
      progress_log_.write_report();
    } else if (last_.save_requested) {
      state_.metrics_bytes = progress_log_.metrics_bytes();
      save(state_);
      progress_log_.log_save(state_);
    }
  }
  finish(*reason);
}

// The saved state is the one before the final validation and the event "end": a resumed run
// continues as if it had not stopped.
void Trainer::finish(StopReason reason) {
  state_.metrics_bytes = progress_log_.metrics_bytes();
  const TrainState resumable = state_;
  if (reason != StopReason::interrupted && state_.validated != state_.update) validate();
  progress_log_.record_end(state_, reason);
  save(resumable);
  progress_log_.write_report();
  progress_log_.log_end(state_, reason);
}

bool Trainer::validation_due() const {
  return config_.train.valid_every > 0 ? state_.update % config_.train.valid_every == 0
                                       : last_.epoch_ended;
}

void Trainer::validate() {
  check_weights();
  state_.validated = state_.update;
  if (!data_.valid) {
    state_.best_update = state_.update;  // without a validation text the last model is the best
    return;
  }
  progress_log_.show_validation();
  gradient_.release_memory();
  weight_update_.complete_average();
  weight_update_.swap_average();
  validated_ = validation_.run(model_, state_);
  weight_update_.swap_average();
  agree();
  progress_log_.log_validation(state_, *validated_);
}

void Trainer::save(const TrainState& state) {
  check_weights();
  const Layout& layout = model_.network.layout();
  auto optimizer = weight_update_.gather_state();
  weight_update_.complete_average();
  if (!workers_.communicator.is_first()) return;
  const bool is_validated = validated_ && state_.validated == state_.update;
  ModelFile file = model_file(model_, averaged());
  file.config = to_text(to_model_json(config_));
  file.card = to_text(to_json(make_card(config_, data_.train.summary(), layout.count(),
                                        state.update, is_validated ? &*validated_ : nullptr)));
  run_.save(file, layout, state, weight_update_.arenas(optimizer), state_.best_update);
}

}  // namespace attn

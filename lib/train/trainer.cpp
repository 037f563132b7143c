#include "train/trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/profile.h"
#include "base/system_info.h"
#include "metrics/bleu.h"
#include "nn/init.h"
#include "train/validate.h"
#include "train/validation_samples.h"

namespace attn {
namespace {

BatchOptions batch_options(const TrainConfig& c) {
  return {.by_tokens = batch_types().at(c.batch_type) == BatchType::tokens,
          .size = c.batch_size,
          .bucket_size = c.bucket_size};
}

std::string fingerprint(const TextSummary& text) {
  return std::to_string(text.fingerprint);
}

// Returns the name of the first tensor of an arena that is not finite. If all are finite, their
// squares overflowed: returns the tensor with the largest absolute value.
std::string not_finite_tensor(const Layout& layout, const Params& params) {
  const Entry* largest = &layout.entries().front();
  Real max = 0;
  for (const auto& entry : layout.entries()) {
    if (!params.vector(entry.slot).map().allFinite()) return entry.name;
    const Real x = params.vector(entry.slot).map().cwiseAbs().maxCoeff();
    if (x > max) max = x, largest = &entry;
  }
  return largest->name;
}

// a ← (1 − step) a + step w
void move_average(Real step, std::span<const Real> w, std::span<Real> a) {
  for (std::size_t k = 0; k < a.size(); ++k) a[k] += step * (w[k] - a[k]);
}

// The optimizer processes the arenas in ranges, one per worker at a time. Within a range,
// optimizer, moving average and the clearing of the gradient work on blocks that fit in the L1
// cache, so that each number is read from memory only once.
constexpr std::size_t kUpdateRange = std::size_t{1} << 16, kUpdateBlock = 2048;

}  // namespace

Trainer::Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
                 RunLog& log, Pool& pool)
    : config_(config),
      data_(data),
      model_(model),
      run_(run),
      log_(log),
      report_(config),
      progress_log_(config, log, report_),
      pool_(pool),
      weights_(model.weights, precision_of(config.train)),
      gradient_(model.network, config.train.shards, pool),
      optimizer_(optimizers().at(config.train.optimizer)),
      loss_normalization_(loss_normalizations().at(config.train.loss_normalization)),
      valid_metric_(valid_metrics().at(config.train.valid_metric)),
      batches_(data.train, batch_options(config.train),
               RandomKey(static_cast<std::uint64_t>(config.train.seed)).at("batches")) {
  for (std::size_t i = 0; i < optimizer_.state.size(); ++i)
    optimizer_state_.emplace_back(model.network.layout());
  if (config.train.ema_decay > 0) average_.emplace(model.network.layout());
}

std::vector<NamedArena> Trainer::arenas() {
  std::vector<NamedArena> out;
  if (average_) out.push_back({"raw", &model_.weights});
  for (std::size_t i = 0; i < optimizer_.state.size(); ++i)
    out.push_back({optimizer_.state[i], &optimizer_state_[i]});
  return out;
}

void Trainer::start() {
  initialize(model_.network.layout(), init_schemes().at(config_.model.init),
             static_cast<std::uint64_t>(config_.train.seed), model_.weights);
  if (average_)
    std::copy_n(model_.weights.flat().data(), average_->flat().size(), average_->flat().data());
  state_.expected_log_prob = -std::log(static_cast<double>(model_.network.target_vocabulary()));
  state_.train_data = fingerprint(data_.train.summary());
  state_.valid_data = data_.valid ? fingerprint(data_.valid->text()) : "";
}

void Trainer::resume() {
  state_ = run_.restore(model_.network.layout(), arenas());
  // The model file has the average if there is one; arenas() then includes the weights themselves.
  (average_ ? *average_ : model_.weights) = read_model(run_.last(), config_.model).weights;
  const std::string where = run_.path().string() + ": cannot resume: ";
  const std::string changed =
      " has changed since the run began; restore it, or start a new run with --overwrite";
  if (state_.train_data != fingerprint(data_.train.summary()))
    throw Error(where + "the training text (data.train_source, data.train_target" +
                (config_.data.train_alignment.empty() ? "" : ", data.train_alignment") + ")" +
                changed);
  if (state_.valid_data != (data_.valid ? fingerprint(data_.valid->text()) : ""))
    throw Error(where + "the validation text (data.valid_source, data.valid_target)" + changed);
  run_.discard_newer(state_);
  progress_log_.log_resume(state_);
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
  const auto& c = config_.train;
  gradient_.begin();
  epoch_ended_ = false;
  const RandomKey seed(static_cast<std::uint64_t>(c.seed));
  const DropoutContext noise{.on = true,
                             .key = seed.at("noise").at(static_cast<std::uint64_t>(state_.update))};
  for (int i = 0; i < c.gradient_accumulation && !batches_.at_end(state_.position); ++i) {
    const auto [corpus, sentences] = batches_.next(state_.position);
    gradient_.accumulate(weights_, corpus, sentences, objective(), noise);
  }
  const double square = gradient_.sum();
  check_finite(square);
  const auto& sums = gradient_.sums();
  const double count =
      loss_normalization_ == LossNormalization::tokens ? sums.tokens : sums.sentences;
  gradient_norm_ = std::sqrt(square) / count;
  ++state_.update;
  constexpr double kLogProbStep = 0.1;  // step of the moving average
  const double log_prob = -sums.cross_entropy / sums.tokens;
  state_.expected_log_prob += kLogProbStep * (log_prob - state_.expected_log_prob);
  apply(count);
  weights_.invalidate();
  if (batches_.at_end(state_.position))
    state_.position = {.epoch = state_.position.epoch + 1}, epoch_ended_ = true;

  const double seconds = stopwatch.seconds();
  state_.seconds = seconds_before_ + stopwatch_.seconds();
  state_.sums.objective += sums.objective;
  state_.sums.tokens += sums.tokens;
  state_.sums.seconds += seconds;
}

void Trainer::check_finite(double square) const {
  const double objective = gradient_.sums().objective;
  if (std::isfinite(objective) && std::isfinite(square)) return;
  const std::string tensor =
      std::isfinite(square)
          ? "the loss"
          : "the gradient of " + not_finite_tensor(model_.network.layout(), gradient_.total());
  stop_not_finite("update " + std::to_string(state_.update + 1) + ", batch " +
                  std::to_string(state_.position.batch) + " of epoch " +
                  std::to_string(state_.position.epoch + 1) + ": " + tensor);
}

void Trainer::check_weights() const {
  const auto weights = model_.weights.flat();
  if (std::all_of(weights.begin(), weights.end(), [](Real x) { return std::isfinite(x); })) return;
  stop_not_finite("update " + std::to_string(state_.update) + ": the updated weight " +
                  not_finite_tensor(model_.network.layout(), model_.weights));
}

void Trainer::stop_not_finite(const std::string& what) const {
  const fs::path last = run_.path() / "last";
  throw Error(what + " is not a finite number; " +
              (fs::exists(last) ? "the last good checkpoint is " + last.string()
                                : "there is no checkpoint yet") +
              "; try a lower train.learning_rate, a warm-up, or train.clip_norm");
}

void Trainer::apply(double count) {
  const Timed timed(Stage::optimizer);
  const auto& c = config_.train;
  learning_rate_ = learning_rate(c, state_.update, state_.progress);
  const double scale = gradient_scale(gradient_norm_, count, c.clip_norm);
  const Step step{
      .update = state_.update, .rate = learning_rate_, .scale = static_cast<Real>(scale)};
  // A decay of at most (1 + u) / (10 + u) forgets the initial weights quickly (as TensorFlow's
  // ExponentialMovingAverage does).
  const auto u = static_cast<double>(state_.update);
  const auto average_step = static_cast<Real>(1 - std::min(c.ema_decay, (1 + u) / (10 + u)));
  const std::size_t size = model_.weights.flat().size();
  pool_.for_each((size + kUpdateRange - 1) / kUpdateRange, [&](std::size_t range, int) {
    const std::size_t end = std::min(size, (range + 1) * kUpdateRange);
    for (std::size_t begin = range * kUpdateRange; begin < end; begin += kUpdateBlock) {
      const auto block = [&](Params& p) {
        return p.flat().subspan(begin, std::min(kUpdateBlock, end - begin));
      };
      const auto w = block(model_.weights), g = block(gradient_.total());
      Real* state[4] = {};
      for (std::size_t k = 0; k < optimizer_state_.size(); ++k)
        state[k] = block(optimizer_state_[k]).data();
      optimizer_.update(c, step, w, g, std::span(state, optimizer_state_.size()));
      std::fill(g.begin(), g.end(), Real(0));
      if (average_) move_average(average_step, w, block(*average_));
    }
  });
}

std::optional<StopReason> Trainer::stop_reason() const {
  const auto& c = config_.train;
  if (interrupted()) return StopReason::interrupted;
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
  stopwatch_ = {};
  seconds_before_ = state_.seconds;
  report_.open(state_.validated);
  std::optional<StopReason> reason = stop_reason();
  for (; !reason; reason = stop_reason()) {
    update();
    if (log_.has_status_line()) progress_log_.show_progress(state_, remaining_seconds());
    if (state_.update % config_.train.log_every == 0) {
      progress_log_.log_update(state_, learning_rate_, gradient_norm_);
      state_.sums = {};
    }
    if (validation_due()) {
      validate();
      state_.metrics_bytes = log_.metrics_bytes();
      save(state_);
      report_.write();
    }
  }
  finish(*reason);
}

// The saved state is the one before the final validation and the event "end": a resumed run
// continues as if it had not stopped.
void Trainer::finish(StopReason reason) {
  state_.metrics_bytes = log_.metrics_bytes();
  const TrainState resumable = state_;
  if (reason != StopReason::interrupted && state_.validated != state_.update) validate();
  progress_log_.record_end(state_, reason);
  save(resumable);
  report_.write();
  progress_log_.log_end(state_, reason);
}

bool Trainer::validation_due() const {
  return config_.train.valid_every > 0 ? state_.update % config_.train.valid_every == 0
                                       : epoch_ended_;
}

void Trainer::validate() {
  check_weights();
  state_.validated = state_.update;
  if (!data_.valid) {
    state_.best_update = state_.update;  // without a validation text the last model is the best
    return;
  }
  ValidationResult result = measure_validation();
  state_.seconds = seconds_before_ + stopwatch_.seconds();

  const bool by_bleu = valid_metric_ == ValidMetric::bleu;
  const double value = by_bleu ? result.bleu : result.cross_entropy;
  result.improved = !state_.best || (by_bleu ? value > *state_.best : value < *state_.best);
  if (result.improved) state_.best = value, state_.best_update = state_.update;
  record_validation(config_.train, result.improved, state_.progress);
  progress_log_.log_validation(state_, result);
}

ValidationResult Trainer::measure_validation() {
  const Stopwatch stopwatch;
  progress_log_.show_validation();
  gradient_.release_memory();
  if (average_) std::swap(model_.weights, *average_);
  ValidationResult result;
  result.cross_entropy =
      measure(model_.network, Weights(model_.weights), *data_.valid, pool_).cross_entropy;
  result.bleu = validation_bleu();
  if (average_) std::swap(model_.weights, *average_);
  release_free_memory();
  result.seconds = stopwatch.seconds();
  return result;
}

double Trainer::validation_bleu() {
  const SearchConfig search = config_.search.with_beam(config_.train.valid_beam);
  const auto found = translations(model_, data_.valid_source, search, pool_);
  report_.add_samples(
      validation_samples(state_.update, model_, data_.valid_source, data_.valid_target, found));
  return bleu(texts(found), {data_.valid_target}, {.tokenizer = config_.data.bleu_tokenizer}).score;
}

void Trainer::save(const TrainState& state) {
  check_weights();
  run_.save(model_, averaged(), to_text(to_json(config_)), state, arenas(), state_.best_update);
}

}  // namespace attn

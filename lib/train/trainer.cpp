#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "base/profile.h"
#include "base/system_info.h"
#include "metrics/bleu.h"
#include "nn/init.h"
#include "train/optimizer.h"
#include "train/validate.h"
#include "train/validation_samples.h"

namespace attn {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, arguments...);
  return text;
}

BatchOptions batch_options(const TrainConfig& c) {
  return {c.batch_type == "tokens", c.batch_size, c.bucket_size};
}

std::string fingerprint(const TextSummary& text) {
  return std::to_string(text.fingerprint);
}

// The tensor with the first number of an arena that is not finite; where all are, the one with the
// largest, whose square is not.
std::string not_finite_tensor(const Layout& layout, const Params& params) {
  const Entry* largest = &layout.entries().front();
  Real top = 0;
  for (const auto& entry : layout.entries()) {
    if (!params.vector(entry.slot).allFinite()) return entry.name;
    const Real x = params.vector(entry.slot).cwiseAbs().maxCoeff();
    if (x > top) top = x, largest = &entry;
  }
  return largest->name;
}

// a ← (1 − step) a + step w
void move_average(Real step, std::span<const Real> w, std::span<Real> a) {
  for (std::size_t k = 0; k < a.size(); ++k) a[k] += step * (w[k] - a[k]);
}

// Numbers of the arenas that a worker takes at a time, and of those that stay in the nearest cache
// while optimizer, average and the gradient's zeroing go over them: one pass through memory.
constexpr std::size_t kPart = std::size_t{1} << 16, kBlock = 2048;

}  // namespace

Trainer::Trainer(const Config& config, const TrainData& data, Model& model, const RunDirectory& run,
                 RunLog& log, Pool& pool)
    : config_(config),
      data_(data),
      model_(model),
      run_(run),
      log_(log),
      report_(config),
      pool_(pool),
      gradient_(model.network, config.train.shards, precision_of(config.train), pool),
      batches_(data.train, batch_options(config.train),
               RandomKey(static_cast<std::uint64_t>(config.train.seed)).at("batches")) {
  for (std::size_t i = 0; i < optimizers().at(config.train.optimizer).state.size(); ++i)
    optimizer_state_.emplace_back(model.network.layout());
  if (config.train.ema_decay > 0) average_.emplace(model.network.layout());
}

std::vector<NamedArena> Trainer::arenas() {
  std::vector<NamedArena> out;
  if (average_) out.push_back({"raw", &model_.weights});
  const auto& names = optimizers().at(config_.train.optimizer).state;
  for (std::size_t i = 0; i < names.size(); ++i) out.push_back({names[i], &optimizer_state_[i]});
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
  // Without an average the model's own weights are what is saved as the model, and not among
  // arenas().
  (average_ ? *average_ : model_.weights) = read_model(run_.last(), config_.model).weights;
  const std::string where = run_.path().string() + ": can't resume: ";
  if (state_.train_data != fingerprint(data_.train.summary()))
    throw Error(where + "the training text (data.train_source, data.train_target" +
                (config_.data.train_alignment.empty() ? "" : ", data.train_alignment") +
                ") is not what the run began with");
  if (state_.valid_data != (data_.valid ? fingerprint(data_.valid->text()) : ""))
    throw Error(where +
                "the validation text (data.valid_source, data.valid_target) is not what the run "
                "began with");
  run_.discard_newer(state_);
  log_.say(format("resumed after update %lld, in epoch %d", static_cast<long long>(state_.update),
                  state_.position.epoch + 1));
}

Objective Trainer::objective() const {
  const auto& c = config_.train;
  const double decay = std::pow(c.guided_alignment_decay, static_cast<double>(state_.update));
  const bool guided = !config_.data.train_alignment.empty();
  return {c.label_smoothing, state_.expected_log_prob, c.coverage_loss_weight,
          guided ? c.guided_alignment_weight * decay : 0};
}

void Trainer::update() {
  const auto begin = Clock::now();
  const auto& c = config_.train;
  gradient_.begin();
  epoch_ended_ = false;
  const DropoutContext noise{true, RandomKey(static_cast<std::uint64_t>(c.seed))
                                       .at("noise")
                                       .at(static_cast<std::uint64_t>(state_.update))};
  for (int i = 0; i < c.gradient_accumulation && !batches_.at_end(state_.position); ++i) {
    const auto [corpus, sentences] = batches_.next(state_.position);
    gradient_.accumulate(model_.weights, corpus, sentences, objective(), noise);
  }
  const double square = gradient_.sum();
  check_finite(square);
  const auto& sums = gradient_.sums();
  const double count = c.loss_normalization == "tokens" ? sums.tokens : sums.sentences;
  norm_ = std::sqrt(square) / count;
  ++state_.update;
  constexpr double kForgets = 0.1;
  const double log_prob = -sums.cross_entropy / sums.tokens;
  state_.expected_log_prob += kForgets * (log_prob - state_.expected_log_prob);
  apply(count);
  if (batches_.at_end(state_.position))
    state_.position = {.epoch = state_.position.epoch + 1}, epoch_ended_ = true;

  const double seconds = seconds_since(begin);
  state_.seconds = seconds_before_ + seconds_since(begin_);
  state_.sums.objective += sums.objective;
  state_.sums.tokens += sums.tokens;
  state_.sums.seconds += seconds;
}

void Trainer::check_finite(double square) {
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
  stop_not_finite("update " + std::to_string(state_.update) + ": what it made of the weight " +
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
  rate_ = learning_rate(c, state_.update, state_.progress);
  const double scale = gradient_scale(norm_, count, c.clip_norm);
  const Step step{state_.update, rate_, static_cast<Real>(scale)};
  const auto update = optimizers().at(c.optimizer).update;
  // Early on the average forgets faster: after u updates it looks back over u / 10 of them at most.
  const auto u = static_cast<double>(state_.update);
  const auto average_step = static_cast<Real>(1 - std::min(c.ema_decay, (1 + u) / (10 + u)));
  const std::size_t size = model_.weights.flat().size();
  pool_.for_each((size + kPart - 1) / kPart, [&](std::size_t part, int) {
    const std::size_t end = std::min(size, (part + 1) * kPart);
    for (std::size_t begin = part * kPart; begin < end; begin += kBlock) {
      const auto block = [&](Params& p) {
        return p.flat().subspan(begin, std::min(kBlock, end - begin));
      };
      const auto w = block(model_.weights), g = block(gradient_.total());
      Real* state[4] = {};
      for (std::size_t k = 0; k < optimizer_state_.size(); ++k)
        state[k] = block(optimizer_state_[k]).data();
      update(c, step, w, g, std::span(state, optimizer_state_.size()));
      std::fill(g.begin(), g.end(), Real(0));
      if (average_) move_average(average_step, w, block(*average_));
    }
  });
}

std::string Trainer::budget_end() const {
  const auto& c = config_.train;
  if (interrupted()) return "interrupted";
  if (c.max_updates > 0 && state_.update >= c.max_updates) return "max_updates";
  if (c.max_epochs > 0 && state_.position.epoch >= c.max_epochs) return "max_epochs";
  if (c.max_seconds > 0 && state_.seconds >= c.max_seconds) return "max_seconds";
  if (c.patience > 0 && state_.progress.validations_since_best >= c.patience) return "patience";
  return "";
}

double Trainer::remaining_seconds() const {
  const auto& c = config_.train;
  double left = INFINITY;
  const auto at_most = [&](double done, double of) {
    if (of > 0 && done > 0) left = std::min(left, state_.seconds * (of - done) / done);
  };
  at_most(static_cast<double>(state_.update), c.max_updates);
  at_most(state_.seconds, c.max_seconds);
  at_most(batches_.epochs(state_.position), c.max_epochs);
  return left;
}

void Trainer::run() {
  begin_ = Clock::now();
  seconds_before_ = state_.seconds;
  report_.open(state_.validated);
  std::string end = budget_end();
  while (end.empty()) {
    update();
    show_progress();
    if (state_.update % config_.train.log_every == 0) log_update();
    if (validation_due()) {
      validate();
      state_.metrics_bytes = log_.metrics_bytes();
      save(state_, state_.best_update);
      report_.write();
    }
    end = budget_end();
  }
  finish(end);
}

// The state that is saved knows nothing of the end: with a larger budget the run goes on as if it
// had not stopped.
void Trainer::finish(const std::string& why) {
  state_.metrics_bytes = log_.metrics_bytes();
  const TrainState scheduled = state_;
  if (why != "interrupted" && state_.validated != state_.update) validate();
  note({{"event", "end"},
        {"update", state_.update},
        {"epoch", epoch_number()},
        {"seconds", state_.seconds},
        {"reason", why}});
  save(scheduled, state_.best_update);
  report_.write();
  say_end(why);
}

void Trainer::say_end(const std::string& why) {
  const bool early = why == "interrupted";
  log_.say((early ? why : "train." + why + " reached") +
           format(" after update %lld, %s of training", static_cast<long long>(state_.update),
                  clock_text(state_.seconds).c_str()));
  std::string best;
  if (state_.best)
    best = format(config_.train.valid_metric == "bleu" ? "  update %lld, BLEU %.2f"
                                                       : "  update %lld, cross-entropy %.4f",
                  static_cast<long long>(state_.best_update), *state_.best);
  log_.say("best model  " + (run_.path() / "best").string() + best);
  log_.say("last model  " + (run_.path() / "last").string() +
           (early ? "  (--resume goes on)" : ""));
  log_.say("report      " + (run_.path() / "report.html").string());
}

// From 1: of the epoch under way, or of the one that has just ended.
int Trainer::epoch_number() const {
  return state_.position.epoch + (state_.position.batch > 0 ? 1 : 0);
}

void Trainer::show_progress() {
  if (!log_.is_active()) return;
  const double left = remaining_seconds();
  std::string line =
      format("epoch %d  update %lld  loss %.3f  %.0f tokens/s", state_.position.epoch + 1,
             static_cast<long long>(state_.update), state_.sums.objective / state_.sums.tokens,
             state_.sums.tokens / state_.sums.seconds);
  if (std::isfinite(left)) line += "  " + clock_text(left) + " left";
  log_.live(line);
}

void Trainer::note(const Json& event) {
  log_.event(event);
  report_.add_event(event);
}

void Trainer::log_update() {
  auto& sums = state_.sums;
  const double loss = sums.objective / sums.tokens, speed = sums.tokens / sums.seconds;
  note({{"event", "train"},
        {"update", state_.update},
        {"epoch", epoch_number()},
        {"seconds", state_.seconds},
        {"loss", loss},
        {"target_tokens", static_cast<std::int64_t>(sums.tokens)},
        {"target_tokens_per_second", speed},
        {"learning_rate", rate_},
        {"gradient_norm", norm_}});
  log_.say(format("epoch %d  update %lld  loss %.4f  %.0f tokens/s  rate %.3g  norm %.3g  %s",
                  epoch_number(), static_cast<long long>(state_.update), loss, speed, rate_, norm_,
                  clock_text(state_.seconds).c_str()));
  sums = {};
}

bool Trainer::validation_due() const {
  return config_.train.valid_every > 0 ? state_.update % config_.train.valid_every == 0
                                       : epoch_ended_;
}

double Trainer::validation_bleu() {
  const SearchConfig search = config_.search.with_beam(config_.train.valid_beam);
  const auto found = translations(model_, data_.valid_source, search, pool_);
  report_.add_samples(
      samples_of(state_.update, model_, data_.valid_source, data_.valid_target, found));
  return bleu(texts(found), {data_.valid_target}, {config_.data.bleu_tokenizer, false}).score;
}

void Trainer::validate() {
  check_weights();
  state_.validated = state_.update;
  if (!data_.valid) {
    state_.best_update = state_.update;  // nothing to choose by: the newest
    return;
  }
  const auto begin = Clock::now();
  log_.live("validating …");
  gradient_.release_memory();
  if (average_) std::swap(model_.weights, *average_);
  const Validation v = measure(model_.network, model_.weights, *data_.valid, pool_);
  const double score = validation_bleu();
  if (average_) std::swap(model_.weights, *average_);
  release_free_memory();
  const double seconds = seconds_since(begin);
  state_.seconds = seconds_before_ + seconds_since(begin_);

  const bool by_bleu = config_.train.valid_metric == "bleu";
  const double value = by_bleu ? score : v.cross_entropy;
  const bool gain = !state_.best || (by_bleu ? value > *state_.best : value < *state_.best);
  if (gain) state_.best = value, state_.best_update = state_.update;
  record_validation(config_.train, gain, state_.progress);
  note({{"event", "valid"},
        {"update", state_.update},
        {"epoch", epoch_number()},
        {"seconds", state_.seconds},
        {"bleu", score},
        {"cross_entropy", v.cross_entropy},
        {"perplexity", std::exp(v.cross_entropy)}});
  log_.say(format(
      "valid  update %lld  BLEU %.2f  cross-entropy %.4f  perplexity %.2f  %s (%.1f s)%s",
      static_cast<long long>(state_.update), score, v.cross_entropy, std::exp(v.cross_entropy),
      clock_text(state_.seconds).c_str(), seconds, gain ? "  best so far" : ""));
}

void Trainer::save(const TrainState& state, std::int64_t best) {
  check_weights();
  run_.save(model_, averaged(), to_text(to_json(config_)), state, arenas(), best);
}

}  // namespace attn

#include "train/progress_log.h"

#include <cmath>

#include "base/error.h"
#include "base/strings.h"

namespace attn {
namespace {

// Returns the number of the current epoch, from 1, or of the epoch that has just ended.
int epoch_number(const TrainState& state) {
  return state.position.epoch + (state.position.batch > 0 ? 1 : 0);
}

// Returns the number in the type that %lld expects.
long long printable(std::int64_t update) {
  return update;
}

std::string stop_reason_name(StopReason reason) {
  switch (reason) {
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::max_updates:
      return "max_updates";
    case StopReason::max_epochs:
      return "max_epochs";
    case StopReason::max_seconds:
      return "max_seconds";
    case StopReason::patience:
      return "patience";
  }
  throw Bug("no such stop reason");
}

}  // namespace

ProgressLog::ProgressLog(const Config& config, RunLog& log)
    : config_(config),
      valid_metric_(valid_metrics().at(config.train.valid_metric)),
      log_(log),
      report_(config) {}

void ProgressLog::open(std::int64_t validated) {
  if (!log_.is_silent()) report_.open(validated);
}

void ProgressLog::write_report() const {
  if (!log_.is_silent()) report_.write();
}

void ProgressLog::record(const Json& event) {
  if (log_.is_silent()) return;
  log_.record(event);
  report_.add_event(event);
}

void ProgressLog::log_resume(const TrainState& state) {
  log_.info(format("resumed after update %lld, in epoch %d", printable(state.update),
                   state.position.epoch + 1));
}

void ProgressLog::log_update(const TrainState& state, double learning_rate, double gradient_norm) {
  const LogSums& sums = state.sums;
  const double loss = sums.objective / sums.tokens, speed = sums.tokens / sums.seconds;
  record({{"event", "train"},
          {"update", state.update},
          {"epoch", epoch_number(state)},
          {"seconds", state.seconds},
          {"loss", loss},
          {"target_tokens", static_cast<std::int64_t>(sums.tokens)},
          {"target_tokens_per_second", speed},
          {"learning_rate", learning_rate},
          {"gradient_norm", gradient_norm}});
  log_.info(
      format("epoch %d  update %lld  loss %.4f  %.0f tokens/s  lr %.3g  gradient norm %.3g  %s",
             epoch_number(state), printable(state.update), loss, speed, learning_rate,
             gradient_norm, clock_text(state.seconds).c_str()));
}

void ProgressLog::log_validation(const TrainState& state, const ValidationResult& result) {
  if (log_.is_silent()) return;
  report_.add_samples(result.samples);
  const double perplexity = std::exp(result.cross_entropy);
  record({{"event", "valid"},
          {"update", state.update},
          {"epoch", epoch_number(state)},
          {"seconds", state.seconds},
          {"bleu", result.bleu},
          {"cross_entropy", result.cross_entropy},
          {"perplexity", perplexity}});
  log_.info(format(
      "valid  update %lld  BLEU %.2f  cross-entropy %.4f  perplexity %.2f  %s (%.1f s)%s",
      printable(state.update), result.bleu, result.cross_entropy, perplexity,
      clock_text(state.seconds).c_str(), result.seconds, result.improved ? "  best so far" : ""));
}

void ProgressLog::log_save(const TrainState& state) {
  log_.info(format("saved after update %lld, on request", printable(state.update)));
}

void ProgressLog::record_end(const TrainState& state, StopReason reason) {
  record({{"event", "end"},
          {"update", state.update},
          {"epoch", epoch_number(state)},
          {"seconds", state.seconds},
          {"reason", stop_reason_name(reason)}});
}

void ProgressLog::log_end(const TrainState& state, StopReason reason) {
  const auto& run = config_.train.run_dir;
  const std::string name = stop_reason_name(reason);
  const bool interrupted = reason == StopReason::interrupted;
  log_.info((interrupted ? name : "train." + name + " reached") +
            format(" after update %lld, %s of training", printable(state.update),
                   clock_text(state.seconds).c_str()));
  std::string best;
  if (state.best)
    best = format(valid_metric_ == ValidMetric::bleu ? "  update %lld, BLEU %.2f"
                                                     : "  update %lld, cross-entropy %.4f",
                  printable(state.best_update), *state.best);
  log_.info("best model  " + (run / "best").string() + best);
  log_.info("last model  " + (run / "last").string() +
            (interrupted ? "  (continue with --resume)" : ""));
  log_.info("report      " + (run / "report.html").string());
}

void ProgressLog::show_progress(const TrainState& state, double remaining_seconds) {
  if (!log_.has_status_line()) return;
  std::string text =
      format("epoch %d  update %lld  loss %.3f  %.0f tokens/s", state.position.epoch + 1,
             printable(state.update), state.sums.objective / state.sums.tokens,
             state.sums.tokens / state.sums.seconds);
  if (std::isfinite(remaining_seconds)) text += "  " + clock_text(remaining_seconds) + " left";
  log_.show_status(text);
}

void ProgressLog::show_validation() {
  log_.show_status("validating …");
}

}  // namespace attn

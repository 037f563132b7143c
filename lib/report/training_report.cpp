#include "report/training_report.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <utility>

#include "alignment/granularity.h"
#include "base/strings.h"
#include "report/html_page.h"

namespace attn {
namespace {

constexpr std::size_t kMaxWeights = 16'000;         // per sentence
constexpr std::size_t kMaxPoints = 1000;            // per curve
constexpr std::size_t kMaxSamples = 30;             // validations with samples
constexpr std::size_t kMaxSampleBytes = 1'500'000;  // size of all samples

// Rounds to six significant digits. More would not be visible and would double the size of the
// page.
double rounded(double x) {
  return std::strtod(format("%.6g", x).c_str(), nullptr);
}

// Removes the first matrix of a side that does not fit into `room`, a number of characters, and all
// after it. Subtracts the sizes of the others from `room`, or sets it to 0 if any were removed.
void drop_excess_matrices(Json& side, std::size_t& room) {
  Json fitting = Json::array();
  for (Json& matrix : side["matrices"]) {
    const std::size_t size = matrix["weights"].get_ref<const std::string&>().size();
    if (size > room) {
      room = 0;
      break;
    }
    room -= size;
    fitting.push_back(std::move(matrix));
  }
  if (fitting.empty())
    side.erase("matrices");
  else
    side["matrices"] = std::move(fitting);
}

void rename_field(Json& object, const std::string& old_name, const std::string& name) {
  if (!object.contains(old_name)) return;
  object[name] = std::move(object[old_name]);
  object.erase(old_name);
}

TrainingPoint merged(const TrainingPoint* begin, const TrainingPoint* end) {
  TrainingPoint out = end[-1];
  double loss = 0, tokens = 0, seconds = 0;
  for (const TrainingPoint* p = begin; p != end; ++p) {
    loss += p->loss * p->tokens, tokens += p->tokens, seconds += p->tokens / p->tokens_per_second;
    out.gradient_norm = std::max(out.gradient_norm, p->gradient_norm);
  }
  out.loss = loss / tokens, out.tokens = tokens, out.tokens_per_second = tokens / seconds;
  return out;
}

// Return one number of each point as an array, as whole numbers or rounded.
template <class Point>
Json integers(const std::vector<Point>& points, double Point::*number) {
  Json out = Json::array();
  for (const Point& point : points) out.push_back(static_cast<std::int64_t>(point.*number));
  return out;
}
template <class Point>
Json reals(const std::vector<Point>& points, double Point::*number) {
  Json out = Json::array();
  for (const Point& point : points) out.push_back(rounded(point.*number));
  return out;
}

Json curves(const std::vector<TrainingPoint>& points) {
  using P = TrainingPoint;
  return {{"update", integers(points, &P::update)},
          {"epoch", integers(points, &P::epoch)},
          {"seconds", reals(points, &P::seconds)},
          {"loss", reals(points, &P::loss)},
          {"learning_rate", reals(points, &P::learning_rate)},
          {"gradient_norm", reals(points, &P::gradient_norm)},
          {"tokens_per_second", reals(points, &P::tokens_per_second)}};
}

Json curves(const std::vector<ValidationPoint>& points) {
  using P = ValidationPoint;
  return {{"update", integers(points, &P::update)},
          {"epoch", integers(points, &P::epoch)},
          {"seconds", reals(points, &P::seconds)},
          {"bleu", reals(points, &P::bleu)},
          {"cross_entropy", reals(points, &P::cross_entropy)}};
}

}  // namespace

std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t limit) {
  const std::size_t group = (points.size() + limit - 1) / limit;
  std::vector<TrainingPoint> out;
  for (std::size_t begin = 0; begin < points.size(); begin += group) {
    const std::size_t end = std::min(begin + group, points.size());
    out.push_back(end - begin == 1 ? points[begin]
                                   : merged(points.data() + begin, points.data() + end));
  }
  return out;
}

std::vector<std::size_t> spread_evenly(std::size_t size, std::size_t limit) {
  const std::size_t count = std::min(size, limit);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(count == 1 ? 0 : (i * (size - 1) + (count - 1) / 2) / (count - 1));
  return out;
}

Json report_sample(const AlignedPair& original, const std::string& reference) {
  const AlignedPair pair = at_granularity(original, Granularity::kAuto);
  Json source = page_source(pair), target = page_target(pair);
  std::size_t room = kMaxWeights * kPageDigits;
  drop_excess_matrices(target, room);
  drop_excess_matrices(source, room);
  target["log_prob"] = rounded(pair.log_prob);
  if (pair.chrf) target["chrf"] = rounded(*pair.chrf);
  if (!pair.pieces.weights.empty()) target["entropy"] = rounded(mean_entropy(pair.pieces.weights));
  return {{"line", pair.line},
          {"source", std::move(source)},
          {"reference", reference},
          {"target", std::move(target)}};
}

Json upgrade_samples(Json samples) {
  for (Json& sentence : samples["sentences"]) {
    rename_field(sentence["source"], "sentences", "segments");
    for (Json* side : {&sentence["source"], &sentence["target"]}) {
      rename_field(*side, "pieces", "subwords");
      rename_field(*side, "of", "word_indices");
    }
    Json& target = sentence["target"];
    if (!target.contains("weights")) continue;
    auto weights = target["weights"].get<std::vector<double>>();
    for (double& weight : weights) weight /= 1000;
    target.erase("weights");
    target["matrices"] = {{{"name", "attention"}, {"weights", encode_base90({weights})}}};
  }
  return samples;
}

Report::Report(Json config, std::vector<std::string> changed)
    : config_(std::move(config)),
      changed_(std::move(changed)),
      best_by_bleu_(config_.at("train").at("valid_metric") == "bleu") {}

void Report::add_event(const Json& event) {
  const auto number = [&](const char* name) { return event.value(name, 0.0); };
  const std::string name = event.value("event", "");
  end_ = name == "end" ? event : Json();
  if (name == "train")
    training_.push_back({number("update"), number("epoch"), number("seconds"), number("loss"),
                         number("target_tokens"), number("target_tokens_per_second"),
                         number("learning_rate"), number("gradient_norm")});
  if (name == "valid")
    validations_.push_back({number("update"), number("epoch"), number("seconds"), number("bleu"),
                            number("cross_entropy")});
}

std::size_t Report::best(const std::vector<ValidationPoint>& points) const {
  const auto is_better = [&](const ValidationPoint& a, const ValidationPoint& b) {
    return best_by_bleu_ ? a.bleu > b.bleu : a.cross_entropy < b.cross_entropy;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < points.size(); ++i)
    if (is_better(points[i], points[best])) best = i;
  return best;
}

std::vector<ValidationPoint> Report::shown_validations() const {
  const auto spread = spread_evenly(validations_.size(), kMaxPoints);
  std::set<std::size_t> shown(spread.begin(), spread.end());
  if (!validations_.empty()) shown.insert(best(validations_));
  std::vector<ValidationPoint> out;
  for (const std::size_t i : shown) out.push_back(validations_[i]);
  return out;
}

std::vector<std::size_t> Report::shown_samples() const {
  for (std::size_t limit = kMaxSamples;; --limit) {
    std::vector<std::size_t> shown = spread_evenly(samples_.size(), limit);
    std::size_t bytes = 0;
    for (const std::size_t i : shown) bytes += samples_[i].size();
    if (bytes <= kMaxSampleBytes || limit == 2) return shown;
  }
}

Json Report::data(const std::string& title) const {
  const auto training = thinned(training_, kMaxPoints);
  const auto validations = shown_validations();
  Json json = {{"title", title},
               {"scale", kPageScale},
               {"lines_per_point", (training_.size() + kMaxPoints - 1) / kMaxPoints},
               {"training", curves(training)},
               {"validation", curves(validations)},
               {"end", end_},
               {"config", config_},
               {"changed", changed_}};
  if (!training.empty())
    json["tokens_per_second"] = rounded(thinned(training_, 1)[0].tokens_per_second);
  if (!validations.empty()) json["best"] = best(validations);
  json["samples"] = Json::array();
  for (const std::size_t i : shown_samples()) json["samples"].push_back(Json::parse(samples_[i]));
  return json;
}

std::string Report::page(const std::string& title) const {
  return html_page(kReportPage, to_line(data(title)));
}

}  // namespace attn

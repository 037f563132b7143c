#include "report/training_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "alignment/granularity.h"
#include "report/html_page.h"

namespace attn {
namespace {

constexpr std::size_t kMostWeights = 16'000;   // of a sentence
constexpr std::size_t kMostPoints = 1000;      // of a curve
constexpr std::size_t kMostSamples = 30;       // validations of which translations are shown
constexpr std::size_t kMostBytes = 1'500'000;  // of these

// Six digits: more cannot be seen, and would double the page.
double rounded(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return std::strtod(text, nullptr);
}

// Of a side's matrices the first that fit the room, which they take; behind them is none.
void keep_fitting(Json& side, std::size_t& room) {
  Json kept = Json::array();
  for (Json& matrix : side["matrices"]) {
    const std::size_t size = matrix["weights"].get_ref<const std::string&>().size();
    if (size > room) {
      room = 0;
      break;
    }
    room -= size;
    kept.push_back(std::move(matrix));
  }
  if (kept.empty())
    side.erase("matrices");
  else
    side["matrices"] = std::move(kept);
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

// A number of each point, as it is or in six digits.
template <class Point>
Json whole(const std::vector<Point>& points, double Point::*number) {
  Json out = Json::array();
  for (const Point& point : points) out.push_back(static_cast<std::int64_t>(point.*number));
  return out;
}
template <class Point>
Json real(const std::vector<Point>& points, double Point::*number) {
  Json out = Json::array();
  for (const Point& point : points) out.push_back(rounded(point.*number));
  return out;
}

Json curves(const std::vector<TrainingPoint>& points) {
  using P = TrainingPoint;
  return {{"update", whole(points, &P::update)},
          {"epoch", whole(points, &P::epoch)},
          {"seconds", real(points, &P::seconds)},
          {"loss", real(points, &P::loss)},
          {"learning_rate", real(points, &P::learning_rate)},
          {"gradient_norm", real(points, &P::gradient_norm)},
          {"tokens_per_second", real(points, &P::tokens_per_second)}};
}

Json curves(const std::vector<ValidationPoint>& points) {
  using P = ValidationPoint;
  return {{"update", whole(points, &P::update)},
          {"epoch", whole(points, &P::epoch)},
          {"seconds", real(points, &P::seconds)},
          {"bleu", real(points, &P::bleu)},
          {"cross_entropy", real(points, &P::cross_entropy)}};
}

// The first of the best.
std::size_t best(const std::vector<ValidationPoint>& points, const std::string& metric) {
  const auto worse = [&](const auto& a, const auto& b) { return a.bleu < b.bleu; };
  const auto less = [&](const auto& a, const auto& b) { return a.cross_entropy < b.cross_entropy; };
  const auto at = metric == "bleu" ? std::max_element(points.begin(), points.end(), worse)
                                   : std::min_element(points.begin(), points.end(), less);
  return static_cast<std::size_t>(at - points.begin());
}

}  // namespace

std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t most) {
  const std::size_t group = (points.size() + most - 1) / most;
  std::vector<TrainingPoint> out;
  for (std::size_t begin = 0; begin < points.size(); begin += group) {
    const std::size_t end = std::min(begin + group, points.size());
    out.push_back(end - begin == 1 ? points[begin]
                                   : merged(points.data() + begin, points.data() + end));
  }
  return out;
}

std::vector<std::size_t> spread_evenly(std::size_t size, std::size_t most) {
  const std::size_t count = std::min(size, most);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(count == 1 ? 0 : (i * (size - 1) + (count - 1) / 2) / (count - 1));
  return out;
}

Json report_sample(const AlignedPair& of_words, const std::string& reference) {
  const AlignedPair pair = at_granularity(of_words, Granularity::kAuto);
  Json source = page_source(pair), target = page_target(pair);
  std::size_t room = kMostWeights * kPageDigits;
  keep_fitting(target, room);
  keep_fitting(source, room);
  target["log_prob"] = rounded(pair.log_prob);
  if (pair.chrf) target["chrf"] = rounded(*pair.chrf);
  if (!pair.pieces.weights.empty()) target["entropy"] = rounded(mean_entropy(pair.pieces.weights));
  return {{"line", pair.line},
          {"source", std::move(source)},
          {"reference", reference},
          {"target", std::move(target)}};
}

Json with_matrices(Json samples) {
  for (Json& sentence : samples["sentences"]) {
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
    : config_(std::move(config)), changed_(std::move(changed)) {}

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

std::vector<ValidationPoint> Report::shown_validations() const {
  const auto spread = spread_evenly(validations_.size(), kMostPoints);
  std::set<std::size_t> shown(spread.begin(), spread.end());
  if (!validations_.empty())
    shown.insert(best(validations_, config_.at("train").at("valid_metric")));
  std::vector<ValidationPoint> out;
  for (const std::size_t i : shown) out.push_back(validations_[i]);
  return out;
}

std::vector<std::size_t> Report::shown_samples() const {
  for (std::size_t most = kMostSamples;; --most) {
    std::vector<std::size_t> shown = spread_evenly(samples_.size(), most);
    std::size_t bytes = 0;
    for (const std::size_t i : shown) bytes += samples_[i].size();
    if (bytes <= kMostBytes || most == 2) return shown;
  }
}

Json Report::data(const std::string& title) const {
  const auto training = thinned(training_, kMostPoints);
  const auto validations = shown_validations();
  Json json = {{"title", title},
               {"scale", kPageScale},
               {"lines_per_point", (training_.size() + kMostPoints - 1) / kMostPoints},
               {"training", curves(training)},
               {"validation", curves(validations)},
               {"end", end_},
               {"config", config_},
               {"changed", changed_}};
  if (!training.empty())
    json["tokens_per_second"] = rounded(thinned(training_, 1)[0].tokens_per_second);
  if (!validations.empty())
    json["best"] = best(validations, config_.at("train").at("valid_metric"));
  return json;
}

std::string Report::page(const std::string& title) const {
  std::string json = to_line(data(title));
  json.back() = ',';  // more to come in the object
  json += "\"samples\":[";
  for (const std::size_t i : shown_samples()) json += (json.back() == '[' ? "" : ",") + samples_[i];
  return html_page(kReportPage, json + "]}");
}

}  // namespace attn

#include "metric_report.h"

#include <algorithm>
#include <cstdio>

namespace attn {
namespace {

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char buffer[128];
  std::snprintf(buffer, sizeof buffer, pattern, arguments...);
  return buffer;
}

struct MetricScore {
  double score = 0;
  std::vector<double> resampled;  // empty: not wanted
};

MetricScore measured_by(const Metric& metric, const std::vector<std::string>& hypotheses,
                        const References& references, const std::optional<Resampling>& resampling) {
  const auto lines = line_statistics(metric, hypotheses, references);
  MetricScore out = {metric.score(sum(lines)), {}};
  if (resampling) out.resampled = resampled_scores(metric, lines, *resampling);
  return out;
}

// Writes the score and its interval to `json`; returns them for people.
std::string report(const MetricScore& measured, const std::string& signature, Json& json) {
  json = {{"score", measured.score}, {"signature", signature}};
  std::string text = format("%6.2f", measured.score);
  if (measured.resampled.empty()) return text;
  const Interval found = interval(measured.resampled);
  json["mean"] = found.mean;
  json["half_width"] = found.half_width;
  return text + format("  %6.2f ± %5.2f", found.mean, found.half_width);
}

std::string report_difference(const MetricScore& baseline, const MetricScore& system, Json& json) {
  const double difference = system.score - baseline.score;
  const double p = p_value(difference, baseline.resampled, system.resampled);
  json["difference"] = difference;
  json["p_value"] = p;
  return format("  %+10.2f  %7.4f", difference, p);
}

}  // namespace

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}

std::size_t name_width(const std::vector<System>& systems) {
  std::size_t width = 0;
  for (const auto& system : systems) width = std::max(width, system.name.size());
  return width + 2;
}

Scores score(const std::vector<std::string>& hypotheses, const References& references,
             const ScoreOptions& options) {
  Scores out;
  const std::string resampling = options.resampling ? signature_fields(*options.resampling) : "";
  for (const auto& row : metrics()) {
    const Metric metric = row.value(options.metric);
    const std::string name = signature(metric, references, resampling, kVersion);
    const MetricScore measured = measured_by(metric, hypotheses, references, options.resampling);
    out.text +=
        padded(metric.label, 22) + report(measured, name, out.json[row.name]) + "  " + name + "\n";
  }
  return out;
}

Scores compare(const std::vector<System>& systems, const References& references,
               const MetricOptions& options, const Resampling& resampling) {
  Scores out;
  const std::size_t width = name_width(systems);
  for (const auto& system : systems) out.json["systems"].push_back({{"name", system.name}});
  for (const auto& row : metrics()) {
    const Metric metric = row.value(options);
    const std::string name = signature(metric, references, signature_fields(resampling), kVersion);
    out.text += metric.label + "  " + name + "\n" + padded("", width) +
                "   score      mean ± 95%  difference  p-value\n";
    MetricScore baseline;
    for (std::size_t i = 0; i < systems.size(); ++i) {
      const MetricScore here = measured_by(metric, systems[i].lines, references, resampling);
      Json& json = out.json["systems"][i][row.name];
      out.text += "  " + padded(systems[i].name, width) + report(here, name, json);
      if (i == 0)
        baseline = here;
      else
        out.text += report_difference(baseline, here, json);
      out.text += "\n";
    }
  }
  return out;
}

}  // namespace attn

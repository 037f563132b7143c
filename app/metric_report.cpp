#include "metric_report.h"

#include <algorithm>

#include "base/strings.h"

namespace attn {
namespace {

struct MetricScore {
  double score = 0;
  std::vector<double> resampled;  // empty: no confidence interval
};

MetricScore score_with(const Metric& metric, const std::vector<std::string>& hypotheses,
                       const References& references, const std::optional<Resampling>& resampling) {
  const auto lines = line_statistics(metric, hypotheses, references);
  MetricScore out = {metric.score(sum(lines)), {}};
  if (resampling) out.resampled = resampled_scores(metric, lines, *resampling);
  return out;
}

// Writes a score and its interval to `json` and returns them as text.
std::string report_score(const MetricScore& measured, const std::string& signature, Json& json) {
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

std::size_t name_width(const std::vector<System>& systems) {
  std::size_t width = 0;
  for (const auto& system : systems) width = std::max(width, system.name.size());
  return width + 2;
}

MetricReport report_metrics(const std::vector<std::string>& hypotheses,
                            const References& references, const MetricReportOptions& options) {
  MetricReport out;
  const std::string resampling = options.resampling ? signature_fields(*options.resampling) : "";
  for (const auto& row : metrics()) {
    const Metric metric = row.value(options.metric);
    const std::string name = signature(metric, references, resampling, kVersion);
    const MetricScore measured = score_with(metric, hypotheses, references, options.resampling);
    out.text += pad_right(metric.label, 22) + report_score(measured, name, out.json[row.name]) +
                "  " + name + "\n";
  }
  return out;
}

MetricReport compare_systems(const std::vector<System>& systems, const References& references,
                             const MetricOptions& options, const Resampling& resampling) {
  MetricReport out;
  const std::size_t width = name_width(systems);
  for (const auto& system : systems) out.json["systems"].push_back({{"name", system.name}});
  for (const auto& row : metrics()) {
    const Metric metric = row.value(options);
    const std::string name = signature(metric, references, signature_fields(resampling), kVersion);
    out.text += metric.label + "  " + name + "\n" + pad_right("", width) +
                "   score      mean ± 95%  difference  p-value\n";
    MetricScore baseline;
    for (std::size_t i = 0; i < systems.size(); ++i) {
      const MetricScore here = score_with(metric, systems[i].lines, references, resampling);
      Json& json = out.json["systems"][i][row.name];
      out.text += "  " + pad_right(systems[i].name, width) + report_score(here, name, json);
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

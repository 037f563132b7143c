#include "metrics/metric.h"

#include <functional>

#include "base/error.h"
#include "metrics/bleu.h"
#include "metrics/chrf.h"
#include "metrics/ter.h"

namespace attn {

const Registry<Metric (*)(const MetricOptions&)>& metrics() {
  static const Registry<Metric (*)(const MetricOptions&)> table = {
      {"bleu", "word n-grams of orders 1 to 4 (Papineni et al. 2002)",
       [](const MetricOptions& o) {
         return bleu_metric({o.tokenizer, o.lowercase});
       }},
      {"chrf", "character n-grams of orders 1 to 6 (Popović 2015)",
       [](const MetricOptions& o) {
         return chrf_metric({0, o.lowercase});
       }},
      {"chrf++", "chrF with word n-grams of orders 1 and 2 (Popović 2017)",
       [](const MetricOptions& o) {
         return chrf_metric({2, o.lowercase});
       }},
      {"ter", "edits, including shifts, per word of the reference (Snover et al. 2006)",
       [](const MetricOptions& o) { return ter_metric(o.tercom); }},
  };
  return table;
}

std::vector<Statistics> line_statistics(const Metric& metric,
                                        const std::vector<std::string>& hypotheses,
                                        const References& references) {
  const auto by_line = references_by_line(hypotheses, references);
  std::vector<Statistics> out;
  for (std::size_t line = 0; line < hypotheses.size(); ++line)
    out.push_back(metric.compare(hypotheses[line], by_line[line]));
  return out;
}

Statistics sum(const std::vector<Statistics>& lines) {
  Statistics out = lines.at(0);
  for (std::size_t line = 1; line < lines.size(); ++line)
    std::transform(out.begin(), out.end(), lines[line].begin(), out.begin(), std::plus<>());
  return out;
}

double text_score(const Metric& metric, const std::vector<std::string>& hypotheses,
                  const References& references) {
  return metric.score(sum(line_statistics(metric, hypotheses, references)));
}

const char* case_field(bool lowercase) {
  return lowercase ? "lc" : "mixed";
}

std::string signature(const Metric& metric, const References& references,
                      const std::string& resampling, const std::string& version) {
  return "nrefs:" + references_per_line(references) + "|" +
         (resampling.empty() ? "" : resampling + "|") + metric.options + "|version:" + version;
}

}  // namespace attn

// The metrics of translations as attn eval prints them: scores, confidence intervals, and the
// comparison of several systems.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "metrics/bootstrap.h"
#include "metrics/metric.h"

namespace attn {

inline const std::string kVersion = "attn-" ATTN_VERSION;

struct MetricReportOptions {
  MetricOptions metric;
  std::optional<Resampling> resampling;  // empty: no confidence intervals
};

struct System {
  std::string name;
  std::vector<std::string> lines;  // its translations
};

struct MetricReport {
  Json json;
  std::string text;  // complete lines
};

// Returns the width of the column with the names of the systems.
std::size_t name_width(const std::vector<System>& systems);

// Returns all metrics of one system: {"bleu": {"score", "signature"}, …}, and with resampling also
// "mean" and "half_width".
MetricReport report_metrics(const std::vector<std::string>& hypotheses,
                            const References& references, const MetricReportOptions& options);

// Compares systems with the first one: {"systems": [{"name", "bleu": {…}, …}, …]}. From the second
// system on, each metric has its "difference" from the first one and the "p_value" of this
// difference.
MetricReport compare_systems(const std::vector<System>& systems, const References& references,
                             const MetricOptions& options, const Resampling& resampling);

}  // namespace attn

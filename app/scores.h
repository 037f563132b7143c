// What attn eval says of translations: every metric's score, how sure it is, and how systems
// differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/bootstrap.h"
#include "eval/metric.h"

namespace attn {

struct ScoreOptions {
  MetricOptions metric;
  std::optional<Resampling> resampling;  // none: scores alone
};

struct System {
  std::string name;
  std::vector<std::string> lines;
};

struct Scores {
  Json json;
  std::string text;  // lines, ended
};

// {"bleu": {"score", "signature"}, …}; resampled also with "mean" and "half_width".
Scores score(const std::vector<std::string>& hypotheses, const References& references,
             const ScoreOptions& options);

// {"systems": [{"name", "bleu": {…}, …}, …]}: the first is the baseline, and the others have
// besides their "difference" from it and its "p_value".
Scores compare(const std::vector<System>& systems, const References& references,
               const MetricOptions& options, const Resampling& resampling);

}  // namespace attn

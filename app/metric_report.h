// What attn eval says of translations: every metric's score, how sure it is, and how systems
// differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "metrics/bootstrap.h"
#include "metrics/metric.h"

namespace attn {

inline const std::string kVersion = "attn-" ATTN_VERSION;

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

// The text, and spaces behind it up to so many bytes.
std::string padded(const std::string& text, std::size_t width);

// The column of the systems' names.
std::size_t name_width(const std::vector<System>& systems);

// {"bleu": {"score", "signature"}, …}; resampled also with "mean" and "half_width".
Scores score(const std::vector<std::string>& hypotheses, const References& references,
             const ScoreOptions& options);

// {"systems": [{"name", "bleu": {…}, …}, …]}: the first is the baseline, and the others have
// besides their "difference" from it and its "p_value".
Scores compare(const std::vector<System>& systems, const References& references,
               const MetricOptions& options, const Resampling& resampling);

}  // namespace attn

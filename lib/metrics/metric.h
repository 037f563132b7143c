// Metrics of translation quality. A metric computes a few statistics of each line; the score of a
// text is a function of their sums over its lines. Resampling, buckets and comparisons therefore
// need only the statistics, not the texts. All metrics equal those of sacreBLEU (Post 2018).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "metrics/references.h"
#include "metrics/tokenize.h"

namespace attn {

// The statistics of a line, or their sums over lines. Their meaning depends on the metric.
using Statistics = std::vector<double>;

struct Metric {
  std::string label;    // name for people: "chrF++"
  std::string options;  // options as sacreBLEU's signature lists them: "case:lc|eff:no"
  // Returns the statistics of a line. Requires at least one reference.
  std::function<Statistics(std::string_view hypothesis,
                           const std::vector<std::string_view>& references)>
      compare;
  std::function<double(const Statistics& sum)> score;  // in percent
};

struct MetricOptions {
  std::string tokenizer = "13a";  // tokenizer of BLEU: a row of bleu_tokenizers()
  bool lowercase = false;         // case folding of BLEU and chrF
  TercomOptions tercom = {};      // options of TER
};

// Returns the table of all metrics.
const Registry<Metric (*)(const MetricOptions&)>& metrics();

// Returns the statistics of each line. Throws Error as references_by_line does.
std::vector<Statistics> line_statistics(const Metric& metric,
                                        const std::vector<std::string>& hypotheses,
                                        const References& references);

// Returns the sums of the statistics over lines. Requires at least one line.
Statistics sum(const std::vector<Statistics>& lines);

// Returns the score of a text. Throws Error as references_by_line does.
double text_score(const Metric& metric, const std::vector<std::string>& hypotheses,
                  const References& references);

// Returns the value of the field "case" in a signature: "lc" or "mixed".
const char* case_field(bool lowercase);

// Returns the signature of a score: everything it depends on, in sacreBLEU's notation. `resampling`
// is "" or the result of signature_fields; `version` is the version of the program.
std::string signature(const Metric& metric, const References& references,
                      const std::string& resampling, const std::string& version);

}  // namespace attn

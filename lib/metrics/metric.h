// Scores of translations. A metric sees a few numbers of every line, and the score of a text is a
// function of their sums over its lines: so whatever draws, groups or compares lines needs no text
// (bootstrap.h). Each metric equals sacreBLEU's (Post 2018).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "metrics/references.h"
#include "metrics/tokenize.h"

namespace attn {

// Of a line, or their sums over lines; what they are is the metric's own.
using Statistics = std::vector<double>;

struct Metric {
  std::string label;    // as people write it: "chrF++"
  std::string options;  // all that it depends on, in sacreBLEU's words: "case:lc|eff:no"
  std::function<Statistics(std::string_view hypothesis,
                           const std::vector<std::string_view>& references)>
      compare;                                         // with one reference or more
  std::function<double(const Statistics& sum)> score;  // in percent
};

struct MetricOptions {
  std::string tokenizer = "13a";  // of BLEU: a row of bleu_tokenizers()
  bool lowercase = false;         // for BLEU and chrF
  TercomOptions tercom = {};      // of TER
};

const Registry<Metric (*)(const MetricOptions&)>& metrics();

// One element per line. Error: as references_by_line.
std::vector<Statistics> line_statistics(const Metric& metric,
                                        const std::vector<std::string>& hypotheses,
                                        const References& references);

// Of at least one line.
Statistics sum(const std::vector<Statistics>& lines);

// All three in one: the score of a text.
double text_score(const Metric& metric, const std::vector<std::string>& hypotheses,
                  const References& references);

// What sacreBLEU's signature says of `options` for lower-casing: "lc" or "mixed".
const char* case_field(bool lowercase);

// All that a score depends on, in sacreBLEU's words. `resampling` is "" or signature_fields of a
// Resampling; `version` is the program's name and version.
std::string signature(const Metric& metric, const References& references,
                      const std::string& resampling, const std::string& version);

}  // namespace attn

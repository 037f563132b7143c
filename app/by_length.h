// attn eval --by-length: BLEU by length of the source, as a table, as JSON and as a figure.
#pragma once

#include <string>
#include <vector>

#include "common.h"
#include "metric_report.h"

namespace attn {

struct ByLengthOptions {
  std::string edges;  // as parse_edges takes them; "": not given
  fs::path figure;    // "": none

  bool wanted() const { return !edges.empty() || !figure.empty(); }
};

void add_by_length(CLI::App& command, ByLengthOptions& options);

// The file of the figure, for check_distinct. Error: no name of an SVG; as check_folder_of.
void add_by_length_file(const ByLengthOptions& options, std::vector<NamedFile>& written);

// {"by_length": {"signature", "buckets": [{"from", "to", "sentences", "mean_length"}, …],
// "systems": [{"name", "bleu": [of each bucket]}, …]}}: of the last bucket "to" is null, and those
// without a sentence are left out. Writes the figure, and says so on standard error.
Scores by_length(const std::vector<System>& systems, const std::vector<std::string>& sources,
                 const References& references, const MetricOptions& metric,
                 const ByLengthOptions& options);

}  // namespace attn

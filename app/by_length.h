// attn eval --by-length: BLEU by length of the source, as a table, as JSON and as a figure.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "file_checks.h"
#include "metric_report.h"

namespace attn {

struct ByLengthOptions {
  std::string edges;  // as for parse_edges; empty: not given
  fs::path figure;    // empty: none

  bool wanted() const { return !edges.empty() || !figure.empty(); }
};

void add_by_length_options(CLI::App& command, ByLengthOptions& options);

// Appends the file of the figure to `written`, for check_distinct. Throws Error if its directory
// does not exist.
void add_by_length_file(const ByLengthOptions& options, std::vector<NamedFile>& written);

// Returns {"by_length": {"signature", "buckets": [{"from", "to", "sentences", "mean_length"}, …],
// "systems": [{"name", "bleu": [one number per bucket]}, …]}}. "to" of the last bucket is null;
// buckets without a sentence are left out. Writes the figure, if it was requested, and logs its
// name.
MetricReport report_by_length(const std::vector<System>& systems,
                              const std::vector<std::string>& sources, const References& references,
                              const MetricOptions& options, const ByLengthOptions& by_length);

}  // namespace attn

// The options --heatmap, --heatmap-font-size and --heatmap-tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "alignment/aligned_pair.h"
#include "file_checks.h"

namespace attn {

struct HeatmapArguments {
  std::vector<fs::path> files;
  std::optional<double> font_size;    // font size of the labels of pictures, in points
  std::optional<std::string> tokens;  // name of a row of granularities()

  bool empty() const { return files.empty() && !font_size && !tokens; }
};

void add_heatmap_options(CLI::App& command, HeatmapArguments& heatmaps);

// Throws CLI::ValidationError if --heatmap-font-size or --heatmap-tokens has no effect.
void check_heatmap_usage(const HeatmapArguments& heatmaps);

// Appends the files that will be written to `written`, for check_distinct. Throws Error if one of
// them cannot be written.
void add_heatmap_files(const HeatmapArguments& heatmaps, std::vector<NamedFile>& written);

// Writes all heatmaps of the pairs and logs the name of each file. Throws Error if there are no
// pairs or a file cannot be written.
void write_all_heatmaps(const HeatmapArguments& heatmaps, const std::vector<AlignedPair>& pairs,
                        const std::string& title);

}  // namespace attn

// Attention as files: the ending of the name chooses the format, the numbers are the same in all.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "alignment/granularity.h"
#include "base/file.h"
#include "base/registry.h"

namespace attn {

// By ending, ".svg" and so on.
std::vector<Choice> heatmap_formats();

// Before a long work. Error: an ending that is no format's; as check_heatmap_data and check_png.
void check_heatmap(const fs::path& path);

// The numbers behind the picture `x.svg` go to x.json; of other formats none do: "". Error:
// something else lies there, which they would replace.
fs::path heatmap_data(const fs::path& path);
void check_heatmap_data(const fs::path& path);

struct HeatmapFileOptions {
  std::string title;      // of the whole: of .html and .json
  double font_size = 12;  // as HeatmapOptions has it
  Granularity units = Granularity::kAuto;
};

// .html, .json and .tsv hold all pairs, which are in the order of their lines. .svg and .png are
// pictures of words, one for each pair: `x.svg` if all are of one line, else `x-1.svg` … with the
// number of the line in the text, from 1 as on the page, padded with zeros so that they sort;
// `x-1-reference.svg` where a line has a second pair, `x-1-head-1.svg` … beside the mean of several
// heads, and `x-1-encoder-1.svg` … of what each layer of an encoder that attends looked at. What
// words are, options.units says; of kPieces the page shows pieces first, and has words too. Returns
// the paths in the order written. Error: a path that can't be written; as check_heatmap, before
// anything is written.
std::vector<fs::path> write_heatmaps(const fs::path& path, const std::vector<AlignedPair>& pairs,
                                     const HeatmapFileOptions& options = {});

}  // namespace attn

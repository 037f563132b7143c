// Attention heatmaps as files. The extension of the file name selects the format; the numbers are
// the same in all formats.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "alignment/granularity.h"
#include "base/file.h"
#include "base/registry.h"

namespace attn {

// Returns the formats. Their names are the file extensions: ".svg" and so on.
std::vector<Choice> heatmap_formats();

// Throws Error if write_heatmaps would reject the path: its extension is not that of a format, or
// check_heatmap_data or check_png fails. To be called before a long computation.
void check_heatmap(const fs::path& path);

// Returns the file for the numbers of a picture: x.json for x.svg. Returns an empty path for the
// other formats, which have no such file.
fs::path heatmap_data(const fs::path& path);

// Throws Error if heatmap_data(path) exists and was not written as the data of a heatmap.
void check_heatmap_data(const fs::path& path);

struct HeatmapFileOptions {
  std::string title;      // title of .html and .json
  double font_size = 12;  // font size of .svg and .png, as in HeatmapOptions
  Granularity granularity = Granularity::kAuto;
};

// Writes heatmaps of all pairs, which must be sorted by line. Returns the paths in the order of
// writing. .html, .json and .tsv are one file with all pairs. .svg and .png are pictures over
// words, one per pair:
//   x.svg                 if all pairs belong to one line
//   x-1.svg, …            otherwise; the number of the line from 1, padded with zeros
//   x-1-reference.svg     the second pair of a line, by its name
//   x-1-segments.svg      weights of the segments of a document
//   x-1-head-1.svg, …     each head; x-1.svg is their mean
//   x-1-encoder-1.svg, …  the self-attention of each encoder layer
//   x-1.json              the numbers of the pair, written with each .svg
// With kSubwords, subwords replace words, except that a page keeps both and opens in subwords.
// Throws Error as check_heatmap does, before anything is written, or if a file cannot be written.
std::vector<fs::path> write_heatmaps(const fs::path& path, const std::vector<AlignedPair>& pairs,
                                     const HeatmapFileOptions& options = {});

}  // namespace attn

// Scores by length of the source, as in figure 2 of Bahdanau, Cho and Bengio (2015): the lines
// whose sources are about as long are scored as a text of their own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.h"

namespace attn {

struct LengthBucket {
  std::size_t from;               // words, and so is `to`; both belong to it
  std::optional<std::size_t> to;  // none: however long
  std::vector<std::size_t> lines;
  double mean_length;  // of the lines; 0 if there is none
};

// "10,20,30": where all buckets but the last end. None: they are no whole numbers that rise, from
// 1.
std::optional<std::vector<std::size_t>> parse_edges(std::string_view list);

// One more than edges, of which there is one at least; each line, whose length is given, is in one
// of them.
std::vector<LengthBucket> length_buckets(const std::vector<std::size_t>& lengths,
                                         const std::vector<std::size_t>& edges);

// "up to 10", "11-20", "over 20".
std::string range_text(const LengthBucket& bucket);

// The score of the bucket's lines, of which there must be some, as a text; `lines` has those of the
// whole text (line_statistics).
double bucket_score(const Metric& metric, const std::vector<Statistics>& lines,
                    const LengthBucket& bucket);

}  // namespace attn

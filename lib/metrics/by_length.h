// Scores by length of the source (Bahdanau, Cho and Bengio 2015, figure 2): lines whose sources
// have similar lengths form a bucket, which is scored as a text of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.h"

namespace attn {

struct LengthBucket {
  std::size_t from;               // minimum length in words
  std::optional<std::size_t> to;  // maximum length in words; nullopt: unlimited
  std::vector<std::size_t> lines;
  double mean_length;  // mean length of the lines; 0 if there are none
};

// Parses "10,20,30", the maximum length of each bucket but the last. Returns nullopt unless these
// are increasing whole numbers from 1.
std::optional<std::vector<std::size_t>> parse_edges(std::string_view list);

// Assigns each line to a bucket by the length of its source. Requires at least one edge; returns
// one bucket more than there are edges.
std::vector<LengthBucket> length_buckets(const std::vector<std::size_t>& lengths,
                                         const std::vector<std::size_t>& edges);

// Returns "up to 10", "11-20" or "over 20".
std::string range_text(const LengthBucket& bucket);

// Returns the score of the bucket's lines as one text. Requires at least one line in the bucket.
// `lines` are the statistics of all lines of the text (line_statistics).
double bucket_score(const Metric& metric, const std::vector<Statistics>& lines,
                    const LengthBucket& bucket);

}  // namespace attn

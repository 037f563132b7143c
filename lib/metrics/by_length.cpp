#include "metrics/by_length.h"

#include <algorithm>
#include <charconv>

#include "base/index_span.h"

namespace attn {
namespace {

// Returns nullopt unless `text` is a whole number from 1.
std::optional<std::size_t> parse_length(std::string_view text) {
  std::size_t length = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, length);
  if (error != std::errc() || parsed_end != end || length == 0) return std::nullopt;
  return length;
}

double mean_length(const std::vector<std::size_t>& lengths, const std::vector<std::size_t>& lines) {
  double sum = 0;
  for (const std::size_t line : lines) sum += static_cast<double>(lengths[line]);
  return lines.empty() ? 0 : sum / static_cast<double>(lines.size());
}

}  // namespace

std::optional<std::vector<std::size_t>> parse_edges(std::string_view list) {
  std::vector<std::size_t> edges;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const auto edge = parse_length(list.substr(begin, end - begin));
    if (!edge || (!edges.empty() && *edge <= edges.back())) return std::nullopt;
    edges.push_back(*edge);
    begin = end + 1;
  }
  return edges;
}

std::vector<LengthBucket> length_buckets(const std::vector<std::size_t>& lengths,
                                         const std::vector<std::size_t>& edges) {
  std::vector<LengthBucket> buckets;
  for (const std::size_t edge : edges)
    buckets.push_back({buckets.empty() ? 0 : *buckets.back().to + 1, edge, {}, 0});
  buckets.push_back({edges.back() + 1, std::nullopt, {}, 0});
  for (std::size_t line = 0; line < lengths.size(); ++line) {
    const auto edge = std::lower_bound(edges.begin(), edges.end(), lengths[line]);
    IndexSpan(buckets)[edge - edges.begin()].lines.push_back(line);
  }
  for (LengthBucket& bucket : buckets) bucket.mean_length = mean_length(lengths, bucket.lines);
  return buckets;
}

std::string range_text(const LengthBucket& bucket) {
  if (!bucket.to) return "over " + std::to_string(bucket.from - 1);
  if (bucket.from == 0) return "up to " + std::to_string(*bucket.to);
  return std::to_string(bucket.from) + "-" + std::to_string(*bucket.to);
}

double bucket_score(const Metric& metric, const std::vector<Statistics>& lines,
                    const LengthBucket& bucket) {
  std::vector<Statistics> selected;
  for (const std::size_t line : bucket.lines) selected.push_back(lines[line]);
  return metric.score(sum(selected));
}

}  // namespace attn

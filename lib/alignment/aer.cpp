#include "alignment/aer.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace attn {
namespace {

std::int64_t count_common(const std::vector<Link>& a, const std::vector<Link>& b) {
  std::vector<Link> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return std::ssize(both);
}

double ratio_or_one(std::int64_t count, std::int64_t total) {
  return total == 0 ? 1 : static_cast<double>(count) / static_cast<double>(total);
}

}  // namespace

AlignmentCounts& AlignmentCounts::operator+=(const AlignmentCounts& other) {
  links += other.links;
  sure += other.sure;
  links_sure += other.links_sure;
  links_possible += other.links_possible;
  return *this;
}

AlignmentCounts alignment_counts(const std::vector<Link>& links, const GoldLinks& gold) {
  std::vector<Link> unique = links;
  sort_unique(unique);
  return {std::ssize(unique), std::ssize(gold.sure), count_common(unique, gold.sure),
          count_common(unique, gold.possible)};
}

AlignmentErrorRate alignment_error_rate(const AlignmentCounts& sum) {
  return {1 - ratio_or_one(sum.links_sure + sum.links_possible, sum.links + sum.sure),
          ratio_or_one(sum.links_possible, sum.links), ratio_or_one(sum.links_sure, sum.sure)};
}

AlignmentErrorRate alignment_error_rate(const std::vector<std::vector<Link>>& links,
                                        const std::vector<GoldLinks>& gold) {
  ATTN_CHECK(links.size() == gold.size());
  AlignmentCounts sum;
  for (std::size_t i = 0; i < links.size(); ++i) sum += alignment_counts(links[i], gold[i]);
  return alignment_error_rate(sum);
}

}  // namespace attn

#include "alignment/aer.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace attn {
namespace {

std::int64_t common(const std::vector<Link>& a, const std::vector<Link>& b) {
  std::vector<Link> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return std::ssize(both);
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
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
  std::vector<Link> ours = links;
  sort_unique(ours);
  return {std::ssize(ours), std::ssize(gold.sure), common(ours, gold.sure),
          common(ours, gold.possible)};
}

AlignmentScore alignment_score(const AlignmentCounts& sum) {
  return {1 - ratio(sum.links_sure + sum.links_possible, sum.links + sum.sure),
          ratio(sum.links_possible, sum.links), ratio(sum.links_sure, sum.sure)};
}

AlignmentScore alignment_score(const std::vector<std::vector<Link>>& links,
                               const std::vector<GoldLinks>& gold) {
  ATTN_CHECK(links.size() == gold.size());
  AlignmentCounts sum;
  for (std::size_t i = 0; i < links.size(); ++i) sum += alignment_counts(links[i], gold[i]);
  return alignment_score(sum);
}

}  // namespace attn

#include "alignment/symmetrize.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace attn {
namespace {

using Links = std::vector<Link>;

Links sorted(Links links) {
  sort_unique(links);
  return links;
}

Links intersection(const Links& forward, const Links& backward) {
  const Links a = sorted(forward), b = sorted(backward);
  Links out;
  std::ranges::set_intersection(a, b, std::back_inserter(out));
  return out;
}

Links union_of(const Links& forward, const Links& backward) {
  Links out = forward;
  out.insert(out.end(), backward.begin(), backward.end());
  return sorted(std::move(out));
}

// A growing set of links, and the words that are linked.
class LinkSet {
 public:
  explicit LinkSet(const Links& links) {
    for (const Link& link : links) add(link);
  }

  void add(const Link& link) {
    links_.insert(link), sources_.insert(link.source), targets_.insert(link.target);
  }
  bool has(const Link& link) const { return links_.contains(link); }
  bool has_source(const Link& link) const { return sources_.contains(link.source); }
  bool has_target(const Link& link) const { return targets_.contains(link.target); }
  const std::set<Link>& links() const { return links_; }

 private:
  std::set<Link> links_;
  std::set<int> sources_, targets_;
};

constexpr Link kNeighbors[] = {{-1, 0},  {0, -1}, {1, 0},  {0, 1},
                               {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};

// Repeatedly adds links of the union that are neighbors of a link in the set, also diagonally, and
// have a word that is not yet linked.
void grow_diagonally(const Links& all, LinkSet& set) {
  bool has_grown = true;
  while (has_grown) {
    has_grown = false;
    for (const Link& at : std::vector(set.links().begin(), set.links().end()))
      for (const Link& step : kNeighbors) {
        const Link link{at.source + step.source, at.target + step.target};
        if (set.has(link) || (set.has_source(link) && set.has_target(link)) ||
            !std::ranges::binary_search(all, link))
          continue;
        set.add(link);
        has_grown = true;
      }
  }
}

// Adds links of one direction between words that are both not yet linked.
void final_and(const Links& links, LinkSet& set) {
  for (const Link& link : sorted(links))
    if (!set.has_source(link) && !set.has_target(link)) set.add(link);
}

LinkSet grown_set(const Links& forward, const Links& backward) {
  LinkSet set(intersection(forward, backward));
  grow_diagonally(union_of(forward, backward), set);
  return set;
}

Links grow_diag(const Links& forward, const Links& backward) {
  const LinkSet set = grown_set(forward, backward);
  return {set.links().begin(), set.links().end()};
}

Links grow_diag_final_and(const Links& forward, const Links& backward) {
  LinkSet set = grown_set(forward, backward);
  final_and(forward, set);
  final_and(backward, set);
  return {set.links().begin(), set.links().end()};
}

}  // namespace

const Registry<Symmetrization>& symmetrizations() {
  static const Registry<Symmetrization> table = {
      {"intersection", "links that both directions have", intersection},
      {"union", "links of either direction", union_of},
      {"grow-diag",
       "the intersection, and neighboring links of the union that link a word not yet linked",
       grow_diag},
      {"grow-diag-final-and",
       "grow-diag, then links of either direction between two words that both have no link",
       grow_diag_final_and}};
  return table;
}

}  // namespace attn

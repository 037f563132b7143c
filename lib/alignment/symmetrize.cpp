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

// Links that are taken, and the words that have one.
class Taken {
 public:
  explicit Taken(const Links& links) {
    for (const Link& link : links) take(link);
  }

  void take(const Link& link) {
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

// Adds links of the union that touch one that is taken, also at a corner, and bring in a word that
// has none yet, until there are no more.
void grow(const Links& all, Taken& taken) {
  bool grown = true;
  while (grown) {
    grown = false;
    for (const Link& at : std::vector(taken.links().begin(), taken.links().end()))
      for (const Link& step : kNeighbors) {
        const Link link{at.source + step.source, at.target + step.target};
        if (taken.has(link) || (taken.has_source(link) && taken.has_target(link)) ||
            !std::ranges::binary_search(all, link))
          continue;
        taken.take(link);
        grown = true;
      }
  }
}

// Adds links of one direction between two words that both have none yet.
void finish(const Links& links, Taken& taken) {
  for (const Link& link : sorted(links))
    if (!taken.has_source(link) && !taken.has_target(link)) taken.take(link);
}

Links grown(const Links& forward, const Links& backward, bool finishes) {
  Taken taken(intersection(forward, backward));
  grow(union_of(forward, backward), taken);
  if (finishes) finish(forward, taken), finish(backward, taken);
  return {taken.links().begin(), taken.links().end()};
}

}  // namespace

const Registry<Symmetrization>& symmetrizations() {
  static const Registry<Symmetrization> table = {
      {"intersection", "links of both directions", intersection},
      {"union", "links of either", union_of},
      {"grow-diag", "those of both, and those of either beside them that bring in a word",
       [](const Links& a, const Links& b) { return grown(a, b, false); }},
      {"grow-diag-final-and", "the same, then those of either between two words without a link",
       [](const Links& a, const Links& b) { return grown(a, b, true); }}};
  return table;
}

}  // namespace attn

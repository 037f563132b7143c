// Word alignments as sets of links, and their text form, the Pharaoh format.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace attn {

// The positions of two aligned words, from 0.
struct Link {
  int source = 0, target = 0;

  auto operator<=>(const Link&) const = default;
};

// Sorts links by source, then target, and removes repetitions.
void sort_unique(std::vector<Link>& links);

// The gold alignment of a sentence pair. Both lists are sorted and without repetitions; every sure
// link is also a possible one.
struct GoldLinks {
  std::vector<Link> sure, possible;
};

// Parses a line such as "0-0 1?2 2p1": "-" marks a sure link, "?" or "p" one that is only possible.
// A link that is marked as both is sure. `base` is the number of the first word in the file, 0 or
// 1. Throws Error, with file and line number, for anything else.
GoldLinks parse_links(std::string_view line, int base, const std::string& file,
                      std::size_t line_number);

// Throws Error, with file and line number, if a link points past the end of a sentence with the
// given number of words. `links` count from 0, as GoldLinks do; the message counts from `base`, as
// the file does.
void check_inside(const std::vector<Link>& links, int base, std::size_t source_words,
                  std::size_t target_words, const std::string& file, std::size_t line_number);

// Returns "0-0 1-2", in the given order.
std::string format_links(const std::vector<Link>& links, int base);

}  // namespace attn

// Word links in the Pharaoh format: what an alignment is on disk.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace attn {

// PositionalEncoding of two words, from 0.
struct Link {
  int source = 0, target = 0;

  auto operator<=>(const Link&) const = default;
};

// Sorts by source, then target, and drops repetitions.
void sort_unique(std::vector<Link>& links);

// Both sorted, each link once, every sure link also a possible one.
struct GoldLinks {
  std::vector<Link> sure, possible;
};

// A line "0-0 1?2 2p1": "-" marks a sure link, "?" or "p" one that is only possible; marked as
// both, it is sure. `base`: the file's number for the first word, 0 or 1. Error, with file and line
// number: anything else than such links.
GoldLinks parse_links(std::string_view line, int base, const std::string& file,
                      std::size_t line_number);

// Error, with file and line number: a link past a sentence of so many words. `links` count from 0,
// as GoldLinks do; the message counts from `base`, as the file does.
void check_inside(const std::vector<Link>& links, int base, std::size_t source_words,
                  std::size_t target_words, const std::string& file, std::size_t line_number);

// "0-0 1-2", in the order given.
std::string format_links(const std::vector<Link>& links, int base);

}  // namespace attn

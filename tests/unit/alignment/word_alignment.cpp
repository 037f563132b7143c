#include "alignment/word_alignment.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace {

using Links = std::vector<attn::Link>;

attn::GoldLinks parse_links(const std::string& line, int base = 0) {
  return attn::parse_links(line, base, "gold.align", 7);
}

}  // namespace

TEST_CASE("alignment links are read in all notations and from both bases") {
  const auto gold = parse_links("2-1 0-0\t1?2 3p12 0-0 ");
  CHECK(gold.sure == Links{{0, 0}, {2, 1}});
  CHECK(gold.possible == Links{{0, 0}, {1, 2}, {2, 1}, {3, 12}});
  CHECK(parse_links("1-1 4?3", 1).possible == Links{{0, 0}, {3, 2}});
  CHECK(parse_links("").possible.empty());
}

TEST_CASE("an alignment link that is marked as sure and as possible is sure") {
  const auto gold = parse_links("1?1 1-1");
  CHECK(gold.sure == Links{{1, 1}});
  CHECK(gold.possible == Links{{1, 1}});
}

TEST_CASE("a malformed alignment link is an error with file and line") {
  for (const char* bad : {"1", "1-", "-1", "1--1", "1-2-3", "a-1", "1-b", "1:2", "1x2", "+1-2",
                          "1 -2", "99999999999-1"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_links(bad), attn::Error);
  }
  CHECK_THROWS_WITH_AS(
      parse_links("1-1 0-1", 1),
      "gold.align:7: \"0-1\" is not an alignment link: expected source-target (sure) "
      "or source?target (possible), with words counted from 1",
      attn::Error);
}

TEST_CASE("alignment links are written as they are read") {
  const Links links = {{0, 0}, {2, 1}, {10, 3}};
  CHECK(attn::format_links(links, 0) == "0-0 2-1 10-3");
  CHECK(attn::format_links(links, 1) == "1-1 3-2 11-4");
  CHECK(parse_links(attn::format_links(links, 1), 1).sure == links);
  CHECK(attn::format_links({}, 0) == "");
}

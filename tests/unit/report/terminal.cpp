#include "report/terminal.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

attn::Alignment house_alignment() {
  return {{"the", "house", "</s>"},
          {"la", "maison", "</s>"},
          {{0.9, 0.1, 0}, {0.25, 0.7, 0.05}, {0, 0, 1}}};
}

}  // namespace

TEST_CASE("the terminal heatmap has column labels above the columns and shaded cells") {
  CHECK(attn::terminal_heatmap(house_alignment(), 80, false) ==
        "       the\n"
        "       │  house\n"
        "       │  │  </s>\n"
        "la     ██ ··\n"
        "maison ░░ ▓▓ ··\n"
        "</s>         ██\n");
}

TEST_CASE(
    "each shade of the terminal heatmap represents weights of at least its number in the legend") {
  const std::vector<std::string> key = {"· 0.05", "░ 0.2", "▒ 0.4", "▓ 0.6", "█ 0.8"};
  std::string all;
  for (const auto& each : key) {
    all += (all.empty() ? "" : ", ") + each;
    const std::size_t space = each.find(' ');
    const std::string shade = each.substr(0, space);
    const double from = std::stod(each.substr(space));
    for (const double weight : {from, from - 0.001}) {
      const std::string text =
          attn::terminal_heatmap({{"a"}, {"b"}, {{weight}}, false, false}, 80, false);
      CHECK_MESSAGE((text.find(shade) != std::string::npos) == (weight == from), text);
    }
  }
  CHECK(attn::shade_key() == all);
}

TEST_CASE("the largest weight of each row of the terminal heatmap is highlighted in color") {
  const std::string text = attn::terminal_heatmap(house_alignment(), 80, true);
  CHECK(text.find("maison ░░ \033[36m▓▓\033[0m ··") != std::string::npos);
}

TEST_CASE("a terminal heatmap that is too wide becomes a list of the largest weights") {
  CHECK(attn::terminal_heatmap(house_alignment(), 12, false) ==
        "la      the 0.90  house 0.10\n"
        "maison  house 0.70  the 0.25  </s> 0.05\n"
        "</s>    </s> 1.00\n");
}

TEST_CASE("wide characters take two terminal cells and combining ones none") {
  CHECK(attn::cells("maison") == 6);
  CHECK(attn::cells("猫です") == 6);
  CHECK(attn::cells("e\u0301") == 1);
  CHECK(attn::cells("été") == 3);
  CHECK(attn::cells("") == 0);
}

#include "eval/terminal.h"

#include <doctest/doctest.h>

namespace {

attn::Alignment house() {
  return {{"the", "house", "</s>"},
          {"la", "maison", "</s>"},
          {{0.9, 0.1, 0}, {0.25, 0.7, 0.05}, {0, 0, 1}}};
}

}  // namespace

TEST_CASE("a matrix in a terminal") {
  CHECK(attn::terminal_heatmap(house(), 80, false) ==
        "       the\n"
        "       │  house\n"
        "       │  │  </s>\n"
        "la     ██ ··\n"
        "maison ░░ ▓▓ ··\n"
        "</s>         ██\n");
}

TEST_CASE("a row's largest weight stands out in colour") {
  const std::string text = attn::terminal_heatmap(house(), 80, true);
  CHECK(text.find("maison ░░ \033[36m▓▓\033[0m ··") != std::string::npos);
}

TEST_CASE("what is too wide becomes a list") {
  CHECK(attn::terminal_heatmap(house(), 12, false) ==
        "la      the 0.90  house 0.10\n"
        "maison  house 0.70  the 0.25  </s> 0.05\n"
        "</s>    </s> 1.00\n");
}

TEST_CASE("cells of wide and of combining characters") {
  CHECK(attn::cells("maison") == 6);
  CHECK(attn::cells("猫です") == 6);
  CHECK(attn::cells("e\u0301") == 1);
  CHECK(attn::cells("été") == 3);
  CHECK(attn::cells("") == 0);
}

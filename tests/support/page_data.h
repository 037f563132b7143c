// The data that one of our HTML pages carries, and its weights.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/json.h"

inline attn::Json page_data(const std::string& page) {
  const std::string mark = R"(<script id="data" type="application/json">)";
  const auto at = page.find(mark);
  REQUIRE(at != std::string::npos);
  const auto begin = at + mark.size();
  return attn::Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

// The weights of a page's matrix, of which each is two digits in base 90.
inline std::vector<double> weights_of(const attn::Json& matrix) {
  std::string digits;
  for (char c = '#'; c <= '~'; ++c)
    if (c != '<' && c != '\\') digits += c;
  REQUIRE(digits.size() == 90);
  const std::string text = matrix["weights"];
  std::vector<double> out;
  for (std::size_t k = 0; k + 1 < text.size(); k += 2) {
    const auto number = 90 * digits.find(text[k]) + digits.find(text[k + 1]);
    out.push_back(static_cast<double>(number) / 8099);
  }
  return out;
}

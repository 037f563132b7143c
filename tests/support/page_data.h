// The data in the HTML pages that the program writes.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/json.h"

// Returns the JSON data of a page.
inline attn::Json page_data(const std::string& page) {
  const std::string mark = R"(<script id="data" type="application/json">)";
  const auto at = page.find(mark);
  REQUIRE(at != std::string::npos);
  const auto begin = at + mark.size();
  return attn::Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

// Returns the weights of a matrix. Each is written as two digits in base 90.
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

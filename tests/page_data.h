// The data that one of our HTML pages carries.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "base/json.h"

inline attn::Json page_data(const std::string& page) {
  const std::string mark = R"(<script id="data" type="application/json">)";
  const auto at = page.find(mark);
  REQUIRE(at != std::string::npos);
  const auto begin = at + mark.size();
  return attn::Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

// What the HTML pages share: each is one file that needs nothing else. The files of eval/page/ are
// put into a source by the build (see CMakeLists.txt).
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/json.h"

namespace attn {

extern const char* const kCommonCss;
extern const char* const kCommonJs;

// A page's own; its markup has a mark for each part: "/* page.css */", "/* data */".
struct PageParts {
  const char *html, *css, *js;
};
extern const PageParts kHeatmapPage, kReportPage;

// The page, with its data: any JSON, whatever texts are in it.
std::string html_page(const PageParts& parts, const std::string& data);

// Characters of a weight in a page, and the number that is a weight of 1.
constexpr int kPageDigits = 2;
constexpr long kPageScale = 90 * 90 - 1;

// Weights row by row, as digits in base 90: most of a page is its weights.
std::string encode_base90(const Weights& weights);

// The sides of a pair with their matrices, the mean of heads before each, in the words of
// common.js.
Json page_source(const AlignedPair& pair);
Json page_target(const AlignedPair& pair);

}  // namespace attn

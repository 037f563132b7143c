// The common basis of the HTML pages. Each page is one self-contained file. The build compiles the
// files in assets/ into the program (see CMakeLists.txt).
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/json.h"

namespace attn {

// The common assets. Markup consists of templates, `<template id="NAME">…</template>`, in which
// `<!-- NAME -->` is a placeholder for another template. The template "page" of the common markup
// is the whole page; it also has a placeholder for each style and script, `/* page.css */`, and for
// the data, `/* data */`. The common script consists of several files, which template.cpp.in joins.
extern const char* const kCommonHtml;
extern const char* const kCommonCss;
extern const char* const kCommonJs;

// The assets of one page. Its markup has the templates that the common markup inserts.
struct PageAssets {
  const char *html, *css, *js;
};
extern const PageAssets kHeatmapPage, kReportPage, kServePage;

// Returns the page with its data, any JSON text.
std::string html_page(const PageAssets& assets, const std::string& data);

// A page encodes a weight as two digits of base 90; the largest number, kPageScale, is weight 1.
constexpr int kPageDigits = 2;
constexpr long kPageScale = 90 * 90 - 1;

// Encodes weights row by row.
std::string encode_base90(const AttentionWeights& weights);

// Return the JSON form of the sides of a pair as assets/common.js describes it, with their
// matrices: for each, the mean of the heads, then the heads.
Json page_source(const AlignedPair& pair);
Json page_target(const AlignedPair& pair);

}  // namespace attn

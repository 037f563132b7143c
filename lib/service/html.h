// Translates HTML: the text of each block by itself, with its inline elements around the words that
// are aligned with their words.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "alignment/alignment.h"

namespace attn {

struct HtmlTranslation {
  std::string text;
  std::vector<Link> links;  // between the words of the line and those of `text`
};

// Translates lines of plain text.
using TranslateLines =
    std::function<std::vector<HtmlTranslation>(const std::vector<std::string>& lines)>;

// Returns the document or fragment with its text translated. Throws Error if elements are nested
// too deeply.
std::string translate_html(std::string_view html, const TranslateLines& translate);

}  // namespace attn

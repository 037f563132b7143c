#include "eval/html_page.h"

#include "base/error.h"

namespace attn {
namespace {

// No text may end the script element that holds it: JSON knows another way to write "<".
std::string inside_script(const std::string& json) {
  std::string out;
  for (const char c : json)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

void put(std::string& page, const std::string& mark, const std::string& content) {
  const auto at = page.find(mark);
  ATTN_CHECK(at != std::string::npos);
  page.replace(at, mark.size(), content);
}

Json page_side(const std::vector<std::string>& pieces, const PieceMap& map, bool has_end) {
  Json json = {{"words", map.words}, {"pieces", pieces}, {"of", map.words_of}, {"end", has_end}};
  if (!map.spaced) {
    std::string text;
    for (std::size_t i = 0; i < map.words_of.size(); ++i) text += pieces[i];
    json["text"] = text;
  }
  return json;
}

}  // namespace

std::string html_page(const PageParts& parts, const std::string& data) {
  std::string page = parts.html;
  put(page, "/* common.css */", kCommonCss);
  put(page, "/* page.css */", parts.css);
  put(page, "/* common.js */", kCommonJs);
  put(page, "/* page.js */", parts.js);
  put(page, "/* data */", inside_script(data));  // the last: may hold any text
  return page;
}

Json page_source(const AlignedPair& pair) {
  const Alignment& pieces = pair.pieces;
  Json json = page_side(pieces.source, pair.source, pieces.source_end);
  if (!pieces.sentences.empty() && !pieces.weights.empty())
    json["sentences"] = {{"ends", pieces.sentences}, {"names", sentence_names(words_of(pair))}};
  return json;
}

Json page_target(const AlignedPair& pair) {
  return page_side(pair.pieces.target, pair.target, pair.pieces.target_end);
}

}  // namespace attn

#include "report/html_page.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace attn {
namespace {

constexpr long kDigits = 90;
static_assert(kPageScale == kDigits * kDigits - 1);

// From '#' on, but '<', which would have to be escaped in a script element, and '\\', in JSON.
char digit(long value) {
  long character = '#' + value;
  character += character >= '<';
  character += character >= '\\';
  return static_cast<char>(character);
}

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

// The mean, called `name`, and each head.
void add_matrices(const Alignment& pieces, const std::string& name, const std::string& of,
                  Json& out) {
  out.push_back({{"name", name}, {"weights", encode_base90(pieces.weights)}});
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", of + "head " + std::to_string(head + 1)},
                   {"weights", encode_base90(pieces.heads[head])}});
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

std::string encode_base90(const Weights& weights) {
  std::string out;
  for (const auto& row : weights)
    for (const double weight : row) {
      const long number = std::clamp(std::lround(weight * kPageScale), 0L, kPageScale);
      out += {digit(number / kDigits), digit(number % kDigits)};
    }
  return out;
}

Json page_source(const AlignedPair& pair) {
  const Alignment& pieces = pair.pieces;
  Json json = page_side(pieces.source, pair.source, pieces.source_end);
  if (!pieces.sentences.empty() && !pieces.weights.empty())
    json["sentences"] = {{"ends", pieces.sentences}, {"names", sentence_names(words_of(pair))}};
  std::size_t number = 0;
  for (const Alignment& layer : pair.encoder) {
    const std::string name = "encoder, layer " + std::to_string(++number);
    add_matrices(layer, name + (layer.heads.empty() ? "" : ", mean"), name + ", ",
                 json["matrices"]);
  }
  return json;
}

Json page_target(const AlignedPair& pair) {
  const Alignment& pieces = pair.pieces;
  Json json = page_side(pieces.target, pair.target, pieces.target_end);
  if (!pieces.weights.empty())
    add_matrices(pieces, pieces.heads.empty() ? "attention" : "mean of the heads", "",
                 json["matrices"]);
  return json;
}

}  // namespace attn

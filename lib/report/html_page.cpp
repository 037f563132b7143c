#include "report/html_page.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"

namespace attn {
namespace {

constexpr long kBase = 90;
static_assert(kPageScale == kBase * kBase - 1);

// Returns a digit. The digits are the ASCII characters from '#' on, without '<', which would have
// to be escaped in a script element, and '\\', which would have to be escaped in JSON.
char base90_digit(long value) {
  long character = '#' + value;
  character += character >= '<';
  character += character >= '\\';
  return static_cast<char>(character);
}

// Escapes JSON for a script element: without "<" no text can end the element.
std::string escape_for_script(const std::string& json) {
  std::string out;
  for (const char c : json)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

void replace_placeholder(std::string& page, const std::string& placeholder,
                         const std::string& content) {
  const auto at = page.find(placeholder);
  ATTN_CHECK(at != std::string::npos);
  page.replace(at, placeholder.size(), content);
}

using Templates = std::map<std::string, std::string>;

// Adds the templates of a file.
void add_templates(const std::string& html, Templates& templates) {
  const std::string open = "<template id=\"", middle = "\">", close = "</template>";
  for (auto at = html.find(open); at != std::string::npos; at = html.find(open, at)) {
    const auto name = at + open.size(), name_end = html.find(middle, name);
    const auto content = html.find_first_not_of('\n', name_end + middle.size());
    at = html.find(close, content);
    ATTN_CHECK(at != std::string::npos);
    templates[html.substr(name, name_end - name)] = html.substr(content, at - content);
  }
}

// Returns a template with others inserted for its placeholders.
std::string expanded(const Templates& templates, const std::string& name) {
  const std::string open = "<!-- ", close = " -->";
  const auto found = templates.find(name);
  ATTN_CHECK(found != templates.end());
  const std::string& text = found->second;
  std::string out;
  std::size_t begin = 0;
  for (auto at = text.find(open); at != std::string::npos; at = text.find(open, begin)) {
    const auto inner = at + open.size(), end = text.find(close, inner);
    out += text.substr(begin, at - begin) + expanded(templates, text.substr(inner, end - inner));
    begin = end + close.size();
  }
  return out + text.substr(begin);
}

Json page_side(const std::vector<std::string>& pieces, const PieceMap& map, bool has_end) {
  Json json = {
      {"words", map.words}, {"subwords", pieces}, {"word_indices", map.words_of}, {"end", has_end}};
  if (!map.spaced) {
    std::string text;
    for (std::size_t i = 0; i < map.words_of.size(); ++i) text += pieces[i];
    json["text"] = text;
  }
  return json;
}

// Appends the matrix of the mean, with the name `name`, and those of the heads, with the names
// `prefix` + "head 1" and so on.
void add_matrices(const Alignment& pieces, const std::string& name, const std::string& prefix,
                  Json& out) {
  out.push_back({{"name", name}, {"weights", encode_base90(pieces.weights)}});
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", prefix + "head " + std::to_string(head + 1)},
                   {"weights", encode_base90(pieces.heads[head])}});
}

}  // namespace

std::string html_page(const PageAssets& assets, const std::string& data) {
  Templates templates;
  add_templates(kCommonHtml, templates);
  add_templates(assets.html, templates);
  std::string page = expanded(templates, "page");
  replace_placeholder(page, "/* common.css */", kCommonCss);
  replace_placeholder(page, "/* page.css */", assets.css);
  replace_placeholder(page, "/* common.js */", kCommonJs);
  replace_placeholder(page, "/* page.js */", assets.js);
  // The data comes last, because it may contain any text, also a placeholder.
  replace_placeholder(page, "/* data */", escape_for_script(data));
  return page;
}

std::string encode_base90(const AttentionWeights& weights) {
  std::string out;
  for (const auto& row : weights)
    for (const double weight : row) {
      const long number = std::clamp(std::lround(weight * kPageScale), 0L, kPageScale);
      out += {base90_digit(number / kBase), base90_digit(number % kBase)};
    }
  return out;
}

Json page_source(const AlignedPair& pair) {
  const Alignment& pieces = pair.pieces;
  Json json = page_side(pieces.source, pair.source, pieces.source_end);
  if (!pieces.segment_ends.empty() && !pieces.weights.empty())
    json["segments"] = {{"ends", pieces.segment_ends}, {"names", segment_names(to_words(pair))}};
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

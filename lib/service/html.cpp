// The tree is that of gumbo, which recovers from errors as browsers do. Tags are copied from the
// input; those that the parser has implied are not written, except end tags.
#include "service/html.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <gumbo.h>

#include "base/error.h"
#include "service/html_block.h"

namespace attn {
namespace {

constexpr int kMaxDepth = 200;  // the parser's functions are recursive

const std::set<std::string, std::less<>> kVoid = {"area",  "base",   "br",    "col",  "embed",
                                                  "hr",    "img",    "input", "link", "meta",
                                                  "param", "source", "track", "wbr"};
// Their end tags may be left out.
const std::set<std::string, std::less<>> kOptionalEnd = {
    "p",     "li",     "dt", "dd", "td",   "th",   "tr",   "thead",    "tbody",
    "tfoot", "option", "rp", "rt", "html", "head", "body", "colgroup", "optgroup"};
const std::set<std::string, std::less<>> kInline = {
    "a",      "abbr", "acronym", "b",    "bdi", "bdo",   "big",  "cite",   "data", "del",
    "dfn",    "em",   "font",    "i",    "ins", "label", "mark", "meter",  "nobr", "output",
    "q",      "rb",   "rp",      "rt",   "rtc", "ruby",  "s",    "small",  "span", "strike",
    "strong", "sub",  "sup",     "time", "tt",  "u",     "slot", "picture"};
const std::set<std::string, std::less<>> kOpaque = {
    "script",   "style",  "code",     "pre",    "kbd",      "samp",   "var",
    "textarea", "svg",    "math",     "iframe", "noscript", "object", "audio",
    "video",    "canvas", "template", "select", "rt",       "rp",     "rtc"};

// Their contents are not parsed as elements.
const std::set<std::string, std::less<>> kRaw = {"script", "style", "textarea", "noscript",
                                                 "iframe", "svg",   "math"};

std::string_view view(const GumboStringPiece& piece) {
  return {piece.data, piece.length};
}

// Returns the name in a tag.
std::string tag_name(std::string_view tag) {
  std::string name;
  for (const char c : tag.substr(std::min<std::size_t>(1, tag.size()))) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '/' || c == '>') break;
    name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return name;
}

// Returns whether each end tag closes the element that was opened last, and all are closed. Source
// text for which that is not true may not be that of one element.
bool is_balanced(std::string_view html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    if (html.substr(at, 4) == "<!--") {
      at = std::min(html.find("-->", at), html.size() - 1);
      continue;
    }
    const bool is_end = html.substr(at, 2) == "</";
    const std::string name = tag_name(html.substr(at + (is_end ? 1 : 0), 40));
    if (name.empty() || name[0] < 'a' || name[0] > 'z' || kVoid.contains(name)) continue;
    const std::size_t close = html.find('>', at);
    if (close != std::string_view::npos && html[close - 1] == '/') continue;
    if (!is_end)
      open.push_back(name);
    else if (open.empty() || open.back() != name)
      return false;
    else
      open.pop_back();
  }
  return open.empty();
}

// Throws Error if elements may be nested more deeply than kMaxDepth. Elements whose end tags may be
// left out do not count.
void check_depth(std::string_view html) {
  int depth = 0;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const bool is_end = at + 1 < html.size() && html[at + 1] == '/';
    const std::string name = tag_name(html.substr(at + (is_end ? 1 : 0), 40));
    if (name.empty() || name[0] < 'a' || name[0] > 'z' || kVoid.contains(name) ||
        kOptionalEnd.contains(name))
      continue;
    depth = is_end ? std::max(0, depth - 1) : depth + 1;
    if (depth > kMaxDepth)
      throw Error("the HTML has elements in more than " + std::to_string(kMaxDepth) +
                  " levels, or that many elements without end tags");
  }
}

// Returns the element that the fragment belongs into, so that cells and rows are not dropped.
GumboTag context_of(std::string_view html) {
  const auto begin = html.find_first_not_of(" \t\r\n\f");
  const std::string first =
      begin != std::string_view::npos && html[begin] == '<' ? tag_name(html.substr(begin, 40)) : "";
  if (first == "td" || first == "th") return GUMBO_TAG_TR;
  if (first == "tr") return GUMBO_TAG_TBODY;
  if (first == "thead" || first == "tbody" || first == "tfoot" || first == "caption" ||
      first == "colgroup")
    return GUMBO_TAG_TABLE;
  return GUMBO_TAG_LAST;  // none: a document
}

// Returns the written tree with the white space before all elements and the end of line after
// </html>, which the parser drops.
std::string with_outer_space(std::string written, std::string_view html) {
  const std::string_view space = html.substr(0, html.find_first_not_of(" \t\r\n\f"));
  if (!written.starts_with(space)) written.insert(0, space);
  if (html.ends_with('\n') && !written.ends_with('\n')) written += '\n';
  return written;
}

// Translates the blocks of a tree and writes it again. The first pass, without translations,
// collects the texts; the second one writes.
class HtmlWriter {
 public:
  HtmlWriter(std::string_view html, const std::vector<HtmlTranslation>* translations)
      : html_(html), translations_(translations) {}

  void write(const GumboOutput& tree) {
    write_doctype();
    if (tree.document->v.document.children.length > 0)
      write_children(tree.document->v.document.children);
    flush();
  }

  std::vector<std::string> texts;
  std::string out;

 private:
  // A document type is part of no node's text.
  void write_doctype() {
    const auto begin = html_.find_first_not_of(" \t\r\n\f");
    if (begin == std::string_view::npos || html_.substr(begin, 2) != "<!" ||
        tag_name(html_.substr(begin + 1, 20)) != "doctype")
      return;
    const auto end = html_.find('>', begin);
    if (end != std::string_view::npos) out += std::string(html_.substr(0, end + 1)) + "\n";
  }

  static bool is_opaque(const GumboElement& element, const std::string& name) {
    const auto value = [&](const char* attribute) -> std::string {
      const GumboAttribute* found = gumbo_get_attribute(&element.attributes, attribute);
      return found == nullptr ? "" : found->value;
    };
    const std::string classes = " " + value("class") + " ";
    return kOpaque.contains(name) || value("translate") == "no" ||
           classes.find(" notranslate ") != std::string::npos;
  }

  static std::string name_of(const GumboElement& element) {
    if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
    return tag_name(view(element.original_tag));
  }

  // Returns whether the node is an inline element without blocks in it.
  static bool is_inline(const GumboNode& node) {
    if (node.type != GUMBO_NODE_ELEMENT) return true;
    const GumboElement& element = node.v.element;
    const std::string name = name_of(element);
    if (kVoid.contains(name)) return name == "img" || name == "wbr" || name == "input";
    if (is_opaque(element, name)) return name != "pre" && name != "textarea" && is_phrase(name);
    if (!kInline.contains(name) && element.tag != GUMBO_TAG_UNKNOWN) return false;
    for (unsigned i = 0; i < element.children.length; ++i)
      if (!is_inline(*static_cast<GumboNode*>(element.children.data[i]))) return false;
    return true;
  }
  static bool is_phrase(const std::string& name) {
    return kInline.contains(name) || name == "code" || name == "kbd" || name == "samp" ||
           name == "var" || name == "svg" || name == "math" || name == "script" ||
           name == "style" || name == "template" || name == "select" || name == "textarea";
  }

  void write_children(const GumboVector& children) {
    for (unsigned i = 0; i < children.length; ++i)
      write_node(*static_cast<GumboNode*>(children.data[i]));
  }

  void write_node(const GumboNode& node) {
    if (is_inline(node)) return add_inline(node);
    flush();
    const GumboElement& element = node.v.element;
    const std::string name = name_of(element);
    const bool is_written = element.original_tag.length > 0;
    if (kVoid.contains(name) || is_opaque(element, name)) {
      out += source_of(node, name);
      return;
    }
    if (is_written) out += view(element.original_tag);
    write_children(element.children);
    flush();
    if (is_written) out += "</" + written_name(element) + ">";
  }

  // Returns the name as it is written in the start tag.
  static std::string written_name(const GumboElement& element) {
    const std::string_view tag = view(element.original_tag);
    return std::string(tag.substr(1, tag_name(tag).size()));
  }

  void add_inline(const GumboNode& node) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE)
      return block_.add_text(node.v.text.text);
    if (node.type == GUMBO_NODE_CDATA || node.type == GUMBO_NODE_COMMENT)
      return block_.add_atom(std::string(view(node.v.text.original_text)));
    const GumboElement& element = node.v.element;
    const std::string name = name_of(element);
    if (kVoid.contains(name) || is_opaque(element, name))
      return block_.add_atom(source_of(node, name));
    const bool is_written = element.original_tag.length > 0;
    if (is_written)
      block_.open({std::string(view(element.original_tag)), "</" + written_name(element) + ">",
                   gumbo_get_attribute(&element.attributes, "id") != nullptr});
    for (unsigned i = 0; i < element.children.length; ++i)
      add_inline(*static_cast<GumboNode*>(element.children.data[i]));
    if (is_written) block_.close();
  }

  // Returns the source of an element that is not translated.
  std::string source_of(const GumboNode& node, const std::string& name) const {
    const GumboElement& element = node.v.element;
    const std::string_view begin = view(element.original_tag), end = view(element.original_end_tag);
    if (begin.empty()) return "";
    if (kVoid.contains(name) || begin.ends_with("/>")) return std::string(begin);
    if (!end.empty() && end.data() >= begin.data() + begin.size()) {
      const std::string_view inside(
          begin.data() + begin.size(),
          static_cast<std::size_t>(end.data() - begin.data()) - begin.size());
      if (kRaw.contains(name) || is_balanced(inside))
        return std::string(begin) + std::string(inside) + std::string(end);
    }
    HtmlWriter inside(html_, nullptr);
    inside.write_children(element.children);
    inside.flush();
    return std::string(begin) + inside.out + "</" + written_name(element) + ">";
  }

  // Ends the block, and writes it with its translation, if there is one.
  void flush() {
    const std::string text = block_.text();
    if (text.empty() || translations_ == nullptr)
      out += block_.original();
    else
      out += block_.translated(translations_->at(texts.size()));
    if (!text.empty()) texts.push_back(text);
    block_ = {};
  }

  std::string_view html_;
  const std::vector<HtmlTranslation>* translations_;
  HtmlBlock block_;
};

}  // namespace

std::string translate_html(std::string_view html, const TranslateLines& translate) {
  check_depth(html);
  GumboOptions options = kGumboDefaultOptions;
  options.fragment_context = context_of(html);
  const auto destroy = [](GumboOutput* tree) { gumbo_destroy_output(&kGumboDefaultOptions, tree); };
  const std::unique_ptr<GumboOutput, decltype(destroy)> tree(
      gumbo_parse_with_options(&options, html.data(), html.size()), destroy);
  HtmlWriter collector(html, nullptr);
  collector.write(*tree);
  if (collector.texts.empty()) return with_outer_space(collector.out, html);
  const std::vector<HtmlTranslation> translations = translate(collector.texts);
  ATTN_CHECK(translations.size() == collector.texts.size());
  HtmlWriter writer(html, &translations);
  writer.write(*tree);
  return with_outer_space(writer.out, html);
}

}  // namespace attn

#include "service/html_block.h"

#include <algorithm>
#include <set>

#include "base/index_span.h"
#include "base/strings.h"
#include "text/tokenizer.h"

namespace attn {
namespace {

constexpr const char* kSpaces = " \t\n\r\f";

std::vector<int> common_prefix(const std::vector<int>& a, const std::vector<int>& b) {
  return {a.begin(), std::ranges::mismatch(a, b).in1};
}

// Returns the words of a text, and the offset of each.
std::pair<std::vector<std::string>, std::vector<std::size_t>> located_words(
    const std::string& text) {
  std::vector<std::string> words = split_words(text);
  std::vector<std::size_t> offsets;
  std::size_t at = 0;
  for (const std::string& word : words) {
    offsets.push_back(at = text.find(word, at));
    at += word.size();
  }
  return {std::move(words), std::move(offsets)};
}

}  // namespace

// The words of the block's text.
struct HtmlBlock::Words {
  std::vector<std::string> words;
  std::vector<std::size_t> offsets;

  // Returns the number of words that begin before an offset.
  std::ptrdiff_t before(std::size_t offset) const {
    return std::ranges::lower_bound(offsets, offset) - offsets.begin();
  }
};

std::string html_escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  return out;
}

void HtmlBlock::add_text(const std::string& text) {
  text_ += text;
  element_at_.resize(text_.size(), current_);
  original_ += html_escaped(text);
}

void HtmlBlock::open(const InlineElement& element) {
  elements_.push_back({element, current_, text_.size()});
  current_ = static_cast<int>(elements_.size()) - 1;
  original_ += element.open;
}

void HtmlBlock::close() {
  const Element& element = IndexSpan(elements_)[current_];
  original_ += element.tags.close;
  current_ = element.parent;
}

void HtmlBlock::add_atom(const std::string& html) {
  atoms_.push_back({html, text_.size(), current_});
  original_ += html;
}

std::string HtmlBlock::text() const {
  return joined(split_words(text_), " ");
}

HtmlBlock::Path HtmlBlock::path_of(int element) const {
  Path path;
  for (; element >= 0; element = IndexSpan(elements_)[element].parent) path.push_back(element);
  std::ranges::reverse(path);
  return path;
}

bool HtmlBlock::has_space_at(std::size_t offset) const {
  return offset < text_.size() &&
         std::string_view(kSpaces).find(text_[offset]) != std::string::npos;
}

// A word without a link belongs to the elements that are around both its neighbors with links.
// Without any link, words are taken to be in the same order.
std::vector<HtmlBlock::Unit> HtmlBlock::word_units(const Words& words,
                                                   const HtmlTranslation& translation) const {
  const auto [targets, offsets] = located_words(translation.text);
  std::vector<Unit> units(targets.size());
  const auto count = std::ssize(words.words);
  for (const Link& link : translation.links)
    if (link.target < std::ssize(units) && link.source < count)
      IndexSpan(units)[link.target].source = static_cast<int>(link.source);
  std::size_t end = 0;
  for (std::size_t t = 0; t < units.size(); ++t) {
    Unit& unit = units[t];
    unit.html = html_escaped(targets[t]);
    if (t > 0) unit.space_before = translation.text.substr(end, offsets[t] - end);
    end = offsets[t] + targets[t].size();
    if (translation.links.empty() && count > 0)
      unit.source = static_cast<int>(static_cast<std::ptrdiff_t>(t) * count / std::ssize(units));
    if (unit.source >= 0) unit.path = path_of(element_at_[IndexSpan(words.offsets)[unit.source]]);
  }
  for (std::size_t t = 0; t < units.size(); ++t) {
    if (units[t].source >= 0) continue;
    const auto next = std::find_if(units.begin() + static_cast<std::ptrdiff_t>(t), units.end(),
                                   [](const Unit& u) { return u.source >= 0; });
    if (t > 0 && next != units.end()) units[t].path = common_prefix(units[t - 1].path, next->path);
  }
  return units;
}

// Returns an element without words, with the elements in it.
std::string HtmlBlock::empty_element(int element) const {
  std::string inside;
  for (int e = element + 1; e < std::ssize(elements_); ++e)
    if (IndexSpan(elements_)[e].parent == element) inside += empty_element(e);
  const InlineElement& tags = IndexSpan(elements_)[element].tags;
  return tags.open + inside + tags.close;
}

// Returns the atoms and, as atoms, the elements that are around no unit, in the order of the text.
std::vector<HtmlBlock::Atom> HtmlBlock::all_atoms(const std::vector<Unit>& units) const {
  std::set<int> present = {-1};
  for (const Unit& unit : units) present.insert(unit.path.begin(), unit.path.end());
  for (const Atom& atom : atoms_)
    for (const int element : path_of(atom.element)) present.insert(element);
  std::vector<Atom> atoms = atoms_;
  for (int e = 0; e < std::ssize(elements_); ++e) {
    const Element& element = IndexSpan(elements_)[e];
    if (!present.contains(e) && present.contains(element.parent))
      atoms.push_back({empty_element(e), element.offset, element.parent});
  }
  std::ranges::stable_sort(atoms, {}, &Atom::offset);
  return atoms;
}

// An atom follows the last word that is aligned with the nearest word before it.
std::vector<HtmlBlock::Unit> HtmlBlock::with_atoms(const Words& words,
                                                   const std::vector<Unit>& units,
                                                   const std::vector<Atom>& atoms) const {
  std::vector<std::vector<Unit>> after(units.size() + 1);  // after[t]: before word t
  bool space_follows = false;                              // the last atom before all words
  // White space up to here is written.
  std::size_t space_end = text_.find_first_not_of(kSpaces);
  if (!atoms.empty()) space_end = std::min(space_end, atoms[0].offset);
  for (const Atom& atom : atoms) {
    const auto before = words.before(atom.offset);
    std::size_t place = before == std::ssize(words.words) ? units.size() : 0;
    for (auto s = before - 1; s >= 0 && place == 0; --s)
      for (std::size_t t = 0; t < units.size(); ++t)
        if (units[t].source == s) place = t + 1;
    const bool is_between = place > 0 || before == 0;
    const bool spaced = is_between && atom.offset > space_end && has_space_at(atom.offset - 1);
    space_end = atom.offset;
    after[place].push_back({atom.html, spaced ? " " : "", path_of(atom.element)});
    if (place == 0) space_follows = has_space_at(atom.offset);
  }
  std::vector<Unit> out = std::move(after[0]);
  for (std::size_t t = 0; t < units.size(); ++t) {
    out.push_back(units[t]);
    if (t == 0 && space_follows) out.back().space_before = " ";
    std::ranges::move(after[t + 1], std::back_inserter(out));
  }
  return out;
}

void HtmlBlock::keep_longest_runs(std::vector<Unit>& units) const {
  for (int e = 0; e < std::ssize(elements_); ++e) {
    if (!IndexSpan(elements_)[e].tags.has_id) continue;
    std::size_t best_begin = 0, best_size = 0;
    for (std::size_t begin = 0, i = 0; i <= units.size(); ++i) {
      if (i < units.size() && std::ranges::count(units[i].path, e) > 0) continue;
      if (i - begin > best_size) best_begin = begin, best_size = i - begin;
      begin = i + 1;
    }
    for (std::size_t i = 0; i < units.size(); ++i)
      if (i < best_begin || i >= best_begin + best_size) std::erase(units[i].path, e);
  }
}

std::string HtmlBlock::rendered(const std::vector<Unit>& units) const {
  std::string out;
  Path open;
  const auto close_to = [&](std::size_t depth) {
    for (; open.size() > depth; open.pop_back())
      out += IndexSpan(elements_)[open.back()].tags.close;
  };
  for (const Unit& unit : units) {
    close_to(common_prefix(open, unit.path).size());
    out += unit.space_before;
    for (std::size_t i = open.size(); i < unit.path.size(); ++i) {
      out += IndexSpan(elements_)[unit.path[i]].tags.open;
      open.push_back(unit.path[i]);
    }
    out += unit.html;
  }
  close_to(0);
  return out;
}

std::string HtmlBlock::translated(const HtmlTranslation& translation) const {
  auto [found, offsets] = located_words(text_);
  const Words words{std::move(found), std::move(offsets)};
  if (words.words.empty()) return original_;
  std::vector<Unit> units = word_units(words, translation);
  const std::vector<Atom> atoms = all_atoms(units);
  units = with_atoms(words, units, atoms);
  keep_longest_runs(units);
  // The first and last thing that is not white space: a word or an atom.
  std::size_t begin = text_.find_first_not_of(kSpaces);
  std::size_t end = text_.find_last_not_of(kSpaces) + 1;
  if (!atoms.empty()) {
    begin = std::min(begin, atoms.front().offset);
    end = std::max(end, atoms.back().offset);
  }
  return text_.substr(0, begin) + rendered(units) + text_.substr(end);
}

}  // namespace attn

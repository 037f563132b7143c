// A block of HTML, such as a paragraph: its text with inline elements, and their places in the
// translation.
#pragma once

#include <string>
#include <vector>

#include "service/html.h"

namespace attn {

// An inline element. It is put around the words of the translation that are aligned with its words.
// If these are apart, it is repeated around each run of them, but an element with an id, which must
// be unique, is put around the longest run only. An element without aligned words is kept where the
// words before it are, empty.
struct InlineElement {
  std::string open, close;  // tags
  bool has_id = false;
};

class HtmlBlock {
 public:
  // Add the next part of the block.
  void add_text(const std::string& text);
  void open(const InlineElement& element);
  void close();
  // Adds something that is not translated, such as an image: it stays with the words before it.
  void add_atom(const std::string& html);

  // Returns the text to translate: white space is collapsed, and removed at both ends.
  std::string text() const;
  // Returns the HTML of the translation.
  std::string translated(const HtmlTranslation& translation) const;
  // Returns the HTML of the block as it was.
  const std::string& original() const { return original_; }

 private:
  struct Element {
    InlineElement tags;
    int parent;          // the element around it; -1: none
    std::size_t offset;  // in text_
  };
  struct Atom {
    std::string html;
    std::size_t offset;  // in text_
    int element;         // the element around it; -1: none
  };
  using Path = std::vector<int>;  // elements, the outermost first
  // A word of the translation or an atom.
  struct Unit {
    std::string html, space_before;
    Path path;        // the elements around it
    int source = -1;  // index of the aligned source word
  };
  struct Words;

  Path path_of(int element) const;
  bool has_space_at(std::size_t offset) const;
  std::vector<Unit> word_units(const Words& words, const HtmlTranslation& translation) const;
  std::string empty_element(int element) const;
  std::vector<Atom> all_atoms(const std::vector<Unit>& units) const;
  std::vector<Unit> with_atoms(const Words& words, const std::vector<Unit>& units,
                               const std::vector<Atom>& atoms) const;
  void keep_longest_runs(std::vector<Unit>& units) const;
  std::string rendered(const std::vector<Unit>& units) const;

  std::string text_, original_;
  std::vector<int> element_at_;  // the innermost element around each byte of text_
  std::vector<Element> elements_;
  std::vector<Atom> atoms_;
  int current_ = -1;  // the element that is open
};

// Returns the text with &, < and > as character references.
std::string html_escaped(const std::string& text);

}  // namespace attn

// Divides a line into sentences, with the rules of Unicode (UAX #29) as ICU implements them, lists
// of abbreviations, and a rule for tokenized text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/characters.h"

namespace attn {

// A constant object, which threads can share. Copies are cheap.
class SentenceSplitter {
 public:
  // `language` is the language of the text, a tag such as "en" or "pt-BR". It selects the
  // abbreviations; "" and languages without a list of abbreviations: those of English.
  explicit SentenceSplitter(const std::string& language = "");

  // Returns the sentences of a line, in order, without the white space around them; none if the
  // line is empty. A sentence ends
  // - where Unicode's rules end it (3.5, example.com and "well... then" do not), and white space
  //   or a character outside ASCII follows or precedes;
  // - after a . ! ? or a relative of them that is a word by itself, as in tokenized text, even
  //   before a lower-case letter; several periods are an ellipsis;
  // - after … before an upper-case letter; and at a line separator.
  // Closing brackets and quotation marks belong to the sentence before them. It does not end after
  // an abbreviation (Dr.), initials (J. R.), a number of one or two digits with a period (1.), nor
  // after a quotation or parenthesis before a lower-case letter (“No!” she said).
  std::vector<TextRange> split(std::string_view line) const;

 private:
  class Rules;  // of ICU
  std::shared_ptr<const Rules> rules_;
};

}  // namespace attn

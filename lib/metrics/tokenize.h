// Tokenization for metrics, identical to that of sacreBLEU (Post 2018). The input is raw text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"

namespace attn {

// Decodes UTF-8. Invalid bytes become U+FFFD.
std::u32string to_code_points(std::string_view utf8);

// Converts to lower case by Unicode's full mapping, independent of the locale: İ becomes two code
// points, and Σ at the end of a word becomes ς.
std::string lowercase(std::string_view utf8);

// Splits a text at white space as Python's str.split does: also at the separators U+001C to U+001F
// and at no-break spaces.
std::vector<std::u32string> split_white_space(std::u32string_view text);

// Inserts white space between the tokens of a line, in linear time. The line must not end with
// white space or contain "\n".
using BleuTokenizer = std::u32string (*)(const std::u32string& line);

// Returns the table of all tokenizers of BLEU.
const Registry<BleuTokenizer>& bleu_tokenizers();

// Returns the tokenizers of sacreBLEU that are not supported; the texts say why, and what to use
// instead.
const std::vector<Choice>& missing_tokenizers();

// Returns the tokens of a line.
std::vector<std::u32string> tokenize(std::string_view line, BleuTokenizer tokenizer);

// Options of TER's tokenization. The defaults are those of sacreBLEU: split at white space, ignore
// case.
struct TercomOptions {
  bool case_sensitive = false;
  bool normalized = false;      // split off punctuation, similar to 13a
  bool no_punctuation = false;  // then remove . , ? : ; ! " ( )
  bool asian = false;           // apply both also to Chinese, Japanese and full-width characters
};

// Splits a line into words as tercom does (Snover et al. 2006).
std::vector<std::u32string> tokenize_tercom(std::string_view line, const TercomOptions& options);

}  // namespace attn

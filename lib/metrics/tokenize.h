// Words for scoring: raw text in, tokens out, the same as sacreBLEU's (Post 2018), so that the
// scores are the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"

namespace attn {

// Code points of UTF-8; a byte that belongs to none becomes U+FFFD.
std::u32string to_code_points(std::string_view utf8);

// Unicode's full lower-casing, of no locale: İ becomes two characters, a Σ at the end of a word
// becomes ς.
std::string lowercase(std::string_view utf8);

// The words between white space. White space is what Python takes for it: also the separators
// U+001C to U+001F and the no-break spaces.
std::vector<std::u32string> split_white_space(std::u32string_view text);

// Puts white space between the tokens of a line, in linear time. The line ends in no white space
// and has no "\n".
using BleuTokenizer = std::u32string (*)(const std::u32string& line);

const Registry<BleuTokenizer>& bleu_tokenizers();

// Tokenizers of sacreBLEU's that are not here, each with what to do instead.
const std::vector<Choice>& missing_tokenizers();

std::vector<std::u32string> tokenize(std::string_view line, BleuTokenizer tokenizer);

// How TER cuts words; the defaults are sacreBLEU's: at white space, without regard to case.
struct TercomOptions {
  bool case_sensitive = false;
  bool normalized = false;      // splits off punctuation, much as 13a
  bool no_punctuation = false;  // takes . , ? : ; ! " ( ) away, after that
  bool asian = false;           // the same two for Chinese, Japanese and full-width characters
};

// Words as tercom's (Snover et al. 2006).
std::vector<std::u32string> tokenize_tercom(std::string_view line, const TercomOptions& options);

}  // namespace attn

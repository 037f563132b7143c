#include "metrics/tokenize.h"

#include <algorithm>
#include <array>

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/error.h"

namespace attn {
namespace {

// ICU's u_isspace agrees with Python's str.isspace; its other tests for white space do not.
bool is_white_space(char32_t c) {
  return u_isspace(static_cast<UChar32>(c)) != 0;
}

bool has_category(char32_t c, std::uint32_t mask) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0;
}
bool is_punctuation(char32_t c) {
  return has_category(c, U_GC_P_MASK);
}
bool is_symbol(char32_t c) {
  return has_category(c, U_GC_S_MASK);
}
bool is_not_number(char32_t c) {
  return !has_category(c, U_GC_N_MASK);
}

bool is_ascii_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_not_ascii_digit(char32_t c) {
  return !is_ascii_digit(c);
}
bool is_period_or_comma(char32_t c) {
  return c == U'.' || c == U',';
}
bool is_hyphen(char32_t c) {
  return c == U'-';
}

// Returns whether c is a printable ASCII character that is always a token of its own: not a letter,
// a digit, an apostrophe, a hyphen, a period or a comma.
bool is_separate_ascii(char32_t c) {
  const bool letter = (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
  const bool depends_on_context = c == U'\'' || c == U'-' || is_period_or_comma(c);
  return c >= U' ' && c <= U'~' && !letter && !is_ascii_digit(c) && !depends_on_context;
}

struct Range {
  char32_t first, last;  // both included
};

template <std::size_t n>
bool is_in(const std::array<Range, n>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// The characters that sacreBLEU's `zh` treats as Chinese, including symbols and full-width forms.
// Its list contains U+2001 to U+2A6D by mistake: it was meant to contain the ideographs of
// extension B, but Python reads "\u20000" as U+2000 followed by "0". Dashes, curly quotes and
// currency symbols are therefore tokens of their own, and ideographs of extension B are not.
bool is_chinese(char32_t c) {
  static constexpr std::array<Range, 17> kRanges = {{
      {0x2001, 0x2A6D},
      {0x2E80, 0x2EFF},  // radicals, supplement
      {0x2F00, 0x2FDF},  // Kangxi radicals
      {0x2FF0, 0x2FFF},  // ideographic description characters
      {0x3000, 0x303F},  // punctuation
      {0x3100, 0x312F},  // Bopomofo
      {0x31A0, 0x31BF},  // Bopomofo, extended
      {0x31C0, 0x31EF},  // strokes
      {0x3200, 0x33FF},  // enclosed letters, squared words
      {0x3400, 0x4DB5},  // ideographs, extension A
      {0x4E00, 0x9FBB},  // ideographs
      {0xF900, 0xFA2D},  // compatibility ideographs, in three ranges
      {0xFA30, 0xFA6A},
      {0xFA70, 0xFAD9},
      {0xFE10, 0xFE1F},  // vertical forms
      {0xFE30, 0xFE4F},  // compatibility forms
      {0xFF00, 0xFFEF},  // half-width and full-width forms
  }};
  return is_in(kRanges, c);
}

// The Chinese and Japanese punctuation of tercom, including some full-width forms.
bool is_asian_punctuation(char32_t c) {
  static constexpr std::array<Range, 11> kRanges = {{{0x3001, 0x3002},
                                                     {0x3008, 0x3011},
                                                     {0x3014, 0x301F},
                                                     {0x30FB, 0x30FB},
                                                     {0xFF61, 0xFF65},
                                                     {0xFF01, 0xFF02},
                                                     {0xFF08, 0xFF09},
                                                     {0xFF0C, 0xFF0C},
                                                     {0xFF0E, 0xFF0E},
                                                     {0xFF1A, 0xFF1B},
                                                     {0xFF1F, 0xFF1F}}};
  return is_in(kRanges, c);
}

// The Chinese and Japanese characters that tercom treats as words of their own. Kana are not among
// them.
bool is_asian_word(char32_t c) {
  static constexpr std::array<Range, 6> kRanges = {{
      {0x2E80, 0x2EFF},  // radicals, supplement
      {0x31C0, 0x31EF},  // strokes
      {0x3200, 0x4DBF},  // enclosed letters, squared words, ideographs of extension A
      {0x4E00, 0x9FFF},  // ideographs
      {0xF900, 0xFAFF},  // compatibility ideographs
      {0xFE30, 0xFE4F},  // compatibility forms
  }};
  return is_in(kRanges, c) || is_asian_punctuation(c);
}

bool is_western_punctuation(char32_t c) {
  return std::u32string_view(U".,?:;!\"()").find(c) != std::u32string_view::npos;
}

template <class Test>
std::u32string space_around(const std::u32string& text, Test test) {
  std::u32string out;
  for (const char32_t c : text) {
    if (test(c))
      out.append({U' ', c, U' '});
    else
      out += c;
  }
  return out;
}

// Replaces two neighbors "xy" for which first(x) and second(y) hold by before + "x y" + after. As
// in a substitution by a regular expression, matches are found from the left and do not overlap.
template <class First, class Second>
std::u32string split_pairs(const std::u32string& text, First first, Second second,
                           std::u32string_view before, std::u32string_view after) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 == text.size() || !first(text[i]) || !second(text[i + 1])) {
      out += text[i];
      continue;
    }
    out.append(before).append({text[i], U' ', text[i + 1]}).append(after);
    ++i;
  }
  return out;
}

std::u32string replace_all(const std::u32string& text, std::u32string_view from,
                           std::u32string_view to) {
  std::u32string out;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(from, begin)) != text.npos; begin = at + from.size())
    out.append(text, begin, at - begin).append(to);
  return out.append(text, begin);
}

// Splits off periods and commas except between digits, and hyphens only after a digit.
std::u32string split_around_digits(std::u32string text) {
  text = split_pairs(text, is_not_ascii_digit, is_period_or_comma, U"", U" ");
  text = split_pairs(text, is_period_or_comma, is_not_ascii_digit, U" ", U"");
  return split_pairs(text, is_ascii_digit, is_hyphen, U"", U" ");
}

// The rules of NIST's mteval-v13a for Western languages.
std::u32string split_western(const std::u32string& text) {
  return split_around_digits(space_around(text, is_separate_ascii));
}

// Decodes XML entities.
std::u32string without_entities(std::u32string text) {
  text = replace_all(text, U"&quot;", U"\"");
  text = replace_all(text, U"&amp;", U"&");  // then "&amp;lt;" becomes "<", as in mteval
  text = replace_all(text, U"&lt;", U"<");
  return replace_all(text, U"&gt;", U">");
}

// Returns the text with a space on either side. (g++ 12 emits a false warning for U" " + text.)
std::u32string in_spaces(const std::u32string& text) {
  std::u32string out = U" ";
  out += text;
  out += U' ';
  return out;
}

std::u32string tokenize_13a(const std::u32string& line) {
  return split_western(in_spaces(without_entities(replace_all(line, U"<skipped>", U""))));
}

// The international tokenization of mteval-v14. A punctuation mark at either end of the line is not
// split off from a number, since it has no neighbor there: "in 2015." keeps its period.
std::u32string tokenize_intl(const std::u32string& line) {
  std::u32string text = split_pairs(line, is_not_number, is_punctuation, U"", U" ");
  text = split_pairs(text, is_punctuation, is_not_number, U" ", U"");
  return space_around(text, is_symbol);
}

std::u32string tokenize_zh(const std::u32string& line) {
  std::size_t begin = 0;
  while (begin < line.size() && is_white_space(line[begin])) ++begin;
  return split_western(space_around(line.substr(begin), is_chinese));
}

std::u32string tokenize_char(const std::u32string& line) {
  return space_around(line, [](char32_t) { return true; });
}

std::u32string tokenize_none(const std::u32string& line) {
  return line;
}

const char* const kNeedsFlores =
    "is not supported: it needs a SentencePiece model of FLORES; use \"none\" with files that are "
    "tokenized by it";

}  // namespace

const Registry<BleuTokenizer>& bleu_tokenizers() {
  static const Registry<BleuTokenizer> table = {
      {"13a", "mteval-v13a of NIST: splits off ASCII punctuation; for Western languages",
       tokenize_13a},
      {"intl", "international rules of mteval-v14: splits off all Unicode punctuation and symbols",
       tokenize_intl},
      {"zh", "splits off each Chinese character; the rest as 13a", tokenize_zh},
      {"char", "splits into characters", tokenize_char},
      {"none", "splits at white space only; for text that is already tokenized", tokenize_none},
  };
  return table;
}

const std::vector<Choice>& missing_tokenizers() {
  static const std::vector<Choice> table = {
      {"ja-mecab",
       "is not supported: it needs a Japanese dictionary of MeCab; use \"char\", or \"none\" with "
       "files that are tokenized by MeCab"},
      {"ko-mecab",
       "is not supported: it needs a Korean dictionary of MeCab; use \"char\", or \"none\" with "
       "files that are tokenized by MeCab"},
      {"flores101", kNeedsFlores},
      {"flores200", kNeedsFlores},
      {"spm", kNeedsFlores},
  };
  return table;
}

std::u32string to_code_points(std::string_view utf8) {
  const auto text =
      icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
  std::u32string out;
  out.reserve(utf8.size());
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    out += static_cast<char32_t>(text.char32At(i));
  return out;
}

std::string lowercase(std::string_view utf8) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode status = U_ZERO_ERROR;
  const icu::StringPiece text(utf8.data(), static_cast<std::int32_t>(utf8.size()));
  icu::CaseMap::utf8ToLower("", 0, text, sink, nullptr, status);
  if (U_FAILURE(status))
    throw Bug(std::string("cannot convert to lower case: ") + u_errorName(status));
  return out;
}

std::vector<std::u32string> split_white_space(std::u32string_view text) {
  std::vector<std::u32string> words;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = begin;
    while (end < text.size() && !is_white_space(text[end])) ++end;
    if (end > begin) words.emplace_back(text.substr(begin, end - begin));
  }
  return words;
}

std::vector<std::u32string> tokenize(std::string_view line, BleuTokenizer tokenizer) {
  std::u32string text = to_code_points(line);
  while (!text.empty() && is_white_space(text.back())) text.pop_back();
  return split_white_space(tokenizer(text));
}

std::vector<std::u32string> tokenize_tercom(std::string_view line, const TercomOptions& options) {
  std::u32string text =
      to_code_points(options.case_sensitive ? std::string(line) : lowercase(line));
  if (options.normalized) {
    text = space_around(in_spaces(without_entities(text)), is_separate_ascii);
    text = split_around_digits(replace_all(text, U"'s ", U" 's "));
    if (options.asian) text = space_around(text, is_asian_word);
  }
  if (options.no_punctuation) {
    std::erase_if(text, is_western_punctuation);
    if (options.asian) std::erase_if(text, is_asian_punctuation);
  }
  return split_white_space(text);
}

}  // namespace attn

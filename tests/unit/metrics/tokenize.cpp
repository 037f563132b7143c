#include "metrics/tokenize.h"

#include <doctest/doctest.h>
#include <unicode/unistr.h>

namespace {

std::string to_utf8(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(out);
  return out;
}

// Returns the tokens separated by spaces.
std::string tokens(const std::string& tokenizer, const std::string& line) {
  std::string out;
  for (const auto& token : attn::tokenize(line, attn::bleu_tokenizers().at(tokenizer)))
    out += to_utf8(token) + " ";
  return out.substr(0, out.size() - (out.empty() ? 0 : 1));
}

}  // namespace

// Expected values: the substitutions of mteval-v13a.pl, run by Python's `re`.
TEST_CASE("the tokenizer 13a splits as mteval-v13a does") {
  CHECK(tokens("13a", "He said \"it's 3,5-fold (1.000,25).\"") ==
        "He said \" it's 3,5 - fold ( 1.000,25 ) . \"");
  CHECK(tokens("13a", "wait... 5. x,y 1-2-3 -4 a-b") == "wait . . . 5 . x , y 1 - 2 - 3 -4 a-b");
  CHECK(tokens("13a", "&amp;lt; a<skipped>b &quot;") == "< ab \"");
  CHECK(tokens("13a", "l\u2019\u00e9t\u00e9\u2026 \u00ab oui \u00bb.") ==
        "l\u2019\u00e9t\u00e9\u2026 \u00ab oui \u00bb .");
  CHECK(tokens("13a", "") == "");
}

// By hand, from the three substitutions of mteval-v14: split punctuation that does not follow a
// number, punctuation that does not precede one, and every symbol.
TEST_CASE("the tokenizer intl splits off all Unicode punctuation and symbols") {
  CHECK(tokens("intl", "l\u2019\u00e9t\u00e9\u2026 \u00abx\u00bb") ==
        "l \u2019 \u00e9t\u00e9 \u2026 \u00ab x \u00bb");
  CHECK(tokens("intl", "1,5\u20ac + \u00bd.5") == "1,5 \u20ac + \u00bd.5");
  CHECK(tokens("intl", "in 2015.") == "in 2015.");
  CHECK(tokens("intl", "in 2015.  ") == "in 2015.");
  CHECK(tokens("intl", "\"a") == "\" a");
  CHECK(tokens("intl", "&quot;") == "& quot ;");
}

// By hand: unlike 13a, zh does not add a space before the first character of the line.
TEST_CASE("the tokenizer zh splits off Chinese characters and treats the rest as 13a does") {
  CHECK(tokens("zh", "\u6211\u7231NLP\uff0c3.5\u5206!") == "\u6211 \u7231 NLP \uff0c 3.5 \u5206 !");
  CHECK(tokens("zh", " .5 a.5") == ".5 a . 5");
  CHECK(tokens("13a", " .5 a.5") == ". 5 a . 5");
  CHECK(tokens("zh", "\u732b\u306f\u673a") == "\u732b \u306f \u673a");
}

// Expected values: the ranges that Python reads from sacreBLEU's list.
TEST_CASE("the tokenizer zh splits off dashes, quotes and currency symbols, but not extension B") {
  CHECK(tokens("zh", "1\u20132 l\u2019h 20\u20ac") == "1 \u2013 2 l \u2019 h 20 \u20ac");
  CHECK(tokens("zh", "\U00020000\U00020001") == "\U00020000\U00020001");
}

TEST_CASE("the tokenizer char splits into characters, and none at white space only") {
  CHECK(tokens("char", "a\u00e9 \U0001F600b") == "a \u00e9 \U0001F600 b");
  CHECK(tokens("none", " a.b  c\u00a0d\u3000e ") == "a.b c d e");
}

// U+200B and U+FEFF are not white space.
TEST_CASE("split_white_space splits where Python's str.split() does") {
  for (const char32_t space :
       U"\t\n\v\f\r\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000") {
    if (space == 0) continue;
    CAPTURE(static_cast<std::uint32_t>(space));
    CHECK(attn::split_white_space(std::u32string{U'a', space, U'b'}).size() == 2);
  }
  for (const char32_t other : {U'\0', U'\x1b', U'\u180e', U'\u200b', U'\u2060', U'\ufeff'}) {
    CAPTURE(static_cast<std::uint32_t>(other));
    CHECK(attn::split_white_space(std::u32string{U'a', other, U'b'}).size() == 1);
  }
}

// Expected values: Python's str.lower().
TEST_CASE("lowercase applies the full mapping of Unicode") {
  CHECK(attn::lowercase("\u00c4\u1e9e \u01c5 \u0410") == "\u00e4\u00df \u01c6 \u0430");
  CHECK(attn::lowercase("\u0130") == "i\u0307");
  CHECK(attn::lowercase("\u039f\u03a3 \u03a3\u0391\u03a3. \u03a3") ==
        "\u03bf\u03c2 \u03c3\u03b1\u03c2. \u03c3");
}

TEST_CASE("tokenizers take linear time") {
  std::string line;
  for (int i = 0; i < 100'000; ++i) line += "x,";
  for (const auto& row : attn::bleu_tokenizers()) {
    CAPTURE(row.name);
    CHECK(attn::tokenize(line, row.value).size() == (row.name == "none" ? 1 : 200'000));
  }
}

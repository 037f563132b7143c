#include "text/sentence_splitter.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/udata.h>
#include <unicode/ures.h>
#include <unicode/utext.h>

#include "base/error.h"

namespace attn {
namespace {

// Languages for which ICU has a list of abbreviations.
constexpr std::array<std::string_view, 7> kListedLanguages = {"de", "en", "es", "fr",
                                                              "it", "pt", "ru"};

// Abbreviations that count in all languages, in addition to ICU's lists.
constexpr std::array kAbbreviations = {
    "Dr.",   "Drs.",  "Mr.",  "Mrs.",    "Ms.",   "Messrs.", "Prof.", "St.",   "Jr.",  "Sr.",
    "Gen.",  "Sen.",  "Gov.", "Pres.",   "Hon.",  "Rev.",    "Fr.",   "Capt.", "Sgt.", "Lt.",
    "Col.",  "Maj.",  "Cpl.", "Fig.",    "Figs.", "fig.",    "Eq.",   "eq.",   "Vol.", "vol.",
    "Ch.",   "ch.",   "Inc.", "Co.",     "Corp.", "Ltd.",    "Bros.", "e.g.",  "i.e.", "cf.",
    "viz.",  "vs.",   "v.",   "approx.", "ca.",   "al.",     "ed.",   "eds.",  "pp.",  "Ave.",
    "Blvd.", "Dept.", "M.",   "Mme.",    "Mlle."};

// Members of ICU's lists that are words of their languages and often end a sentence.
constexpr std::array<std::string_view, 31> kOrdinaryWords = {
    "I.",   "All.",   "As.",   "By.",   "Cap.",  "Do.",   "Go.",  "Hat.", "In.", "Is.", "Job.",
    "Joe.", "Link.",  "Long.", "Mart.", "OK.",   "Ok.",   "On.",  "Or.",  "To.", "Up.", "mer.",
    "jeu.", "quart.", "Bien.", "Sol.",  "Test.", "Port.", "PIN.", "am.",  "may."};

// Abbreviations before a number.
constexpr std::array<std::string_view, 8> kNumbered = {"No.", "Nos.", "no.",  "nos.",
                                                       "Nr.", "nr.",  "Art.", "art."};

constexpr std::size_t kMaxWordBytes = 32;  // upper bound of the length of abbreviations

using Abbreviations = std::set<std::string, std::less<>>;

void check_icu(UErrorCode status) {
  if (U_FAILURE(status) != 0) throw Bug(std::string("ICU: ") + u_errorName(status));
}

// Adds ICU's list of abbreviations for a language, if it has one. ICU's own filter is not used,
// because it compares ends of words: "r." in the German list would match "Lehrer.".
void add_listed_abbreviations(const char* language, Abbreviations& out) {
  UErrorCode status = U_ZERO_ERROR;
  const auto close = [](UResourceBundle* bundle) { ures_close(bundle); };
  using Bundle = std::unique_ptr<UResourceBundle, decltype(close)>;
  const Bundle all(ures_openDirect(U_ICUDATA_NAME "-brkitr", language, &status), close);
  const Bundle exceptions(ures_getByKey(all.get(), "exceptions", nullptr, &status), close);
  const Bundle list(ures_getByKey(exceptions.get(), "SentenceBreak", nullptr, &status), close);
  if (U_FAILURE(status) != 0) return;
  for (std::int32_t i = 0; i < ures_getSize(list.get()); ++i) {
    std::int32_t size = 0;
    const UChar* text = ures_getStringByIndex(list.get(), i, &size, &status);
    check_icu(status);
    std::string word;
    icu::UnicodeString(text, size).toUTF8String(word);
    if (std::ranges::find(kOrdinaryWords, word) == kOrdinaryWords.end()) out.insert(word);
  }
}

// Returns whether the line has a sentence end only at its end, if it has one. May be wrong in that
// it returns false.
bool is_surely_one_sentence(std::string_view line) {
  const auto is_candidate = [](char c) {
    return c == '.' || c == '!' || c == '?' || c == '\n' || c == '\r' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const auto first = std::ranges::find_if(line, is_candidate);
  return std::all_of(first, line.end(), [](char c) {
    return c == '.' || c == '!' || c == '?' || c == ' ' || c == '"' || c == ')';
  });
}

bool is_upper_word(std::string_view line, std::size_t at) {
  while (at < line.size() && is_opening(character_after(line, at))) read_forward(line, at);
  return is_upper_case(character_after(line, at));
}

// Returns the end of the white space that begins at `at`.
std::size_t after_spaces(std::string_view line, std::size_t at) {
  while (at < line.size() && is_white_space(character_after(line, at))) read_forward(line, at);
  return at;
}

std::size_t word_end(std::string_view line, std::size_t at) {
  while (at < line.size() && !is_white_space(character_after(line, at))) read_forward(line, at);
  return at;
}

std::string_view word_after(std::string_view line, std::size_t at) {
  return line.substr(at, word_end(line, at) - at);
}

bool is_only_opening(char32_t c) {
  return is_opening(c) && !is_closing(c);
}

// Returns the word that ends at `at`, without opening brackets and quotation marks; only the end of
// a word that is longer than any abbreviation.
std::string_view word_before(std::string_view line, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMaxWordBytes && !is_white_space(character_before(line, begin)))
    read_backward(line, begin);
  while (begin < at && is_opening(character_after(line, begin))) read_forward(line, begin);
  return line.substr(begin, at - begin);
}

// Returns whether the word consists of letters, none of them lower case, each followed by a period:
// J. or U.S. or J.-P.
bool is_initials(std::string_view word) {
  std::size_t at = 0;
  while (at < word.size()) {
    if (at > 0 && word[at] == '-') ++at;
    if (at == word.size() || !is_capital_letter(read_forward(word, at))) return false;
    if (at == word.size() || word[at++] != '.') return false;
  }
  return !word.empty();
}

// Returns whether the word consists of one or two digits and a period.
bool is_short_number(std::string_view word) {
  int digits = 0;
  std::size_t at = 0;
  while (is_digit(character_after(word, at))) read_forward(word, at), ++digits;
  return digits >= 1 && digits <= 2 && word.substr(at) == ".";
}

// Returns whether a word that ends with a period is an abbreviation before the text at `next`,
// apart from those of the lists.
bool is_special_abbreviation(std::string_view word, std::string_view line, std::size_t next) {
  if (word == "I.") return is_initials(word_after(line, next));  // the pronoun, or Ivan
  if (is_initials(word) || is_short_number(word)) return true;
  return is_digit(character_after(line, next)) &&
         std::ranges::find(kNumbered, word) != kNumbered.end();
}

// Returns whether a word is a sentence's end by itself: . ! ? and so on, perhaps with closing
// quotation marks.
bool is_end_word(std::string_view word) {
  std::size_t at = 0;
  while (ends_sentences(character_after(word, at))) read_forward(word, at);
  const bool has_end = at > 0;
  while (at < word.size() && is_closing(character_after(word, at))) read_forward(word, at);
  return has_end && at == word.size();
}

// Returns whether a word ends with … and perhaps closing quotation marks.
bool ends_with_ellipsis(std::string_view word) {
  std::size_t at = word.size();
  while (at > 0 && is_closing(character_before(word, at))) read_backward(word, at);
  return character_before(word, at) == U'\u2026';
}

// The quotation marks " and ' that are words by themselves, in a sentence up to some word.
class QuotationMarks {
 public:
  explicit QuotationMarks(std::string_view line) : line_(line) {}

  // Begins a sentence at byte `at`, the begin of a word or the end of the line.
  void restart(std::size_t at) { at_ = at, is_open_ = {}; }

  // Returns whether the words of the sentence before byte `at` have an odd number of the mark. `at`
  // must not decrease within a sentence.
  bool is_open(char mark, std::size_t at) {
    for (at_ = after_spaces(line_, at_); at_ < at;) {
      const std::size_t end = word_end(line_, at_);
      if (end == at_ + 1 && line_[at_] == '"') is_open_[0] = !is_open_[0];
      if (end == at_ + 1 && line_[at_] == '\'') is_open_[1] = !is_open_[1];
      at_ = after_spaces(line_, end);
    }
    return is_open_[mark == '"' ? 0 : 1];
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;  // words before it have been counted
  std::array<bool, 2> is_open_ = {};
};

// The sentences of a line, which are found from left to right.
class SentenceScan {
 public:
  SentenceScan(std::string_view line, const Abbreviations& abbreviations)
      : line_(line), abbreviations_(abbreviations), marks_(line) {}

  // Considers an end that Unicode's rules found. The next sentence would begin at byte `at`.
  void end_by_rules(std::size_t at) {
    while (at > begin_ && is_only_opening(character_before(line_, at))) read_backward(line_, at);
    const TextRange before = trimmed(line_, {begin_, at});
    const char32_t last = character_before(line_, before.end), next = character_after(line_, at);
    if (is_line_separator(character_before(line_, at))) return add(at);
    if (before.end == at && is_ascii(last) && is_ascii(next)) return;  // a?b=1
    if (is_closing(last) && is_lower_case(next)) return;               // “No!” she said
    if (last == U'.' && is_abbreviation(before.end, at)) return;
    end_by_word(at);
  }

  // Considers an end because of the word before byte `at`, such as a free-standing period.
  void end_by_word(std::size_t at) {
    const std::size_t next = after_closing(at);
    const bool continues = next > at && is_lower_case(character_after(line_, next)) && is_cased();
    if (!continues) add(next);  // « Non ! » dit-elle
  }

  std::vector<TextRange> finish() {
    add(line_.size());
    return std::move(sentences_);
  }

  // Returns the begin of the sentence whose end is unknown.
  std::size_t begin() const { return begin_; }

 private:
  void add(std::size_t at) {
    const TextRange sentence = trimmed(line_, {begin_, at});
    if (sentence.begin < sentence.end) sentences_.push_back(sentence);
    begin_ = at;
    marks_.restart(at);
  }

  // Returns the begin of the first word at or after `at` that is neither a closing bracket or
  // quotation mark nor an end.
  std::size_t after_closing(std::size_t at) {
    while (at < line_.size()) {
      const std::string_view word = word_after(line_, at);
      if (!is_closing_word(word, at) && !is_end_word(word)) break;
      at = after_spaces(line_, at + word.size());
    }
    return at;
  }

  bool is_closing_word(std::string_view word, std::size_t at) {
    if (word == "\"" || word == "'") return marks_.is_open(word[0], at);
    for (std::size_t i = 0; i < word.size();)
      if (!is_closing(read_forward(word, i))) return false;
    return word == "''" || (word[0] != '"' && word[0] != '\'');
  }

  bool is_abbreviation(std::size_t end, std::size_t next) const {
    const std::string_view word = word_before(line_, end);
    return abbreviations_.contains(word) || is_special_abbreviation(word, line_, next);
  }

  // Returns whether the line has an upper-case letter.
  bool is_cased() {
    if (!is_cased_) {
      std::size_t at = 0;
      while (at < line_.size() && !is_upper_case(character_after(line_, at)))
        read_forward(line_, at);
      is_cased_ = at < line_.size();
    }
    return *is_cased_;
  }

  std::string_view line_;
  const Abbreviations& abbreviations_;
  std::size_t begin_ = 0;
  QuotationMarks marks_;
  std::optional<bool> is_cased_;
  std::vector<TextRange> sentences_;
};

// Returns the begins of the words that may begin a sentence because of the word before them.
std::vector<std::size_t> begins_after_words(std::string_view line) {
  std::vector<std::size_t> begins;
  std::ptrdiff_t periods = 0;  // in the words before that are ends
  bool after_end = false, is_begun = false;
  for (std::size_t at = after_spaces(line, 0); at < line.size();) {
    const std::string_view word = word_after(line, at);
    const std::size_t next = after_spaces(line, at + word.size());
    const bool is_end = is_end_word(word);
    if (is_end && after_end && !begins.empty() && begins.back() == at) begins.pop_back();
    periods = is_end ? periods + std::ranges::count(word, '.') : 0;
    is_begun = is_begun || !is_end;
    const bool is_ellipsis = is_end && periods > 1;
    if (is_end ? is_begun && !is_ellipsis : ends_with_ellipsis(word) && is_upper_word(line, next))
      begins.push_back(next);
    after_end = is_end;
    at = next;
  }
  return begins;
}

}  // namespace

class SentenceSplitter::Rules {
 public:
  explicit Rules(const std::string& language) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale locale(language.c_str());
    iterator_.reset(icu::BreakIterator::createSentenceInstance(locale, status));
    check_icu(status);
    const bool is_listed =
        std::ranges::find(kListedLanguages, std::string_view(locale.getLanguage())) !=
        kListedLanguages.end();
    add_listed_abbreviations(is_listed ? locale.getLanguage() : "en", abbreviations_);
    abbreviations_.insert(kAbbreviations.begin(), kAbbreviations.end());
  }

  const Abbreviations& abbreviations() const { return abbreviations_; }

  // Returns the begins of the second and later sentences.
  std::vector<std::size_t> begins(std::string_view line) const {
    UErrorCode status = U_ZERO_ERROR;
    UText text = UTEXT_INITIALIZER;
    utext_openUTF8(&text, line.data(), static_cast<std::int64_t>(line.size()), &status);
    const std::unique_ptr<icu::BreakIterator> iterator(iterator_->clone());  // setText changes it
    iterator->setText(&text, status);
    check_icu(status);
    std::vector<std::size_t> out;
    iterator->first();
    for (auto at = iterator->next(); at != icu::BreakIterator::DONE; at = iterator->next())
      if (static_cast<std::size_t>(at) < line.size()) out.push_back(static_cast<std::size_t>(at));
    utext_close(&text);
    return out;
  }

 private:
  std::unique_ptr<icu::BreakIterator> iterator_;
  Abbreviations abbreviations_;
};

SentenceSplitter::SentenceSplitter(const std::string& language)
    : rules_(std::make_shared<const Rules>(language)) {}

std::vector<TextRange> SentenceSplitter::split(std::string_view line) const {
  SentenceScan scan(line, rules_->abbreviations());
  if (is_surely_one_sentence(line)) return scan.finish();
  const std::vector<std::size_t> by_rules = rules_->begins(line),
                                 by_words = begins_after_words(line);
  auto word = by_words.begin();
  auto rule = by_rules.begin();
  while (word != by_words.end() || rule != by_rules.end()) {
    const bool is_word = rule == by_rules.end() || (word != by_words.end() && *word <= *rule);
    const std::size_t at = is_word ? *word++ : *rule++;
    if (at <= scan.begin()) continue;
    if (is_word)
      scan.end_by_word(at);
    else
      scan.end_by_rules(at);
  }
  return scan.finish();
}

}  // namespace attn

// The files of the sample corpus have the properties that data/README.md states.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace {

using Lines = std::vector<std::string>;
using Words = std::vector<std::string>;
using Links = std::vector<std::pair<int, int>>;  // source word, target word

Lines sample(const std::string& name) {
  std::ifstream file(ATTN_SOURCE_DIR "/data/sample/" + name);
  REQUIRE_MESSAGE(file, "data/sample/" << name << " cannot be read");
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Words split(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<Links> links_of(const Lines& lines) {
  std::vector<Links> all;
  for (const std::string& line : lines) {
    Links& links = all.emplace_back();
    for (const std::string& link : split(line)) {
      const std::size_t dash = link.find('-');
      REQUIRE_MESSAGE(dash != std::string::npos, "not a link: " << link);
      links.emplace_back(std::stoi(link.substr(0, dash)), std::stoi(link.substr(dash + 1)));
    }
  }
  return all;
}

bool crosses(const Links& links) {
  return std::any_of(links.begin(), links.end(), [&](const auto& a) {
    return std::any_of(links.begin(), links.end(),
                       [&](const auto& b) { return a.first < b.first && a.second > b.second; });
  });
}

bool has_one_to_many(const Links& links) {
  std::map<int, int> targets;
  for (const auto& [source, target] : links) ++targets[source];
  return std::any_of(targets.begin(), targets.end(), [](const auto& t) { return t.second > 1; });
}

bool starts_with_any(std::string_view word, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return word.starts_with(beginning); });
}

// Returns whether a preceding article is elided: before vowels and a mute h, but not before an
// aspirated h ("le hibou", "le héros").
bool requires_elision(std::string_view word) {
  static const std::vector<std::string_view> vowels = {"a", "à", "â", "e", "é", "è", "ê", "i",
                                                       "î", "o", "ô", "œ", "u", "y", "h"};
  static const std::vector<std::string_view> aspirated = {"hamster", "haricot", "héros", "hibou"};
  return starts_with_any(word, vowels) && !starts_with_any(word, aspirated);
}

// Returns what is wrong with words[i] and the next word, or "". "à le" and "de le" are correct
// before an infinitive ("il essaie de le lire").
std::string fault(const Words& words, std::size_t i) {
  static const std::set<std::string> elided = {"le",  "la", "je", "me", "ne",   "de",
                                               "que", "ce", "ma", "sa", "beau", "nouveau"};
  static const std::set<std::string> before_vowel = {"cet", "vieil", "bel", "nouvel"};
  const std::string &word = words[i], &next = words[i + 1];
  const bool vowel = requires_elision(next);
  const bool singular = !next.ends_with("s") && !next.ends_with("x");
  if (vowel && (elided.contains(word) || (word == "vieux" && singular))) return "not elided";
  if (!vowel && (word.ends_with("'") || before_vowel.contains(word)))
    return "elided before a consonant";
  const bool preposition = word == "de" || word == "à";
  const bool infinitive = i > 0 && starts_with_any(words[i - 1], {"essa", "commenc"});
  if (preposition && (next == "le" || next == "les") && !infinitive) return "not contracted";
  return "";
}

}  // namespace

TEST_CASE("the sample corpus has 20000, 500 and 500 sentence pairs") {
  CHECK(sample("train.en").size() == 20000);
  CHECK(sample("train.fr").size() == 20000);
  CHECK(sample("dev.en").size() == 500);
  CHECK(sample("dev.fr").size() == 500);
  CHECK(sample("test.en").size() == 500);
  CHECK(sample("test.fr").size() == 500);
  CHECK(sample("test.align").size() == 500);
}

TEST_CASE("no sentence of the sample corpus for dev or test occurs in train, but every word does") {
  for (const std::string side : {".en", ".fr"}) {
    const Lines train = sample("train" + side);
    const std::set<std::string> seen(train.begin(), train.end());
    for (const std::string part : {"dev", "test"}) {
      for (const std::string& line : sample(part + side))
        CHECK_MESSAGE(!seen.contains(line), part << side << ": " << line);
    }
  }
  for (const std::string part : {"dev.en", "test.en"}) {
    const Lines held_out = sample(part);
    CHECK(std::set<std::string>(held_out.begin(), held_out.end()).size() == held_out.size());
  }
  for (const std::string side : {".en", ".fr"}) {
    std::set<std::string> known;
    for (const std::string& line : sample("train" + side)) {
      for (std::string& word : split(line)) known.insert(std::move(word));
    }
    for (const std::string& line : sample("test" + side)) {
      for (const std::string& word : split(line))
        CHECK_MESSAGE(known.contains(word), word << " in: " << line);
    }
  }
}

TEST_CASE("alignment links of the sample corpus are valid, and many cross or are one to many") {
  const Lines english = sample("test.en"), french = sample("test.fr");
  const std::vector<Links> all = links_of(sample("test.align"));
  REQUIRE(all.size() == english.size());
  std::size_t crossing = 0, one_to_many = 0;
  for (std::size_t s = 0; s < all.size(); ++s) {
    const int m = static_cast<int>(split(english[s]).size()),
              n = static_cast<int>(split(french[s]).size());
    std::set<int> linked;
    for (const std::pair<int, int>& link : all[s]) {
      const int i = link.first, j = link.second;
      CHECK_MESSAGE((0 <= i && i < m && 0 <= j && j < n), i << "-" << j << " in: " << english[s]);
      linked.insert(j);
    }
    CHECK_MESSAGE(static_cast<int>(linked.size()) == n,
                  "a French word without an alignment link: " << french[s]);
    crossing += crosses(all[s]);
    one_to_many += has_one_to_many(all[s]);
  }
  CHECK(crossing * 10 >= all.size() * 3);
  CHECK(one_to_many * 10 >= all.size() * 3);
}

TEST_CASE(
    "articles and prepositions in the French of the sample corpus are elided and contracted") {
  std::size_t elisions = 0;
  for (const std::string name : {"train.fr", "dev.fr", "test.fr"}) {
    for (const std::string& line : sample(name)) {
      const Words words = split(line);
      for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string wrong = fault(words, i);
        CHECK_MESSAGE(wrong.empty(),
                      name << ": " << words[i] << " " << words[i + 1] << ": " << wrong);
        elisions += words[i].ends_with("'");
      }
    }
  }
  CHECK(elisions > 5000);  // the rules above applied often
}

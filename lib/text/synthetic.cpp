#include "text/synthetic.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/index_span.h"

namespace attn {
namespace {

// Returns the i-th word, a sequence of syllables.
std::string word(std::size_t i) {
  constexpr std::string_view kConsonants = "bdfghklmnprstvz", kVowels = "aeiou";
  constexpr std::size_t kSyllables = kConsonants.size() * kVowels.size();
  std::string out;
  do {
    const std::size_t syllable = i % kSyllables;
    out += kConsonants[syllable / kVowels.size()];
    out += kVowels[syllable % kVowels.size()];
    i /= kSyllables;
  } while (i > 0);
  return out;
}

// Samples from all pieces except <unk> and </s> with probabilities by Zipf's law.
class Zipf {
 public:
  explicit Zipf(const Tokenizer& tokenizer) {
    for (int id = 0; id < tokenizer.size(); ++id) {
      if (id == tokenizer.unk() || id == tokenizer.eos()) continue;
      ids_.push_back(id);
      sums_.push_back((sums_.empty() ? 0 : sums_.back()) + 1 / static_cast<double>(ids_.size()));
    }
    ATTN_CHECK(!ids_.empty());
  }

  int operator()(RandomKey key) const {
    const double u = key.uniform() * sums_.back();
    const auto at = std::upper_bound(sums_.begin(), sums_.end() - 1, u) - sums_.begin();
    return IndexSpan(ids_)[at];
  }

 private:
  std::vector<int> ids_;
  std::vector<double> sums_;
};

std::size_t length(double log_length) {
  return static_cast<std::size_t>(std::clamp(std::floor(std::exp(log_length) + 0.5), 1.0, 50.0));
}

std::vector<int> sentence(const Zipf& zipf, std::size_t length, RandomKey key) {
  std::vector<int> ids;
  for (std::size_t t = 0; t < length; ++t) ids.push_back(zipf(key.at(t)));
  return ids;
}

}  // namespace

Tokenizer synthetic_tokenizer(int size) {
  ATTN_CHECK(size >= 3);
  std::vector<std::string> words;
  while (std::ssize(words) < size - 2) words.push_back(word(words.size()));
  return Tokenizer::from_words(words);
}

Corpus synthetic_corpus(std::size_t pairs, const Tokenizer& source, const Tokenizer& target,
                        RandomKey key) {
  const Zipf source_words(source), target_words(target);
  std::vector<std::vector<int>> sources, targets;
  for (std::size_t i = 0; i < pairs; ++i) {
    const double x = key.at("x").at(i).normal(), y = key.at("y").at(i).normal();
    sources.push_back(sentence(source_words, length(2.60 + 0.31 * x), key.at("source").at(i)));
    targets.push_back(sentence(target_words, length(2.62 + 0.35 * (0.84 * x + 0.54 * y)),
                               key.at("target").at(i)));
  }
  return corpus_of_ids(sources, source.eos(), targets, target.eos());
}

}  // namespace attn

// Markov chains as models, whose search results can be computed in other ways.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "search/scorer.h"

namespace attn::test {

inline constexpr Real kImpossible = -std::numeric_limits<Real>::infinity();

// log p(word | previous word): one column per previous word; the last column is for the first word
// of a sentence.
using Chain = Mat;

inline Chain chain_of(const Mat& probabilities) {
  return probabilities.array().log();
}

// Returns random probabilities. A small `grain` makes ties likely.
inline Chain random_chain(Index words, unsigned seed, int grain = 1000) {
  std::mt19937 random(seed);
  Mat weights(words, words + 1);
  for (Real& w : weights.reshaped())
    w = static_cast<Real>(1 + random() % static_cast<unsigned>(grain));
  return chain_of(weights.array().rowwise() / weights.colwise().sum().array());
}

inline double log_prob(const Chain& chain, int previous, int word) {
  return static_cast<double>(chain(word, previous < 0 ? chain.cols() - 1 : previous));
}

// Returns a number that encodes the last words of a hypothesis in base 16. Its attention weights
// are based on this number.
inline Real history(std::span<const int> words) {
  Real code = 0;
  for (const int word : words)
    code = std::fmod(code, Real(4096)) * 16 + static_cast<Real>(word + 1);
  return code;
}

// A Scorer made of Markov chains; the first word of a source selects the chain. It checks how it is
// called and counts its steps and columns.
class Markov : public Scorer {
 public:
  explicit Markov(std::vector<Chain> chains, int end = 2, Index maps = 2)
      : chains_(std::move(chains)), end_(end), maps_(maps) {}

  Index vocabulary() const override { return chains_.front().rows(); }
  int end_of_sentence() const override { return end_; }

  void start(std::span<const Ids> sources) override {
    columns_.clear();
    for (const Ids& source : sources) columns_.push_back({source, {}});
    started_ = false;
  }

  void step(std::span<const int> words, Out log_probs) override {
    REQUIRE(words.size() == columns_.size());
    REQUIRE(log_probs.cols() == static_cast<Index>(columns_.size()));
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      REQUIRE((words[j] == -1) == !started_);
      if (started_) columns_[j].words.push_back(words[j]);
      const Chain& chain = chains_[static_cast<std::size_t>(columns_[j].source[0])];
      log_probs.map().col(static_cast<Index>(j)) =
          chain.col(started_ ? words[j] : chain.cols() - 1);
    }
    started_ = true;
    steps += 1;
    columns += columns_.size();
  }

  void gather(std::span<const int> parents) override {
    std::vector<Column> next;
    for (const int parent : parents) next.push_back(columns_.at(static_cast<std::size_t>(parent)));
    columns_ = next;
  }

  ConstMatrixView attention(Index column) const override {
    const Column& c = columns_.at(static_cast<std::size_t>(column));
    weights_.resize(static_cast<Index>(c.source.size()), maps_);
    for (Index i = 0; i < weights_.rows(); ++i)
      for (Index m = 0; m < maps_; ++m) weights_(i, m) = weight(c.words, i, m);
    return {weights_.data(), weights_.rows(), weights_.cols(), weights_.rows()};
  }

  static Real weight(std::span<const int> words, Index position, Index map) {
    return history(words) + static_cast<Real>(position) / 16 + static_cast<Real>(map) / 4;
  }

  int steps = 0;
  std::size_t columns = 0;  // sum over all steps

 private:
  struct Column {
    Ids source, words;
  };
  std::vector<Chain> chains_;
  int end_;
  Index maps_;
  bool started_ = false;
  std::vector<Column> columns_;
  mutable Mat weights_;
};

inline std::string text(std::span<const int> words) {
  std::string all;
  for (const int word : words) {
    if (!all.empty()) all += ' ';
    all += std::to_string(word);
  }
  return all;
}

// Words that are equally probable after every word.
inline const Mat kEven = Mat::Constant(3, 4, Real(1) / 3);

}  // namespace attn::test

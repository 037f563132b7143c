#include "search/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace attn {
namespace {

// Words that can be drawn, and their weights (p/p_max)^(1/T).
struct WordChoice {
  std::vector<int> words;
  std::vector<double> weights;
};

std::vector<int> possible_words(std::span<const Real> log_probs) {
  std::vector<int> words;
  for (std::size_t i = 0; i < log_probs.size(); ++i)
    if (std::isfinite(log_probs[i])) words.push_back(static_cast<int>(i));
  return words;
}

void keep_likeliest(std::span<const Real> log_probs, int top_k, std::vector<int>& words) {
  const auto at = [&](int word) { return log_probs[static_cast<std::size_t>(word)]; };
  std::ranges::sort(words, [&](int a, int b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
  if (top_k > 0 && static_cast<std::size_t>(top_k) < words.size())
    words.resize(static_cast<std::size_t>(top_k));
}

// Of words sorted by weight.
void keep_part(double top_p, WordChoice& choice) {
  const double wanted = top_p * std::accumulate(choice.weights.begin(), choice.weights.end(), 0.0);
  double sum = 0;
  std::size_t count = 0;
  while (count < choice.weights.size() && (count == 0 || sum < wanted))
    sum += choice.weights[count++];
  choice.words.resize(count), choice.weights.resize(count);
}

WordChoice choice_of(std::span<const Real> log_probs, const SampleOptions& options) {
  WordChoice choice;
  choice.words = possible_words(log_probs);
  if (options.top_k > 0 || options.top_p < 1)
    keep_likeliest(log_probs, options.top_k, choice.words);
  double most = -std::numeric_limits<double>::infinity();
  const auto log_prob = [&](int word) {
    return static_cast<double>(log_probs[static_cast<std::size_t>(word)]);
  };
  for (const int word : choice.words) most = std::max(most, log_prob(word));
  for (const int word : choice.words)
    choice.weights.push_back(std::exp((log_prob(word) - most) / options.temperature));
  if (options.top_p < 1) keep_part(options.top_p, choice);
  return choice;
}

// One draw of one sentence.
struct Drawn {
  std::size_t sentence;
  std::uint64_t number;
  Hypothesis hypothesis = {};
  std::vector<Real> attention = {};  // of each step, map after map
};

class Sampler {
 public:
  Sampler(Scorer& scorer, std::span<const Ids> sources, std::span<const std::uint64_t> example_ids,
          const SampleOptions& options, std::span<const Ids> prefixes)
      : scorer_(scorer),
        sources_(sources),
        example_ids_(example_ids),
        options_(options),
        prefixes_(prefixes),
        log_probs_(scorer.vocabulary(),
                   static_cast<Index>(sources.size()) * static_cast<Index>(options.draws)) {
    for (std::size_t i = 0; i < sources.size(); ++i)
      for (int k = 0; k < options.draws; ++k) {
        drawn_.push_back({i, static_cast<std::uint64_t>(k)});
        columns_.push_back(static_cast<int>(i));  // at first a sentence has one column
      }
    positions_.resize(sources.size());
    alive_.resize(drawn_.size());
    std::iota(alive_.begin(), alive_.end(), std::size_t{0});
  }

  std::vector<Nbest> run() {
    std::vector<int> words(sources_.size(), -1), parents;
    scorer_.start(sources_);
    while (true) {
      scorer_.step(words, log_probs_.leftCols(static_cast<Index>(words.size())));
      words.clear(), parents.clear();
      advance(words, parents);
      if (alive_.empty()) break;
      scorer_.keep(parents);
      columns_.resize(alive_.size());
      std::iota(columns_.begin(), columns_.end(), 0);
    }
    std::vector<Nbest> out(sources_.size());
    for (Drawn& one : drawn_) out[one.sentence].push_back(finish(one));
    return out;
  }

 private:
  // Draws a word for each that is alive.
  void advance(std::vector<int>& words, std::vector<int>& parents) {
    std::vector<std::size_t> still;
    for (std::size_t j = 0; j < alive_.size(); ++j) {
      Drawn& one = drawn_[alive_[j]];
      if (!extend(one, columns_[j])) continue;
      still.push_back(alive_[j]);
      words.push_back(one.hypothesis.words.back());
      parents.push_back(columns_[j]);
    }
    alive_ = std::move(still);
  }

  // Whether it goes on.
  bool extend(Drawn& one, Index column) {
    Hypothesis& h = one.hypothesis;
    const auto prefix = prefix_of(one.sentence);
    Mat limited = log_probs_.col(column);  // several draws may share it
    limit(options_.constraints, prefix, h.words, scorer_.end_of_sentence(), limited);
    const auto key = options_.key.at(example_ids_[one.sentence]).at(one.number).at(h.words.size());
    const int word = draw_word({limited.data(), static_cast<std::size_t>(limited.rows())}, options_,
                               key.uniform());
    if (word < 0) return false;
    h.word_log_probs.push_back(static_cast<double>(limited(word, 0)));
    const ConstView weights = scorer_.attention(column);
    for (Index map = 0; map < weights.cols(); ++map)
      one.attention.insert(one.attention.end(), weights.col(map).data(),
                           weights.col(map).data() + weights.rows());
    positions_[one.sentence] = weights.rows();
    h.finished = word == scorer_.end_of_sentence();
    if (!h.finished) h.words.push_back(word);
    return !h.finished &&
           static_cast<int>(h.words.size()) <
               max_steps(options_.constraints, sources_[one.sentence].size(), prefix.size());
  }

  Hypothesis finish(Drawn& one) const {
    Hypothesis& h = one.hypothesis;
    const auto steps = static_cast<Index>(h.word_log_probs.size());
    h.log_prob = std::accumulate(h.word_log_probs.begin(), h.word_log_probs.end(), 0.0);
    const Index rows = one.attention.empty() ? 0 : positions_[one.sentence];
    const Index maps = rows > 0 ? static_cast<Index>(one.attention.size()) / (rows * steps) : 0;
    for (Index map = 0; map < maps; ++map)
      h.attention.push_back(ConstView(one.attention.data() + map * rows, rows, steps,
                                      Eigen::OuterStride<>(maps * rows)));
    Mat looked = Mat::Zero(rows, 1);
    for (const Mat& weights : h.attention)
      looked += weights.rowwise().sum() / static_cast<Real>(maps);
    h.score = options_.score.of(h.log_prob, static_cast<int>(steps),
                                {looked.data(), static_cast<std::size_t>(rows)});
    return std::move(h);
  }

  std::span<const int> prefix_of(std::size_t sentence) const {
    if (prefixes_.empty()) return {};
    return prefixes_[sentence];
  }

  Scorer& scorer_;
  std::span<const Ids> sources_;
  std::span<const std::uint64_t> example_ids_;
  const SampleOptions& options_;
  std::span<const Ids> prefixes_;
  Mat log_probs_;  // [vocabulary × most columns]
  std::vector<Drawn> drawn_;
  std::vector<std::size_t> alive_;  // of drawn_
  std::vector<int> columns_;        // of the scorer, of each alive
  std::vector<Index> positions_;    // of each sentence's attention
};

}  // namespace

int draw_word(std::span<const Real> log_probs, const SampleOptions& options, double uniform) {
  const WordChoice choice = choice_of(log_probs, options);
  if (choice.words.empty()) return -1;
  double left = uniform * std::accumulate(choice.weights.begin(), choice.weights.end(), 0.0);
  for (std::size_t i = 0; i < choice.words.size(); ++i) {
    left -= choice.weights[i];
    if (left < 0) return choice.words[i];
  }
  return choice.words.back();  // rounding
}

std::vector<Nbest> sample(Scorer& scorer, std::span<const Ids> sources,
                          std::span<const std::uint64_t> example_ids, const SampleOptions& options,
                          std::span<const Ids> prefixes) {
  ATTN_CHECK(options.temperature > 0 && options.top_p > 0 && options.top_p <= 1);
  ATTN_CHECK(options.top_k >= 0 && options.draws >= 1 && example_ids.size() == sources.size());
  ATTN_CHECK(prefixes.empty() || prefixes.size() == sources.size());
  if (sources.empty()) return {};
  return Sampler(scorer, sources, example_ids, options, prefixes).run();
}

}  // namespace attn

#include "search/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace attn {
namespace {

// The words to sample from, and their weights (p/p_max)^(1/T).
struct Candidates {
  std::vector<int> words;
  std::vector<double> weights;
};

std::vector<int> possible_words(IndexSpan<const Real> log_probs) {
  std::vector<int> words;
  for (int i = 0; i < log_probs.size(); ++i)
    if (std::isfinite(log_probs[i])) words.push_back(i);
  return words;
}

// Sorts the words by decreasing probability and keeps the first top_k, or all if top_k is 0.
void keep_top_k(IndexSpan<const Real> log_probs, int top_k, std::vector<int>& words) {
  std::ranges::sort(words, [&](int a, int b) {
    return log_probs[a] != log_probs[b] ? log_probs[a] > log_probs[b] : a < b;
  });
  if (top_k > 0 && top_k < std::ssize(words)) resize(words, top_k);
}

// Keeps the first words with a fraction of at least top_p of the weight. Requires sorted words.
void keep_top_p(double top_p, Candidates& candidates) {
  auto& [words, weights] = candidates;
  const double needed = top_p * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  std::size_t count = 0;
  while (count < weights.size() && (count == 0 || sum < needed)) sum += weights[count++];
  words.resize(count), weights.resize(count);
}

Candidates find_candidates(IndexSpan<const Real> log_probs, const SampleOptions& options) {
  Candidates candidates;
  candidates.words = possible_words(log_probs);
  if (options.top_k > 0 || options.top_p < 1)
    keep_top_k(log_probs, options.top_k, candidates.words);
  double largest = -std::numeric_limits<double>::infinity();
  const auto log_prob = [&](int word) { return static_cast<double>(log_probs[word]); };
  for (const int word : candidates.words) largest = std::max(largest, log_prob(word));
  for (const int word : candidates.words)
    candidates.weights.push_back(std::exp((log_prob(word) - largest) / options.temperature));
  if (options.top_p < 1) keep_top_p(options.top_p, candidates);
  return candidates;
}

// A sample of one source.
struct Sample {
  std::size_t source;
  std::uint64_t number;  // among the samples of the source
  Hypothesis hypothesis = {};
  std::vector<Real> attention = {};  // weights of all steps; in each step map after map
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
                   static_cast<Index>(sources.size()) * static_cast<Index>(options.samples)) {
    for (std::size_t i = 0; i < sources.size(); ++i)
      for (int k = 0; k < options.samples; ++k) {
        samples_.push_back({i, static_cast<std::uint64_t>(k)});
        columns_.push_back(static_cast<int>(i));  // in the first step, samples share a column
      }
    positions_.resize(sources.size());
    active_.resize(samples_.size());
    std::iota(active_.begin(), active_.end(), std::size_t{0});
  }

  std::vector<Nbest> run() {
    std::vector<int> words(sources_.size(), -1), parents;
    scorer_.start(sources_);
    while (true) {
      scorer_.step(words, Out(log_probs_).columns(0, static_cast<Index>(words.size())));
      words.clear(), parents.clear();
      advance(words, parents);
      if (active_.empty()) break;
      scorer_.gather(parents);
      columns_.resize(active_.size());
      std::iota(columns_.begin(), columns_.end(), 0);
    }
    std::vector<Nbest> out(sources_.size());
    for (Sample& sample : samples_) out[sample.source].push_back(finish(sample));
    return out;
  }

 private:
  // Samples a word for each active sample. Sets the words and parents of the next step.
  void advance(std::vector<int>& words, std::vector<int>& parents) {
    std::vector<std::size_t> still_active;
    for (std::size_t j = 0; j < active_.size(); ++j) {
      Sample& sample = samples_[active_[j]];
      if (!extend(sample, columns_[j])) continue;
      still_active.push_back(active_[j]);
      words.push_back(sample.hypothesis.words.back());
      parents.push_back(columns_[j]);
    }
    active_ = std::move(still_active);
  }

  // Extends a sample by one word and returns whether it remains active.
  bool extend(Sample& sample, Index column) {
    if (options_.is_wanted && !options_.is_wanted(sample.source)) return false;
    Hypothesis& h = sample.hypothesis;
    const auto prefix = prefix_of(sample.source);
    Mat log_probs = log_probs_.col(column);  // a copy, because samples may share the column
    constrain(options_.constraints, prefix, h.words, scorer_.end_of_sentence(), log_probs);
    const auto key =
        options_.key.at(example_ids_[sample.source]).at(sample.number).at(h.words.size());
    const int word = sample_word({log_probs.data(), log_probs.rows()}, options_, key.uniform());
    if (word < 0) return false;
    h.word_log_probs.push_back(static_cast<double>(log_probs(word, 0)));
    const ConstMatrixView weights = scorer_.attention(column);
    for (Index map = 0; map < weights.cols(); ++map)
      sample.attention.insert(sample.attention.end(), weights.col(map),
                              weights.col(map) + weights.rows());
    positions_[sample.source] = weights.rows();
    h.finished = word == scorer_.end_of_sentence();
    if (!h.finished) h.words.push_back(word);
    return !h.finished &&
           static_cast<int>(h.words.size()) <
               max_steps(options_.constraints, sources_[sample.source].size(), prefix.size());
  }

  Hypothesis finish(Sample& sample) const {
    Hypothesis& h = sample.hypothesis;
    const auto steps = static_cast<Index>(h.word_log_probs.size());
    h.log_prob = std::accumulate(h.word_log_probs.begin(), h.word_log_probs.end(), 0.0);
    const Index rows = sample.attention.empty() ? 0 : positions_[sample.source];
    const Index maps = rows > 0 ? static_cast<Index>(sample.attention.size()) / (rows * steps) : 0;
    for (Index map = 0; map < maps; ++map)
      h.attention.push_back(
          ConstMatrixView(sample.attention.data() + map * rows, rows, steps, maps * rows).map());
    Mat attention_mass = Mat::Zero(rows, 1);
    for (const Mat& weights : h.attention)
      attention_mass += weights.rowwise().sum() / static_cast<Real>(maps);
    h.score = options_.scoring.score(h.log_prob, static_cast<int>(steps),
                                     IndexSpan(attention_mass.data(), rows));
    return std::move(h);
  }

  std::span<const int> prefix_of(std::size_t source) const {
    if (prefixes_.empty()) return {};
    return prefixes_[source];
  }

  Scorer& scorer_;
  std::span<const Ids> sources_;
  std::span<const std::uint64_t> example_ids_;
  const SampleOptions& options_;
  std::span<const Ids> prefixes_;
  Mat log_probs_;  // [vocabulary × maximum number of columns]
  std::vector<Sample> samples_;
  std::vector<std::size_t> active_;  // indices in samples_
  std::vector<int> columns_;         // the scorer's column of each active sample
  std::vector<Index> positions_;     // number of rows of each source's attention weights
};

}  // namespace

int sample_word(IndexSpan<const Real> log_probs, const SampleOptions& options, double uniform) {
  const auto [words, weights] = find_candidates(log_probs, options);
  if (words.empty()) return -1;
  double rest = uniform * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < words.size(); ++i) {
    rest -= weights[i];
    if (rest < 0) return words[i];
  }
  return words.back();  // because of rounding
}

std::vector<Nbest> sample(Scorer& scorer, std::span<const Ids> sources,
                          std::span<const std::uint64_t> example_ids, const SampleOptions& options,
                          std::span<const Ids> prefixes) {
  ATTN_CHECK(options.temperature > 0 && options.top_p > 0 && options.top_p <= 1);
  ATTN_CHECK(options.top_k >= 0 && options.samples >= 1 && example_ids.size() == sources.size());
  ATTN_CHECK(prefixes.empty() || prefixes.size() == sources.size());
  if (sources.empty()) return {};
  return Sampler(scorer, sources, example_ids, options, prefixes).run();
}

}  // namespace attn

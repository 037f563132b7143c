#include "search/beam.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/error.h"
#include "math/ops.h"

namespace attn {
namespace {

// An active hypothesis of a source, extended by one word.
struct Candidate {
  double log_prob;  // log-probability of the extended hypothesis
  double word_log_prob;
  int word;
  int parent;  // index of the active hypothesis within the source
};

bool is_better(const Candidate& a, const Candidate& b) {
  if (a.log_prob != b.log_prob) return a.log_prob > b.log_prob;
  return a.word != b.word ? a.word < b.word : a.parent < b.parent;
}

// The k best candidates, best first.
class TopK {
 public:
  explicit TopK(int max_k) { reserve(candidates_, max_k); }

  void clear(int k) {
    candidates_.clear();
    k_ = k;
  }

  // Adds the candidates that extend hypothesis `parent` by each word. `log_prob` is the
  // log-probability of the parent. Blocks of words without a candidate are skipped after a test
  // that the compiler can vectorize.
  void add(const Real* word_log_probs, Index vocabulary, double log_prob, int parent) {
    for (Index begin = 0; begin < vocabulary; begin += kBlock) {
      const Index end = std::min(begin + kBlock, vocabulary);
      if (!any_accepted(word_log_probs + begin, end - begin, log_prob)) continue;
      for (Index i = begin; i < end; ++i) {
        const double word_log_prob = static_cast<double>(word_log_probs[i]);
        insert({log_prob + word_log_prob, word_log_prob, static_cast<int>(i), parent});
      }
    }
  }

  std::span<const Candidate> candidates() const { return candidates_; }

 private:
  static constexpr Index kBlock = 128;

  // Returns the smallest log-probability that is accepted: never -inf.
  double threshold() const {
    return std::ssize(candidates_) < k_ ? std::numeric_limits<double>::lowest()
                                        : candidates_.back().log_prob;
  }

  bool any_accepted(const Real* word_log_probs, Index count, double log_prob) const {
    const double needed = threshold();
    int any = 0;
    for (Index i = 0; i < count; ++i)
      any |= log_prob + static_cast<double>(word_log_probs[i]) >= needed;
    return any != 0;
  }

  void insert(const Candidate& candidate) {
    if (!(candidate.log_prob >= threshold())) return;  // also rejects NaN
    if (std::ssize(candidates_) == k_) {
      if (!is_better(candidate, candidates_.back())) return;
      candidates_.pop_back();
    }
    candidates_.insert(
        std::upper_bound(candidates_.begin(), candidates_.end(), candidate, is_better), candidate);
  }

  std::vector<Candidate> candidates_;
  Index k_ = 0;
};

// A word of one or more hypotheses. Hypotheses are paths in a tree of nodes, from the last word to
// the first; those with the same first words share nodes.
struct Node {
  int parent;  // -1: first word
  int word;
  double log_prob;  // log-probability of the word
  Index attention;  // offset of the attention weights of its step
};

// A hypothesis that can be extended. It has a column of the scorer.
struct ActiveHypothesis {
  int node;  // last word; -1: no word yet
  double log_prob;
};

// A hypothesis that cannot be extended.
struct FinishedHypothesis {
  int node;
  int steps;  // words, and the end of sentence if it is complete
  double log_prob;
  double score;
  bool complete;  // ends with the end of sentence
};

bool ranks_before(const FinishedHypothesis& a, const FinishedHypothesis& b) {
  return a.complete != b.complete ? a.complete : a.score > b.score;
}

// The beam of one source.
struct SourceBeam {
  std::span<const int> prefix;
  int max_steps;
  int slots;
  int active = 1;                                 // number of columns
  Index positions = 0, maps = 0;                  // size of its attention weights
  std::vector<FinishedHypothesis> finished = {};  // best first
};

// The beams of all sources. The active hypotheses of a source are adjacent columns, most probable
// first.
class BeamSearch {
 public:
  BeamSearch(std::span<const Ids> sources, std::span<const Ids> prefixes,
             const SearchOptions& options, const Scorer& scorer);

  bool done() const { return active_.empty(); }
  std::span<const int> words() const { return words_; }      // last word of each column
  std::span<const int> parents() const { return parents_; }  // previous column of each column
  Out log_probs() { return Out(log_probs_).columns(0, static_cast<Index>(active_.size())); }

  // Replaces the active hypotheses with their best extensions. Runs after each step of the scorer.
  void advance(const Scorer& scorer);

  std::vector<Nbest> nbest() const;

 private:
  // `begin` is the first column of the source.
  void save_attention(const Scorer& scorer, SourceBeam& source, int begin);
  void constrain_words(const SourceBeam& source, int begin);
  void find_candidates(const SourceBeam& source, int begin);
  void extend(SourceBeam& source, int begin);
  void finish_all(SourceBeam& source, int begin);
  void finish(SourceBeam& source, const FinishedHypothesis& hypothesis) const;
  bool can_improve(const SourceBeam& source) const;
  double score(const SourceBeam& source, int node, double log_prob, int steps) const;
  std::span<const int> generated_words(int node);
  Hypothesis trace_back(const SourceBeam& source, const FinishedHypothesis& finished) const;

  const SearchOptions options_;
  const int end_of_sentence_;
  int steps_ = 0;  // so far
  std::vector<SourceBeam> sources_;
  std::vector<ActiveHypothesis> active_, next_;  // in this step and in the next one
  std::vector<int> words_, parents_;
  Ids generated_;  // result of generated_words
  Mat log_probs_;  // [vocabulary × maximum number of columns]
  TopK best_;

  std::vector<Node> nodes_;
  std::vector<Real> attention_;  // weights of every column of every step
  // For each column of this step, the begin of its weights in attention_.
  std::vector<Index> attention_begins_;
};

BeamSearch::BeamSearch(std::span<const Ids> sources, std::span<const Ids> prefixes,
                       const SearchOptions& options, const Scorer& scorer)
    : options_(options),
      end_of_sentence_(scorer.end_of_sentence()),
      active_(sources.size(), ActiveHypothesis{-1, 0.0}),
      words_(sources.size(), -1),
      best_(options.beam_size) {
  Index source_words = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ATTN_CHECK(!sources[i].empty());
    const std::span<const int> prefix =
        prefixes.empty() ? std::span<const int>() : std::span<const int>(prefixes[i]);
    sources_.push_back({prefix, max_steps(options.constraints, sources[i].size(), prefix.size()),
                        options.beam_size});
    reserve(sources_.back().finished, options.beam_size);
    source_words += std::ssize(sources[i]);
  }
  const Index columns = options.beam_size * std::ssize(sources);
  reserve(active_, columns);
  reserve(next_, columns);
  reserve(words_, columns);
  reserve(parents_, columns);
  reserve(attention_begins_, columns);
  // Grows if translations are longer than their sources.
  reserve(nodes_, options.beam_size * source_words);
  log_probs_.resize(scorer.vocabulary(), columns);
}

void BeamSearch::advance(const Scorer& scorer) {
  ++steps_;
  next_.clear();
  words_.clear();
  parents_.clear();
  attention_begins_.clear();
  int begin = 0;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    SourceBeam& source = sources_[i];
    const int columns = source.active;
    if (columns == 0) continue;
    save_attention(scorer, source, begin);
    constrain_words(source, begin);
    find_candidates(source, begin);
    if (best_.candidates().empty() || (options_.is_wanted && !options_.is_wanted(i)))
      finish_all(source, begin);
    else
      extend(source, begin);
    begin += columns;
  }
  std::swap(active_, next_);
}

void BeamSearch::save_attention(const Scorer& scorer, SourceBeam& source, int begin) {
  for (int column = begin; column < begin + source.active; ++column) {
    const ConstMatrixView weights = scorer.attention(column);
    if (steps_ == 1) source.positions = weights.rows(), source.maps = weights.cols();
    ATTN_CHECK(weights.rows() == source.positions && weights.cols() == source.maps);
    const Index at = std::ssize(attention_);
    attention_begins_.push_back(at);
    resize(attention_, at + weights.size());
    copy(weights, MatrixView(attention_.data() + at, weights.rows(), weights.cols()));
  }
}

// Returns the words up to `node`, first word first.
std::span<const int> BeamSearch::generated_words(int node) {
  const IndexSpan nodes(nodes_);
  generated_.clear();
  for (int at = node; at >= 0; at = nodes[at].parent) generated_.push_back(nodes[at].word);
  std::ranges::reverse(generated_);
  return generated_;
}

void BeamSearch::constrain_words(const SourceBeam& source, int begin) {
  if (source.prefix.empty() && !options_.constraints.restricts_words()) return;
  for (int column = begin; column < begin + source.active; ++column)
    constrain(options_.constraints, source.prefix, generated_words(IndexSpan(active_)[column].node),
              end_of_sentence_, Out(log_probs_).columns(column, 1));
}

void BeamSearch::find_candidates(const SourceBeam& source, int begin) {
  best_.clear(source.slots);
  for (int i = 0; i < source.active; ++i)
    best_.add(log_probs_.col(begin + i).data(), log_probs_.rows(),
              IndexSpan(active_)[begin + i].log_prob, i);
}

// Replaces the active hypotheses of the source with the best candidates.
void BeamSearch::extend(SourceBeam& source, int begin) {
  const std::size_t first = next_.size();
  for (const Candidate& candidate : best_.candidates()) {
    const int column = begin + candidate.parent;
    const int node = static_cast<int>(nodes_.size());
    nodes_.push_back({IndexSpan(active_)[column].node, candidate.word, candidate.word_log_prob,
                      IndexSpan(attention_begins_)[column]});
    const bool complete = candidate.word == end_of_sentence_;
    if (complete || steps_ == source.max_steps) {
      finish(source, {node, steps_, candidate.log_prob,
                      score(source, node, candidate.log_prob, steps_), complete});
    } else {
      next_.push_back({node, candidate.log_prob});
      words_.push_back(candidate.word);
      parents_.push_back(column);
    }
  }
  source.active = static_cast<int>(next_.size() - first);
  if (source.active == 0 || can_improve(source)) return;
  next_.resize(first);
  words_.resize(first);
  parents_.resize(first);
  source.active = 0;
}

// Finishes all active hypotheses of the source as they are.
void BeamSearch::finish_all(SourceBeam& source, int begin) {
  for (int column = begin; column < begin + source.active; ++column) {
    const ActiveHypothesis& active = IndexSpan(active_)[column];
    finish(source, {active.node, steps_ - 1, active.log_prob,
                    score(source, active.node, active.log_prob, steps_ - 1), false});
  }
  source.active = 0;
}

void BeamSearch::finish(SourceBeam& source, const FinishedHypothesis& hypothesis) const {
  --source.slots;
  auto& all = source.finished;
  all.insert(std::upper_bound(all.begin(), all.end(), hypothesis, ranks_before), hypothesis);
}

// Returns whether an active hypothesis can still enter the n best. A log-probability is negative
// and only decreases with more words. Therefore, divided by the penalty of the maximum length, it
// is an upper bound of the score. The active hypotheses of the source are the last elements of
// next_.
bool BeamSearch::can_improve(const SourceBeam& source) const {
  if (std::ssize(source.finished) < options_.n_best) return true;
  const ActiveHypothesis& most_probable = *(next_.end() - source.active);
  return options_.scoring.normalized(most_probable.log_prob, source.max_steps) >
         IndexSpan(source.finished)[options_.n_best - 1].score;
}

double BeamSearch::score(const SourceBeam& source, int node, double log_prob, int steps) const {
  if (options_.scoring.coverage_penalty == 0) return options_.scoring.normalized(log_prob, steps);
  Mat attention_mass = Mat::Zero(source.positions, 1);
  const IndexSpan nodes(nodes_);
  for (int at = node; at >= 0; at = nodes[at].parent)
    attention_mass +=
        ConstMatrixView(attention_.data() + nodes[at].attention, source.positions, source.maps)
            .map()
            .rowwise()
            .mean();
  return options_.scoring.score(log_prob, steps,
                                IndexSpan(attention_mass.data(), attention_mass.rows()));
}

std::vector<Nbest> BeamSearch::nbest() const {
  std::vector<Nbest> all;
  for (const SourceBeam& source : sources_) {
    const IndexSpan finished(source.finished);
    Nbest& best = all.emplace_back();
    for (const auto& hypothesis : finished.first(std::min<Index>(finished.size(), options_.n_best)))
      best.push_back(trace_back(source, hypothesis));
  }
  return all;
}

Hypothesis BeamSearch::trace_back(const SourceBeam& source,
                                  const FinishedHypothesis& finished) const {
  const Index rows = source.positions;
  Hypothesis h;
  h.log_prob = finished.log_prob;
  h.score = finished.score;
  h.finished = finished.complete;
  resize(h.words, finished.steps);
  resize(h.word_log_probs, finished.steps);
  if (rows > 0) resize(h.attention, source.maps, Mat(rows, finished.steps));
  int at = finished.node;
  for (int t = finished.steps - 1; t >= 0; --t) {
    const Node& node = IndexSpan(nodes_)[at];
    IndexSpan(h.words)[t] = node.word;
    IndexSpan(h.word_log_probs)[t] = node.log_prob;
    const Real* weights = attention_.data() + node.attention;
    for (Mat& map : h.attention) {
      std::copy_n(weights, rows, map.col(t).data());
      weights += rows;
    }
    at = node.parent;
  }
  if (finished.complete) h.words.pop_back();
  return h;
}

}  // namespace

std::vector<Nbest> beam_search(Scorer& scorer, std::span<const Ids> sources,
                               const SearchOptions& options, std::span<const Ids> prefixes) {
  ATTN_CHECK(options.beam_size >= 1 && options.n_best >= 1 && options.n_best <= options.beam_size);
  ATTN_CHECK(options.scoring.length_penalty_alpha >= 0 && options.scoring.coverage_penalty >= 0);
  ATTN_CHECK(options.constraints.max_length_ratio >= 0 &&
             options.constraints.max_length_ratio <= 1000);
  ATTN_CHECK(prefixes.empty() || prefixes.size() == sources.size());
  if (sources.empty()) return {};
  scorer.start(sources);
  BeamSearch search(sources, prefixes, options, scorer);
  while (!search.done()) {
    scorer.step(search.words(), search.log_probs());
    search.advance(scorer);
    if (!search.done()) scorer.gather(search.parents());
  }
  return search.nbest();
}

}  // namespace attn

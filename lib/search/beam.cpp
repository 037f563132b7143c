#include "search/beam.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/error.h"

namespace attn {

namespace {

// A hypothesis of a sentence, longer by one word.
struct Candidate {
  double log_prob;       // of the hypothesis
  double word_log_prob;  // of its last word
  int word;
  int parent;  // which of the sentence's hypotheses it continues
};

bool better(const Candidate& a, const Candidate& b) {
  if (a.log_prob != b.log_prob) return a.log_prob > b.log_prob;
  return a.word != b.word ? a.word < b.word : a.parent < b.parent;
}

// The best of all candidates offered, best first.
class Best {
 public:
  explicit Best(int most) { kept_.reserve(static_cast<std::size_t>(most)); }

  void clear(int count) {
    kept_.clear();
    count_ = static_cast<std::size_t>(count);
  }

  // Offers hypothesis `parent`, of log-probability log_prob, with each next word. One pass: whole
  // blocks of words fall to one comparison with the worst candidate kept.
  void scan(const Real* word_log_probs, Index vocabulary, double log_prob, int parent) {
    for (Index begin = 0; begin < vocabulary; begin += kBlock) {
      const Index end = std::min(begin + kBlock, vocabulary);
      if (!any_reaches(word_log_probs + begin, end - begin, log_prob)) continue;
      for (Index i = begin; i < end; ++i) {
        const double word_log_prob = static_cast<double>(word_log_probs[i]);
        offer({log_prob + word_log_prob, word_log_prob, static_cast<int>(i), parent});
      }
    }
  }

  std::span<const Candidate> kept() const { return kept_; }

 private:
  static constexpr Index kBlock = 128;

  // What a candidate needs; no -inf and no NaN has it.
  double least() const {
    return kept_.size() < count_ ? std::numeric_limits<double>::lowest() : kept_.back().log_prob;
  }

  bool any_reaches(const Real* word_log_probs, Index count, double log_prob) const {
    const double wanted = least();
    int any = 0;
    for (Index i = 0; i < count; ++i)
      any |= log_prob + static_cast<double>(word_log_probs[i]) >= wanted;
    return any != 0;
  }

  void offer(const Candidate& candidate) {
    if (!(candidate.log_prob >= least())) return;
    if (kept_.size() == count_) {
      if (!better(candidate, kept_.back())) return;
      kept_.pop_back();
    }
    kept_.insert(std::upper_bound(kept_.begin(), kept_.end(), candidate, better), candidate);
  }

  std::vector<Candidate> kept_;
  std::size_t count_ = 0;
};

// A word of a hypothesis. Hypotheses share their beginnings: following the parents spells one
// backwards.
struct Node {
  int parent;  // -1: the first word
  int word;
  double log_prob;        // of the word
  std::size_t attention;  // where the weights of its step begin
};

// A hypothesis that can be continued: a column of the scorer.
struct ActiveHypothesis {
  int node;  // its last word; -1: none yet
  double log_prob;
};

// A hypothesis that can't.
struct FinishedHypothesis {
  int node;
  int length;  // steps: words, and the end of sentence if finished
  double log_prob;
  double score;
  bool finished;
};

bool ahead(const FinishedHypothesis& a, const FinishedHypothesis& b) {
  return a.finished != b.finished ? a.finished : a.score > b.score;
}

struct Sentence {
  std::span<const int> prefix;
  int max_length;  // steps
  int slots;
  int alive = 1;                               // columns
  Index positions = 0, maps = 0;               // of its attention
  std::vector<FinishedHypothesis> ended = {};  // best first
};

// Hypotheses of all sentences; those of one sentence are neighboring columns, likeliest first.
class Beam {
 public:
  Beam(std::span<const Ids> sources, std::span<const Ids> prefixes, const SearchOptions& options,
       const Scorer& scorer);

  bool done() const { return alive_.empty(); }
  std::span<const int> words() const { return words_; }      // last word of each column
  std::span<const int> parents() const { return parents_; }  // column of the step before
  Out log_probs() { return log_probs_.leftCols(static_cast<Index>(alive_.size())); }

  // After a step: replaces the columns by their best continuations.
  void advance(const Scorer& scorer);

  std::vector<Nbest> nbest() const;

 private:
  void record_attention(const Scorer& scorer, Sentence& sentence, int begin);
  void limit_words(const Sentence& sentence, int begin);
  void find_best(const Sentence& sentence, int begin);
  void extend(Sentence& sentence, int begin);
  void abandon(Sentence& sentence, int begin);
  void end(Sentence& sentence, const FinishedHypothesis& ended) const;
  bool can_improve(const Sentence& sentence) const;
  double score(const Sentence& sentence, int node, double log_prob, int length) const;
  std::span<const int> generated(int node);
  Hypothesis trace(const Sentence& sentence, const FinishedHypothesis& ended) const;

  const SearchOptions options_;
  const int end_of_sentence_;
  int length_ = 0;  // steps done
  std::vector<Sentence> sentences_;
  std::vector<ActiveHypothesis> alive_, next_;  // of this step and the following
  std::vector<int> words_, parents_;
  Ids said_;       // by one of them
  Mat log_probs_;  // [vocabulary × most columns]
  Best best_;

  std::vector<Node> nodes_;
  std::vector<Real> attention_;                // of every column of every step
  std::vector<std::size_t> attention_begins_;  // of the columns of this step
};

Beam::Beam(std::span<const Ids> sources, std::span<const Ids> prefixes,
           const SearchOptions& options, const Scorer& scorer)
    : options_(options),
      end_of_sentence_(scorer.end_of_sentence()),
      alive_(sources.size(), ActiveHypothesis{-1, 0.0}),
      words_(sources.size(), -1),
      best_(options.beam_size) {
  const std::size_t slots = static_cast<std::size_t>(options.beam_size);
  std::size_t source_words = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ATTN_CHECK(!sources[i].empty());
    const std::span<const int> prefix =
        prefixes.empty() ? std::span<const int>() : std::span<const int>(prefixes[i]);
    sentences_.push_back({prefix, max_steps(options.constraints, sources[i].size(), prefix.size()),
                          options.beam_size});
    sentences_.back().ended.reserve(slots);
    source_words += sources[i].size();
  }
  const std::size_t columns = slots * sources.size();
  alive_.reserve(columns);
  next_.reserve(columns);
  words_.reserve(columns);
  parents_.reserve(columns);
  attention_begins_.reserve(columns);
  nodes_.reserve(slots * source_words);  // grows where translations are longer than their sources
  log_probs_.resize(scorer.vocabulary(), static_cast<Index>(columns));
}

void Beam::advance(const Scorer& scorer) {
  ++length_;
  next_.clear();
  words_.clear();
  parents_.clear();
  attention_begins_.clear();
  int begin = 0;
  for (Sentence& sentence : sentences_) {
    const int columns = sentence.alive;
    if (columns == 0) continue;
    record_attention(scorer, sentence, begin);
    limit_words(sentence, begin);
    find_best(sentence, begin);
    if (best_.kept().empty())
      abandon(sentence, begin);
    else
      extend(sentence, begin);
    begin += columns;
  }
  std::swap(alive_, next_);
}

void Beam::record_attention(const Scorer& scorer, Sentence& sentence, int begin) {
  for (int column = begin; column < begin + sentence.alive; ++column) {
    const ConstView weights = scorer.attention(column);
    if (length_ == 1) sentence.positions = weights.rows(), sentence.maps = weights.cols();
    ATTN_CHECK(weights.rows() == sentence.positions && weights.cols() == sentence.maps);
    const std::size_t at = attention_.size();
    attention_begins_.push_back(at);
    attention_.resize(at + static_cast<std::size_t>(weights.size()));
    View(attention_.data() + at, weights.rows(), weights.cols(),
         Eigen::OuterStride<>(weights.rows())) = weights;
  }
}

// The words that a hypothesis has so far, the first one first.
std::span<const int> Beam::generated(int node) {
  said_.clear();
  for (int at = node; at >= 0; at = nodes_[static_cast<std::size_t>(at)].parent)
    said_.push_back(nodes_[static_cast<std::size_t>(at)].word);
  std::ranges::reverse(said_);
  return said_;
}

void Beam::limit_words(const Sentence& sentence, int begin) {
  if (sentence.prefix.empty() && !options_.constraints.any()) return;
  for (int column = begin; column < begin + sentence.alive; ++column)
    limit(options_.constraints, sentence.prefix,
          generated(alive_[static_cast<std::size_t>(column)].node), end_of_sentence_,
          log_probs_.col(column));
}

void Beam::find_best(const Sentence& sentence, int begin) {
  best_.clear(sentence.slots);
  for (int i = 0; i < sentence.alive; ++i)
    best_.scan(log_probs_.col(begin + i).data(), log_probs_.rows(),
               alive_[static_cast<std::size_t>(begin + i)].log_prob, i);
}

// Puts the best candidates in the place of the sentence's hypotheses.
void Beam::extend(Sentence& sentence, int begin) {
  const std::size_t first = next_.size();
  for (const Candidate& candidate : best_.kept()) {
    const std::size_t column = static_cast<std::size_t>(begin + candidate.parent);
    const int node = static_cast<int>(nodes_.size());
    nodes_.push_back(
        {alive_[column].node, candidate.word, candidate.word_log_prob, attention_begins_[column]});
    const bool finished = candidate.word == end_of_sentence_;
    if (finished || length_ == sentence.max_length) {
      end(sentence, {node, length_, candidate.log_prob,
                     score(sentence, node, candidate.log_prob, length_), finished});
    } else {
      next_.push_back({node, candidate.log_prob});
      words_.push_back(candidate.word);
      parents_.push_back(static_cast<int>(column));
    }
  }
  sentence.alive = static_cast<int>(next_.size() - first);
  if (sentence.alive == 0 || can_improve(sentence)) return;
  next_.resize(first);
  words_.resize(first);
  parents_.resize(first);
  sentence.alive = 0;
}

// No word can follow any hypothesis of the sentence.
void Beam::abandon(Sentence& sentence, int begin) {
  for (int column = begin; column < begin + sentence.alive; ++column) {
    const ActiveHypothesis& alive = alive_[static_cast<std::size_t>(column)];
    end(sentence, {alive.node, length_ - 1, alive.log_prob,
                   score(sentence, alive.node, alive.log_prob, length_ - 1), false});
  }
  sentence.alive = 0;
}

void Beam::end(Sentence& sentence, const FinishedHypothesis& ended) const {
  --sentence.slots;
  auto& all = sentence.ended;
  all.insert(std::upper_bound(all.begin(), all.end(), ended, ahead), ended);
}

// Can a hypothesis alive (the last of next_, likeliest first) still enter the n best? Words only
// lower the log-probability, and being negative it counts least at the greatest length: that bounds
// every score to come.
bool Beam::can_improve(const Sentence& sentence) const {
  const std::size_t wanted = static_cast<std::size_t>(options_.n_best);
  if (sentence.ended.size() < wanted) return true;
  const ActiveHypothesis& likeliest =
      next_[next_.size() - static_cast<std::size_t>(sentence.alive)];
  return options_.score.normalized(likeliest.log_prob, sentence.max_length) >
         sentence.ended[wanted - 1].score;
}

double Beam::score(const Sentence& sentence, int node, double log_prob, int length) const {
  if (options_.score.coverage_penalty == 0) return options_.score.normalized(log_prob, length);
  Mat attention_mass = Mat::Zero(sentence.positions, 1);
  for (int at = node; at >= 0; at = nodes_[static_cast<std::size_t>(at)].parent)
    attention_mass +=
        ConstView(attention_.data() + nodes_[static_cast<std::size_t>(at)].attention,
                  sentence.positions, sentence.maps, Eigen::OuterStride<>(sentence.positions))
            .rowwise()
            .mean();
  return options_.score.of(
      log_prob, length, {attention_mass.data(), static_cast<std::size_t>(attention_mass.rows())});
}

std::vector<Nbest> Beam::nbest() const {
  std::vector<Nbest> all;
  for (const Sentence& sentence : sentences_) {
    const std::size_t count =
        std::min(sentence.ended.size(), static_cast<std::size_t>(options_.n_best));
    Nbest& best = all.emplace_back();
    for (std::size_t i = 0; i < count; ++i) best.push_back(trace(sentence, sentence.ended[i]));
  }
  return all;
}

Hypothesis Beam::trace(const Sentence& sentence, const FinishedHypothesis& ended) const {
  const Index rows = sentence.positions;
  Hypothesis h;
  h.log_prob = ended.log_prob;
  h.score = ended.score;
  h.finished = ended.finished;
  h.words.resize(static_cast<std::size_t>(ended.length));
  h.word_log_probs.resize(h.words.size());
  if (rows > 0)
    h.attention.assign(static_cast<std::size_t>(sentence.maps), Mat(rows, ended.length));
  int at = ended.node;
  for (int t = ended.length - 1; t >= 0; --t) {
    const Node& node = nodes_[static_cast<std::size_t>(at)];
    h.words[static_cast<std::size_t>(t)] = node.word;
    h.word_log_probs[static_cast<std::size_t>(t)] = node.log_prob;
    const Real* weights = attention_.data() + node.attention;
    for (Mat& map : h.attention) {
      std::copy_n(weights, rows, map.col(t).data());
      weights += rows;
    }
    at = node.parent;
  }
  if (ended.finished) h.words.pop_back();
  return h;
}

}  // namespace

std::vector<Nbest> beam_search(Scorer& scorer, std::span<const Ids> sources,
                               const SearchOptions& options, std::span<const Ids> prefixes) {
  ATTN_CHECK(options.beam_size >= 1 && options.n_best >= 1 && options.n_best <= options.beam_size);
  ATTN_CHECK(options.score.length_penalty_alpha >= 0 && options.score.coverage_penalty >= 0);
  ATTN_CHECK(options.constraints.max_length_ratio >= 0 &&
             options.constraints.max_length_ratio <= 1000);
  ATTN_CHECK(prefixes.empty() || prefixes.size() == sources.size());
  if (sources.empty()) return {};
  scorer.start(sources);
  Beam beam(sources, prefixes, options, scorer);
  while (!beam.done()) {
    scorer.step(beam.words(), beam.log_probs());
    beam.advance(scorer);
    if (!beam.done()) scorer.keep(beam.parents());
  }
  return beam.nbest();
}

}  // namespace attn

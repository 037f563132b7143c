#include "train/gradient.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/error.h"
#include "base/profile.h"
#include "math/gemm/product.h"

namespace attn {

namespace {

constexpr std::size_t kMinSentences = 16;  // per chunk, for wide products

std::size_t count_chunks(std::size_t sentences, std::size_t words) {
  return std::clamp<std::size_t>((words + kWordsPerChunk - 1) / kWordsPerChunk, 1,
                                 std::max<std::size_t>(sentences / kMinSentences, 1));
}

std::size_t count_words(const std::vector<Words>& sentences) {
  return std::accumulate(sentences.begin(), sentences.end(), std::size_t{0},
                         [](std::size_t sum, const Words& words) { return sum + words.size(); });
}

// Returns the shard of the pair at index `i` of the length order. Every other round runs backward,
// so that all shards get about the same number of words.
std::size_t shard_of(std::size_t i, std::size_t shards) {
  const std::size_t round = i / shards, at = i % shards;
  return round % 2 == 0 ? at : shards - 1 - at;
}

// Returns the sums over sentence pairs that depend on their lengths only.
Gradient::Sums count_pairs(const std::vector<Words>& sources, const std::vector<Words>& targets) {
  Gradient::Sums sums;
  sums.sentences = static_cast<double>(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto source = static_cast<double>(sources[i].size());
    const auto target = static_cast<double>(targets[i].size());
    const auto segments = static_cast<double>(count_segments(sources[i]));
    sums.source_tokens += source, sums.tokens += target, sums.word_pairs += source * target;
    sums.source_pairs += source * source;
    sums.segments += segments, sums.segment_pairs += segments * target;
  }
  return sums;
}

double embedded_columns(const WordColumns& in, bool merges) {
  return static_cast<double>((merges ? in.unique.values() : in.words).size());
}

}  // namespace

Gradient::Sums& Gradient::Sums::operator+=(const Sums& other) {
  objective += other.objective, cross_entropy += other.cross_entropy;
  tokens += other.tokens, sentences += other.sentences;
  source_tokens += other.source_tokens;
  word_pairs += other.word_pairs, source_pairs += other.source_pairs;
  segments += other.segments, segment_pairs += other.segment_pairs;
  distinct_source += other.distinct_source, distinct_target += other.distinct_target;
  return *this;
}

Gradient::Gradient(const Seq2Seq& model, int shards, Workers workers, WireFormat format)
    : model_(model),
      workers_(workers),
      shards_(static_cast<std::size_t>(shards)),
      shard_bounds_(divide_evenly(shards, workers.communicator.size())),
      first_shard_(static_cast<std::size_t>(IndexSpan(shard_bounds_)[workers.communicator.rank()])),
      own_shards_(shards_.size() / (shard_bounds_.size() - 1)),
      reduction_(model, own_shards_, workers, format),
      shard_sums_(shards_.size()) {
  const auto processes = static_cast<unsigned>(workers.communicator.size());
  ATTN_CHECK(std::has_single_bit(processes) && shards % workers.communicator.size() == 0);
}

void Gradient::begin() {
  next_example_id_ = 0;
  sums_ = {};
}

void Gradient::release_memory() {
  scratch_.clear();
  arenas_.clear();
}

void Gradient::accumulate(const Weights& w, const Corpus& corpus,
                          std::span<const std::uint32_t> pairs, const Objective& objective,
                          const DropoutContext& noise) {
  const Timed timed(Stage::data);
  divide(corpus, pairs);
  while (std::ssize(scratch_) < workers_.pool.threads()) scratch_.emplace_back(model_);
  while (arenas_.size() < own_shards_) arenas_.emplace_back(model_.layout());
  workers_.pool.for_each(own_shards_, [&](std::size_t own, int worker) {
    run_shard(own, w, objective, noise, IndexSpan(scratch_)[worker]);
  });
  workers_.communicator.all_gather(IndexSpan(shard_sums_), shard_bounds_);
  for (const Sums& sums : shard_sums_) sums_ += sums;
  next_example_id_ += pairs.size();
}

void Gradient::divide(const Corpus& corpus, std::span<const std::uint32_t> pairs) {
  order_.resize(pairs.size());
  std::iota(order_.begin(), order_.end(), 0U);
  const auto lengths = [&](std::uint32_t i) {
    return std::pair(corpus.target(pairs[i]).size(), corpus.source(pairs[i]).size());
  };
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) {
    const auto x = lengths(a), y = lengths(b);
    return x != y ? x > y : a < b;
  });
  for (Shard& shard : shards_)
    shard.sources.clear(), shard.targets.clear(), shard.links.clear(), shard.example_ids.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    Shard& shard = shards_[shard_of(i, shards_.size())];
    shard.sources.push_back(corpus.source(pairs[order_[i]]));
    shard.targets.push_back(corpus.target(pairs[order_[i]]));
    shard.links.push_back(corpus.links(pairs[order_[i]]));
    shard.example_ids.push_back(next_example_id_ + order_[i]);
  }
}

void Gradient::run_shard(std::size_t own, const Weights& w, const Objective& objective,
                         const DropoutContext& noise, Seq2Seq::Scratch& scratch) {
  const Shard& shard = shards_[first_shard_ + own];
  shard_sums_[first_shard_ + own] = count_pairs(shard.sources, shard.targets);
  const std::size_t size = shard.sources.size();
  if (size == 0) return;
  const auto chunks = count_chunks(size, count_words(shard.sources) + count_words(shard.targets));
  for (std::size_t i = 0; i < chunks; ++i)
    run_chunk(own, size * i / chunks, size * (i + 1) / chunks, w, objective, noise, scratch);
}

void Gradient::run_chunk(std::size_t own, std::size_t begin, std::size_t end, const Weights& w,
                         const Objective& objective, const DropoutContext& noise,
                         Seq2Seq::Scratch& scratch) {
  Shard& shard = shards_[first_shard_ + own];
  const auto chunk = [&](const auto& all) { return std::span(all).subspan(begin, end - begin); };
  shard.batch.assign(chunk(shard.sources), chunk(shard.targets), chunk(shard.example_ids),
                     chunk(shard.links));
  reduction_.mark_rows(own, shard.batch);
  const auto loss = model_.loss_and_gradient(w, shard.batch, objective, noise, scratch,
                                             {arenas_[own], w.precision()});
  Sums& sums = shard_sums_[first_shard_ + own];
  sums.objective += loss.objective;
  sums.cross_entropy += loss.cross_entropy;
  const bool merges = model_.deduplicates_words(noise);
  sums.distinct_source += embedded_columns(shard.batch.source.columns(), merges);
  sums.distinct_target += embedded_columns(shard.batch.target.input_columns(), merges);
}

void Gradient::sum() {
  reduction_.sum(arenas_);
}

}  // namespace attn

#include "train/gradient.h"

#include <algorithm>
#include <numeric>

#include "base/profile.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

namespace {

constexpr Index kRange = Index{1} << 16;  // approximate number of elements in a range
constexpr Index kNormBlock = 1024;        // elements that fit in the L1 cache

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

double embedded_columns(const WordColumns& in, bool merges) {
  return static_cast<double>((merges ? in.unique.values() : in.words).size());
}

}  // namespace

Gradient::Gradient(const Seq2Seq& model, int shards, Pool& pool)
    : model_(model), pool_(pool), shards_(static_cast<std::size_t>(shards)) {
  std::size_t rows = 0;
  Index end = 0;
  for (const SparseTable& table : model.sparse_tables()) {
    add_ranges({end, table.slot.offset - end});
    add_ranges({table.slot.offset, table.slot.size(), table.slot.cols, rows});
    end = table.slot.offset + table.slot.size();
    rows += static_cast<std::size_t>(table.slot.rows);
  }
  add_ranges({end, model.layout().size() - end});
  squares_.resize(ranges_.size());
  marked_rows_.assign(shards_.size(), std::vector<char>(rows, 0));
}

void Gradient::add_ranges(Range range) {
  const Index step = range.row > 0 ? std::max<Index>(kRange / range.row, 1) * range.row : kRange;
  for (Index left = range.size; left > 0; left -= step, range.offset += step) {
    range.size = std::min(step, left);
    ranges_.push_back(range);
    if (range.row > 0) range.first_row += static_cast<std::size_t>(step / range.row);
  }
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
  while (std::ssize(scratch_) < pool_.threads()) scratch_.emplace_back(model_);
  while (arenas_.size() < shards_.size()) arenas_.emplace_back(model_.layout());
  pool_.for_each(shards_.size(), [&](std::size_t shard, int worker) {
    run_shard(shard, w, objective, noise, scratch_[static_cast<std::size_t>(worker)]);
  });
  for (const Shard& shard : shards_) add_to_sums(shard);
  sums_.sentences += static_cast<double>(pairs.size());
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

void Gradient::run_shard(std::size_t number, const Weights& w, const Objective& objective,
                         const DropoutContext& noise, Seq2Seq::Scratch& scratch) {
  Shard& shard = shards_[number];
  shard.loss = {};
  shard.distinct_source = shard.distinct_target = 0;
  const std::size_t size = shard.sources.size();
  if (size == 0) return;
  const auto chunks = count_chunks(size, count_words(shard.sources) + count_words(shard.targets));
  for (std::size_t i = 0; i < chunks; ++i)
    run_chunk(number, size * i / chunks, size * (i + 1) / chunks, w, objective, noise, scratch);
}

void Gradient::run_chunk(std::size_t number, std::size_t begin, std::size_t end, const Weights& w,
                         const Objective& objective, const DropoutContext& noise,
                         Seq2Seq::Scratch& scratch) {
  Shard& shard = shards_[number];
  const auto chunk = [&](const auto& all) { return std::span(all).subspan(begin, end - begin); };
  shard.batch.assign(chunk(shard.sources), chunk(shard.targets), chunk(shard.example_ids),
                     chunk(shard.links));
  mark_rows(number);
  const auto loss = model_.loss_and_gradient(w, shard.batch, objective, noise, scratch,
                                             {arenas_[number], w.precision()});
  shard.loss.objective += loss.objective;
  shard.loss.cross_entropy += loss.cross_entropy;
  const bool merges = model_.deduplicates_words(noise);
  shard.distinct_source += embedded_columns(shard.batch.source.columns(), merges);
  shard.distinct_target += embedded_columns(shard.batch.target.input_columns(), merges);
}

void Gradient::add_to_sums(const Shard& shard) {
  sums_.objective += shard.loss.objective;
  sums_.cross_entropy += shard.loss.cross_entropy;
  for (std::size_t i = 0; i < shard.targets.size(); ++i) {
    const auto source = static_cast<double>(shard.sources[i].size());
    const auto target = static_cast<double>(shard.targets[i].size());
    sums_.source_tokens += source, sums_.tokens += target, sums_.word_pairs += source * target;
    sums_.source_pairs += source * source;
    const auto segments = static_cast<double>(count_segments(shard.sources[i]));
    sums_.segments += segments, sums_.segment_pairs += segments * target;
  }
  sums_.distinct_source += shard.distinct_source;
  sums_.distinct_target += shard.distinct_target;
}

void Gradient::mark_rows(std::size_t shard) {
  std::size_t first_row = 0;
  for (const SparseTable& table : model_.sparse_tables()) {
    for (const int word : table.words(shards_[shard].batch))
      if (word >= 0) marked_rows_[shard][first_row + static_cast<std::size_t>(word)] = 1;
    first_row += static_cast<std::size_t>(table.slot.rows);
  }
}

double Gradient::sum() {
  const Timed timed(Stage::reduction);
  pool_.for_each(ranges_.size(), [&](std::size_t i, int) {
    squares_[i] = ranges_[i].row > 0 ? sum_rows(ranges_[i]) : sum_dense(ranges_[i]);
  });
  return std::accumulate(squares_.begin(), squares_.end(), 0.0);
}

double Gradient::sum_numbers(Index offset, Index size) {
  Real* total = arenas_[0].flat().data() + offset;
  for (std::size_t s = 1; s < arenas_.size(); ++s) {
    Real* numbers = arenas_[s].flat().data() + offset;
    attn::add(size, numbers, total);
    std::fill_n(numbers, size, Real(0));
  }
  return double(dot(size, total, total));
}

double Gradient::sum_dense(const Range& range) {
  double square = 0;
  for (Index begin = 0; begin < range.size; begin += kNormBlock)
    square += sum_numbers(range.offset + begin, std::min(kNormBlock, range.size - begin));
  return square;
}

double Gradient::sum_rows(const Range& range) {
  double square = 0;
  auto mark = range.first_row;
  for (Index begin = 0; begin < range.size; begin += range.row, ++mark) {
    char any = 0;
    for (auto& marked : marked_rows_) any |= marked[mark];
    if (!any) continue;
    square += sum_numbers(range.offset + begin, range.row);
    for (auto& marked : marked_rows_) marked[mark] = 0;
  }
  return square;
}

}  // namespace attn

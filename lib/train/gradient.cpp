#include "train/gradient.h"

#include <algorithm>
#include <numeric>

#include "base/profile.h"
#include "math/ops.h"
#include "math/product.h"

namespace attn {

namespace {

constexpr Index kPart = Index{1} << 16;  // numbers that a worker takes at a time, about
constexpr Index kBlock = 1024;           // numbers that stay in the nearest cache

constexpr std::size_t kSentences = 16;  // that it has at least, for wide products

// Parts, of as many sentences each, in which a shard is passed.
std::size_t parts_of(std::size_t sentences, std::size_t words) {
  return std::clamp<std::size_t>((words + kWordsOfPass - 1) / kWordsOfPass, 1,
                                 std::max<std::size_t>(sentences / kSentences, 1));
}

std::size_t count_words(const std::vector<Words>& sentences) {
  return std::accumulate(sentences.begin(), sentences.end(), std::size_t{0},
                         [](std::size_t sum, const Words& words) { return sum + words.size(); });
}

// Like cards, and every other round backwards: of sentences in the order of their lengths, all get
// about as many words.
std::size_t dealt_to(std::size_t card, std::size_t players) {
  const std::size_t round = card / players, place = card % players;
  return round % 2 == 0 ? place : players - 1 - place;
}

double embedded_columns(const WordColumns& in, bool merges) {
  return static_cast<double>((merges ? in.distinct.numbers() : in.words).size());
}

}  // namespace

Gradient::Gradient(const Seq2Seq& model, int shards, Precision precision, Pool& pool)
    : model_(model), precision_(precision), pool_(pool), shards_(static_cast<std::size_t>(shards)) {
  std::size_t rows = 0;
  Index end = 0;
  for (const SparseTable& table : model.sparse_tables()) {
    cut({end, table.slot.offset - end});
    cut({table.slot.offset, table.slot.size(), table.slot.cols, rows});
    end = table.slot.offset + table.slot.size();
    rows += static_cast<std::size_t>(table.slot.rows);
  }
  cut({end, model.layout().size() - end});
  squares_.resize(parts_.size());
  touched_.assign(shards_.size(), std::vector<char>(rows, 0));
}

void Gradient::cut(Part part) {
  const Index step = part.row > 0 ? std::max<Index>(kPart / part.row, 1) * part.row : kPart;
  for (Index left = part.size; left > 0; left -= step, part.offset += step) {
    part.size = std::min(step, left);
    parts_.push_back(part);
    if (part.row > 0) part.first_row += static_cast<std::size_t>(step / part.row);
  }
}

void Gradient::begin() {
  place_ = 0;
  sums_ = {};
}

void Gradient::rest() {
  scratch_.clear();
  arenas_.clear();
}

void Gradient::add(const Params& w, const Corpus& corpus, std::span<const std::uint32_t> sentences,
                   const Objective& objective, const Noise& noise) {
  const Timed timed(attn::Part::data);
  order_.resize(sentences.size());
  std::iota(order_.begin(), order_.end(), 0U);
  const auto lengths = [&](std::uint32_t i) {
    return std::pair(corpus.target(sentences[i]).size(), corpus.source(sentences[i]).size());
  };
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) {
    const auto x = lengths(a), y = lengths(b);
    return x != y ? x > y : a < b;
  });
  for (auto& shard : shards_)
    shard.sources.clear(), shard.targets.clear(), shard.links.clear(), shard.places.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    Shard& shard = shards_[dealt_to(i, shards_.size())];
    shard.sources.push_back(corpus.source(sentences[order_[i]]));
    shard.targets.push_back(corpus.target(sentences[order_[i]]));
    shard.links.push_back(corpus.links(sentences[order_[i]]));
    shard.places.push_back(place_ + order_[i]);
  }
  while (std::ssize(scratch_) < pool_.threads()) scratch_.emplace_back(model_);
  while (arenas_.size() < shards_.size()) arenas_.emplace_back(model_.layout());
  const FixedWeights fixed;  // for all shards: kept forms of weights are made once
  pool_.for_each(shards_.size(), [&](std::size_t s, int worker) {
    const WithPrecision with(precision_);
    Shard& shard = shards_[s];
    shard.loss = {};
    shard.distinct_source = shard.distinct_target = 0;
    const std::size_t size = shard.sources.size();
    if (size == 0) return;
    const auto parts = parts_of(size, count_words(shard.sources) + count_words(shard.targets));
    for (std::size_t i = 0; i < parts; ++i)
      pass(s, size * i / parts, size * (i + 1) / parts, w, objective, noise,
           scratch_[static_cast<std::size_t>(worker)]);
  });
  for (const auto& shard : shards_) {
    sums_.objective += shard.loss.objective;
    sums_.cross_entropy += shard.loss.cross_entropy;
    for (std::size_t i = 0; i < shard.targets.size(); ++i) {
      const auto source = static_cast<double>(shard.sources[i].size());
      const auto target = static_cast<double>(shard.targets[i].size());
      sums_.source_tokens += source, sums_.tokens += target, sums_.word_pairs += source * target;
      sums_.source_pairs += source * source;
      const auto parts = static_cast<double>(count_parts(shard.sources[i]));
      sums_.parts += parts, sums_.part_pairs += parts * target;
    }
    sums_.distinct_source += shard.distinct_source;
    sums_.distinct_target += shard.distinct_target;
  }
  sums_.sentences += static_cast<double>(sentences.size());
  place_ += sentences.size();
}

void Gradient::pass(std::size_t shard, std::size_t begin, std::size_t end, const Params& w,
                    const Objective& objective, const Noise& noise, Seq2Seq::Scratch& scratch) {
  Shard& of = shards_[shard];
  const auto part = [&](const auto& all) { return std::span(all).subspan(begin, end - begin); };
  of.batch.assign(part(of.sources), part(of.targets), part(of.places), part(of.links));
  touch(shard);
  const auto loss =
      model_.loss_and_gradient(w, of.batch, objective, noise, scratch, arenas_[shard]);
  of.loss.objective += loss.objective;
  of.loss.cross_entropy += loss.cross_entropy;
  const bool merges = model_.merges_equal_words(noise);
  of.distinct_source += embedded_columns(of.batch.source.columns(), merges);
  of.distinct_target += embedded_columns(of.batch.target.input_columns(), merges);
}

void Gradient::touch(std::size_t shard) {
  std::size_t first_row = 0;
  for (const SparseTable& table : model_.sparse_tables()) {
    for (const int word : table.words(shards_[shard].batch))
      if (word >= 0) touched_[shard][first_row + static_cast<std::size_t>(word)] = 1;
    first_row += static_cast<std::size_t>(table.slot.rows);
  }
}

double Gradient::sum() {
  const Timed timed(attn::Part::reduction);
  pool_.for_each(parts_.size(), [&](std::size_t i, int) {
    squares_[i] = parts_[i].row > 0 ? sum_rows(parts_[i]) : sum_dense(parts_[i]);
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

double Gradient::sum_dense(const Part& part) {
  double square = 0;
  for (Index begin = 0; begin < part.size; begin += kBlock)
    square += sum_numbers(part.offset + begin, std::min(kBlock, part.size - begin));
  return square;
}

double Gradient::sum_rows(const Part& part) {
  double square = 0;
  auto mark = part.first_row;
  for (Index begin = 0; begin < part.size; begin += part.row, ++mark) {
    char any = 0;
    for (auto& touched : touched_) any |= touched[mark];
    if (!any) continue;
    square += sum_numbers(part.offset + begin, part.row);
    for (auto& touched : touched_) touched[mark] = 0;
  }
  return square;
}

}  // namespace attn

#include "model/batch.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace attn {
namespace {

std::uint64_t example_id(std::uint64_t sentence, int t) {
  return (sentence << 24) + static_cast<std::uint64_t>(t);
}

// Sets `order` to 0 … n − 1, sorted by decreasing length; equal lengths keep their order.
template <class Number, class Length>
void sort_longest_first(Index n, Length length, std::vector<Number>& order) {
  resize(order, n);
  std::iota(order.begin(), order.end(), Number{0});
  std::sort(order.begin(), order.end(), [&](Number a, Number b) {
    return length(a) != length(b) ? length(a) > length(b) : a < b;
  });
}

}  // namespace

void Sequences::assign(IndexSpan<const int> lengths) {
  sort_longest_first(
      lengths.size(), [&](int i) { return lengths[i]; }, ranks_);
  rank_of_.resize(ranks_.size());
  const IndexSpan ranks(ranks_), rank_of(rank_of_);
  lengths_.clear();
  for (int rank = 0; rank < ranks.size(); ++rank) {
    rank_of[ranks[rank]] = rank;
    lengths_.push_back(lengths[ranks[rank]]);
  }
  packing_.assign(lengths_);

  begins_.assign(1, 0);
  for (const int n : lengths) begins_.push_back(begins_.back() + n);
  const IndexSpan begins(begins_);
  sentence_order_.clear();
  for (int t = 0; t < packing_.steps(); ++t)
    for (const int sequence : ranks.first(packing_.width(t)))
      sentence_order_.push_back(begins[sequence] + t);
}

Index Sequences::first(Index sequence) const {
  return packing_.column(IndexSpan(rank_of_)[sequence], 0);
}

Index Sequences::last(Index sequence) const {
  const int rank = IndexSpan(rank_of_)[sequence];
  return packing_.column(rank, packing_.length(rank) - 1);
}

Index count_segments(Words source) {
  return std::count(source.begin(), source.end(), source.back());
}

void SourceBatch::assign(std::span<const Words> sources,
                         std::span<const std::uint64_t> example_ids) {
  lengths_.clear(), sentence_order_ids_.clear(), sentence_order_example_ids_.clear();
  for (std::size_t b = 0; b < sources.size(); ++b) {
    lengths_.push_back(static_cast<int>(sources[b].size()));
    sentence_order_ids_.insert(sentence_order_ids_.end(), sources[b].begin(), sources[b].end());
    for (int t = 0; t < lengths_.back(); ++t)
      sentence_order_example_ids_.push_back(example_id(example_ids[b], t));
  }
  words_.assign(lengths_);
  ids_.clear(), example_ids_.clear();
  for (const Index column : sentence_order()) {
    ids_.push_back(IndexSpan(sentence_order_ids_)[column]);
    example_ids_.push_back(IndexSpan(sentence_order_example_ids_)[column]);
  }
  unique_.assign(ids_);
  assign_segments(sources);
}

void SourceBatch::assign_segments(std::span<const Words> sources) {
  lengths_.clear();
  segment_begins_.assign(1, 0);
  Index column = 0;
  for (const Words source : sources) {
    lengths_.push_back(static_cast<int>(count_segments(source)));
    for (const int id : source) {
      ++column;
      if (id == source.back()) segment_begins_.push_back(column);
    }
  }
  segments_.assign(lengths_);
}

void TargetBatch::assign(IndexSpan<const Words> targets, const SourceBatch& source,
                         IndexSpan<const std::uint64_t> example_ids) {
  lengths_.clear();
  for (const Words target : targets) lengths_.push_back(static_cast<int>(target.size()));
  packing_.assign(lengths_);
  sources_.resize(lengths_.size());
  std::iota(sources_.begin(), sources_.end(), 0);

  inputs_.clear(), words_.clear(), example_ids_.clear();
  for (int t = 0; t < packing_.steps(); ++t)
    for (Index b = 0; b < packing_.width(t); ++b) {
      const IndexSpan target(targets[b]);
      inputs_.push_back(t == 0 ? -1 : target[t - 1]);
      words_.push_back(target[t]);
      example_ids_.push_back(example_id(example_ids[b], t));
    }
  const IndexSpan source_begins(source.begins());
  weight_begins_.assign(1, 0);
  for (int b = 0; b < packing_.sequences(); ++b) {
    const Index words = source_begins[b + 1] - source_begins[b];
    weight_begins_.push_back(weight_begins_.back() + words * packing_.length(b));
  }
  unique_.assign(inputs_);
}

void Batch::assign(std::span<const Words> sources, std::span<const Words> targets,
                   std::span<const std::uint64_t> example_ids, std::span<const Words> pair_links) {
  ATTN_CHECK(sources.size() == targets.size() && sources.size() == example_ids.size());
  ATTN_CHECK(pair_links.empty() || pair_links.size() == sources.size());
  sort_longest_first(
      std::ssize(targets), [&](std::size_t i) { return targets[i].size(); }, order);
  sources_.clear(), targets_.clear(), example_ids_.clear(), links.clear();
  for (const std::size_t i : order) {
    sources_.push_back(sources[i]);
    targets_.push_back(targets[i]);
    example_ids_.push_back(example_ids[i]);
    if (!pair_links.empty()) links.push_back(pair_links[i]);
  }
  source.assign(sources_, example_ids_);
  target.assign(targets_, source, example_ids_);
}

}  // namespace attn

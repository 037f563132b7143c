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
void sort_longest_first(std::size_t n, Length length, std::vector<Number>& order) {
  order.resize(n);
  std::iota(order.begin(), order.end(), Number{0});
  std::sort(order.begin(), order.end(), [&](Number a, Number b) {
    return length(a) != length(b) ? length(a) > length(b) : a < b;
  });
}

}  // namespace

void Sequences::assign(std::span<const int> lengths) {
  const auto length = [&](int i) { return lengths[static_cast<std::size_t>(i)]; };
  sort_longest_first(lengths.size(), length, ranks_);
  rank_of_.resize(ranks_.size());
  lengths_.resize(ranks_.size());
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    rank_of_[static_cast<std::size_t>(ranks_[rank])] = static_cast<int>(rank);
    lengths_[rank] = length(ranks_[rank]);
  }
  packing_.assign(lengths_);

  begins_.assign(1, 0);
  for (const int n : lengths) begins_.push_back(begins_.back() + n);
  sentence_order_.resize(static_cast<std::size_t>(packing_.columns()));
  for (int rank = 0; rank < packing_.sequences(); ++rank)
    for (int t = 0; t < packing_.length(rank); ++t)
      sentence_order_[static_cast<std::size_t>(packing_.column(rank, t))] =
          begins_[static_cast<std::size_t>(ranks_[static_cast<std::size_t>(rank)])] + t;
}

Index Sequences::first(Index sequence) const {
  return packing_.column(rank_of_[static_cast<std::size_t>(sequence)], 0);
}

Index Sequences::last(Index sequence) const {
  const int rank = rank_of_[static_cast<std::size_t>(sequence)];
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
  ids_.resize(sentence_order_ids_.size()), example_ids_.resize(sentence_order_ids_.size());
  for (std::size_t column = 0; column < ids_.size(); ++column) {
    const auto from = static_cast<std::size_t>(sentence_order()[column]);
    ids_[column] = sentence_order_ids_[from];
    example_ids_[column] = sentence_order_example_ids_[from];
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

void TargetBatch::assign(std::span<const Words> targets, const SourceBatch& source,
                         std::span<const std::uint64_t> example_ids) {
  lengths_.resize(targets.size());
  for (std::size_t b = 0; b < targets.size(); ++b)
    lengths_[b] = static_cast<int>(targets[b].size());
  packing_.assign(lengths_);
  sources_.resize(targets.size());
  std::iota(sources_.begin(), sources_.end(), 0);

  const auto tokens = static_cast<std::size_t>(packing_.columns());
  inputs_.resize(tokens), words_.resize(tokens), example_ids_.resize(tokens);
  weight_begins_.assign(1, 0);
  for (int b = 0; b < packing_.sequences(); ++b) {
    const auto at = static_cast<std::size_t>(b);
    for (int t = 0; t < packing_.length(b); ++t) {
      const auto column = static_cast<std::size_t>(packing_.column(b, t));
      words_[column] = targets[at][static_cast<std::size_t>(t)];
      inputs_[column] = t == 0 ? -1 : targets[at][static_cast<std::size_t>(t) - 1];
      example_ids_[column] = example_id(example_ids[at], t);
    }
    const Index words = source.begins()[at + 1] - source.begins()[at];
    weight_begins_.push_back(weight_begins_.back() + words * packing_.length(b));
  }
  unique_.assign(inputs_);
}

void Batch::assign(std::span<const Words> sources, std::span<const Words> targets,
                   std::span<const std::uint64_t> example_ids, std::span<const Words> pair_links) {
  ATTN_CHECK(sources.size() == targets.size() && sources.size() == example_ids.size());
  ATTN_CHECK(pair_links.empty() || pair_links.size() == sources.size());
  sort_longest_first(
      targets.size(), [&](std::size_t i) { return targets[i].size(); }, order);
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

#include "model/batch.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace attn {
namespace {

std::uint64_t place_of(std::uint64_t sentence, int t) {
  return (sentence << 24) + static_cast<std::uint64_t>(t);
}

// Fills `order` with 0 … n − 1, longest first; equal lengths keep their order.
template <class Number, class Length>
void sort_longest_first(std::size_t n, Length length, std::vector<Number>& order) {
  order.resize(n);
  std::iota(order.begin(), order.end(), Number{0});
  std::sort(order.begin(), order.end(), [&](Number a, Number b) {
    return length(a) != length(b) ? length(a) > length(b) : a < b;
  });
}

}  // namespace

void SourceBatch::assign(std::span<const Words> sources, std::span<const std::uint64_t> places) {
  const auto length = [&](int b) { return sources[static_cast<std::size_t>(b)].size(); };
  sort_longest_first(sources.size(), length, ranks_);
  rank_of_.resize(ranks_.size());
  lengths_.resize(ranks_.size());
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    rank_of_[static_cast<std::size_t>(ranks_[rank])] = static_cast<int>(rank);
    lengths_[rank] = static_cast<int>(length(ranks_[rank]));
  }
  packing_.assign(lengths_);

  begins_.assign(1, 0);
  for (const auto& words : sources)
    begins_.push_back(begins_.back() + static_cast<Index>(words.size()));
  const auto tokens = static_cast<std::size_t>(packing_.columns());
  ids_.resize(tokens), home_ids_.resize(tokens), home_.resize(tokens), places_.resize(tokens),
      home_places_.resize(tokens);
  for (int rank = 0; rank < packing_.sequences(); ++rank) {
    const auto b = static_cast<std::size_t>(ranks_[static_cast<std::size_t>(rank)]);
    for (int t = 0; t < packing_.length(rank); ++t) {
      const auto column = static_cast<std::size_t>(packing_.column(rank, t));
      home_[column] = begins_[b] + t;
      ids_[column] = home_ids_[static_cast<std::size_t>(home_[column])] =
          sources[b][static_cast<std::size_t>(t)];
      places_[column] = home_places_[static_cast<std::size_t>(home_[column])] =
          place_of(places[b], t);
    }
  }
}

Index SourceBatch::first(Index sentence) const {
  return packing_.column(rank_of_[static_cast<std::size_t>(sentence)], 0);
}

Index SourceBatch::last(Index sentence) const {
  const int rank = rank_of_[static_cast<std::size_t>(sentence)];
  return packing_.column(rank, packing_.length(rank) - 1);
}

void TargetBatch::assign(std::span<const Words> targets, const SourceBatch& source,
                         std::span<const std::uint64_t> places) {
  lengths_.resize(targets.size());
  for (std::size_t b = 0; b < targets.size(); ++b)
    lengths_[b] = static_cast<int>(targets[b].size());
  packing_.assign(lengths_);
  sentences_.resize(targets.size());
  std::iota(sentences_.begin(), sentences_.end(), 0);

  const auto tokens = static_cast<std::size_t>(packing_.columns());
  inputs_.resize(tokens), words_.resize(tokens), places_.resize(tokens);
  weights_.assign(1, 0);
  for (int b = 0; b < packing_.sequences(); ++b) {
    const auto at = static_cast<std::size_t>(b);
    for (int t = 0; t < packing_.length(b); ++t) {
      const auto column = static_cast<std::size_t>(packing_.column(b, t));
      words_[column] = targets[at][static_cast<std::size_t>(t)];
      inputs_[column] = t == 0 ? -1 : targets[at][static_cast<std::size_t>(t) - 1];
      places_[column] = place_of(places[at], t);
    }
    const Index words = source.begins()[at + 1] - source.begins()[at];
    weights_.push_back(weights_.back() + words * packing_.length(b));
  }
}

void Batch::assign(std::span<const Words> sources, std::span<const Words> targets,
                   std::span<const std::uint64_t> places, std::span<const Words> links_of_pairs) {
  ATTN_CHECK(sources.size() == targets.size() && sources.size() == places.size());
  ATTN_CHECK(links_of_pairs.empty() || links_of_pairs.size() == sources.size());
  sort_longest_first(
      targets.size(), [&](std::size_t i) { return targets[i].size(); }, order);
  sources_.clear(), targets_.clear(), places_.clear(), links.clear();
  for (const std::size_t i : order) {
    sources_.push_back(sources[i]);
    targets_.push_back(targets[i]);
    places_.push_back(places[i]);
    if (!links_of_pairs.empty()) links.push_back(links_of_pairs[i]);
  }
  source.assign(sources_, places_);
  target.assign(targets_, source, places_);
}

}  // namespace attn

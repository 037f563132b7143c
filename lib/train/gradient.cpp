#include "train/gradient.h"

#include <algorithm>
#include <numeric>

#include "math/ops.h"

namespace attn {

Gradient::Gradient(const Seq2Seq& model, int shards, Pool& pool)
    : model_(model), pool_(pool), shards_(static_cast<std::size_t>(shards)) {
  for (int i = 0; i < pool.threads(); ++i) scratch_.emplace_back(model);
  for (int i = 0; i < shards; ++i) arenas_.emplace_back(model.layout());
  squares_.resize(runs(arenas_[0].flat().size()));
}

void Gradient::clear() {
  pool_.for_each(arenas_.size(), [&](std::size_t s, int) { arenas_[s].set_zero(); });
  place_ = 0;
  sums_ = {};
}

void Gradient::add(const Params& w, const Corpus& corpus, std::span<const std::uint32_t> sentences,
                   double smoothing, const Noise& noise) {
  order_.resize(sentences.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) {
    const auto x = corpus.target(sentences[a]).size(), y = corpus.target(sentences[b]).size();
    return x != y ? x > y : a < b;
  });
  for (auto& shard : shards_) shard.sources.clear(), shard.targets.clear(), shard.places.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    Shard& shard = shards_[i % shards_.size()];
    shard.sources.push_back(corpus.source(sentences[order_[i]]));
    shard.targets.push_back(corpus.target(sentences[order_[i]]));
    shard.places.push_back(place_ + order_[i]);
  }
  pool_.for_each(shards_.size(), [&](std::size_t s, int worker) {
    Shard& shard = shards_[s];
    shard.loss = {};
    if (shard.sources.empty()) return;
    shard.batch.assign(shard.sources, shard.targets, shard.places);
    shard.loss = model_.loss_and_gradient(w, shard.batch, smoothing, noise,
                                          scratch_[static_cast<std::size_t>(worker)], arenas_[s]);
  });
  for (const auto& shard : shards_) {
    sums_.objective += shard.loss.objective;
    sums_.cross_entropy += shard.loss.cross_entropy;
    for (const auto& words : shard.targets) sums_.tokens += static_cast<double>(words.size());
  }
  sums_.sentences += static_cast<double>(sentences.size());
  place_ += sentences.size();
}

double Gradient::sum() {
  pool_.for_each(squares_.size(), [&](std::size_t i, int) {
    const auto total = run_of(arenas_[0].flat(), i);
    for (std::size_t s = 1; s < arenas_.size(); ++s)
      attn::add(static_cast<Index>(total.size()), run_of(arenas_[s].flat(), i).data(),
                total.data());
    double square = 0;
    for (std::size_t k = 0; k < total.size();
         k += 256) {  // short runs in Real, their sum in double
      const auto n = static_cast<Index>(std::min<std::size_t>(256, total.size() - k));
      square += double(dot(n, total.data() + k, total.data() + k));
    }
    squares_[i] = square;
  });
  return std::accumulate(squares_.begin(), squares_.end(), 0.0);
}

}  // namespace attn

// The gradient of an update, over shards: a batch is cut into a fixed number of parts, each part
// adds into an arena of its own, and the arenas are summed in their order. So the result depends on
// train.shards and never on threads.
#pragma once

#include <span>
#include <vector>

#include "base/parallel.h"
#include "model/seq2seq.h"
#include "text/corpus.h"

namespace attn {

// Runs of an arena that workers take one by one; the same for any number of threads.
constexpr std::size_t kRun = std::size_t{1} << 16;
inline std::size_t runs(std::size_t size) {
  return (size + kRun - 1) / kRun;
}
template <class Number>
std::span<Number> run_of(std::span<Number> all, std::size_t i) {
  return all.subspan(i * kRun, std::min(kRun, all.size() - i * kRun));
}

class Gradient {
 public:
  struct Sums {
    double objective = 0, cross_entropy = 0, tokens = 0, sentences = 0;
  };

  Gradient(const Seq2Seq& model, int shards, Pool& pool);

  void clear();  // for a new update
  // Adds the gradient of a batch: sentences of the corpus by number. Batches of one update may
  // follow one another.
  void add(const Params& w, const Corpus& corpus, std::span<const std::uint32_t> sentences,
           double smoothing, const Noise& noise);
  // The sum over the shards, in the first arena, and its squared norm. After this, clear.
  double sum();

  const Params& total() const { return arenas_[0]; }
  const Sums& sums() const { return sums_; }

 private:
  struct Shard {
    Batch batch;
    std::vector<Words> sources, targets;
    std::vector<std::uint64_t> places;
    Output::Loss loss;
  };

  const Seq2Seq& model_;
  Pool& pool_;
  std::vector<Seq2Seq::Scratch> scratch_;  // of each worker
  std::vector<Shard> shards_;
  std::vector<Params> arenas_;  // of each shard
  std::vector<std::uint32_t> order_;
  std::vector<double> squares_;  // of each run
  std::uint64_t place_ = 0;      // sentences so far in this update
  Sums sums_;
};

}  // namespace attn

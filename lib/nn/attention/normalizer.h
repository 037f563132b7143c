// Normalizers: functions from the energies of one query to its attention weights. T is the
// temperature.
//   softmax    α = e^(e/T) / Σ e^(e/T)                            (Bahdanau et al. 2015)
//   sparsemax  the point of the simplex that is nearest to e/T    (Martins and Astudillo 2016)
//   entmax15   α = [e/2T − τ]²₊, with τ such that Σ α = 1         (Peters et al. 2019)
//   top_k      softmax over the k words with the largest energies; of equal energies, the earlier
//   threshold  softmax over the words whose softmax weight is at least θ times the largest
//   hard       weight 1 for one word, which training samples from the softmax; translation takes
//              the word with the largest energy                   (Xu et al. 2015)
#pragma once

#include <memory>

#include "base/registry.h"
#include "nn/dropout.h"

namespace attn {

struct NormalizerOptions {
  Real temperature = 1;
  int k = 1;
  Real threshold = Real(0.1);  // θ
};

// The input of a stochastic normalizer for sampling and for its gradient estimate.
struct SamplingContext {
  const DropoutContext& noise;
  std::uint64_t example_id;  // key of the column's random numbers
  Index head;                // each head samples independently, as the estimate requires
  // For the backward pass: log-probability of the target from this step on, minus a baseline.
  Real advantage = 0;
};

class Normalizer {
 public:
  explicit Normalizer(const NormalizerOptions& options) : temperature_(options.temperature) {}
  virtual ~Normalizer() = default;
  Normalizer(const Normalizer&) = delete;
  Normalizer& operator=(const Normalizer&) = delete;

  // Replaces n energies by attention weights; n must be at least 1.
  void forward(Index n, const SamplingContext& sampling, Real* e) const {
    for (Index i = 0; i < n; ++i) e[i] /= temperature_;
    normalize(n, sampling, e);
  }
  // Replaces the gradient of the weights by the gradient of the energies. A stochastic normalizer
  // reads sampling.advantage instead of the gradient of the weights, and needs the energies; for
  // all others, `energies` may be null.
  void backward(Index n, const SamplingContext& sampling, const Real* energies, const Real* weights,
                Real* d) const {
    normalize_backward(n, sampling, energies, weights, d);
    for (Index i = 0; i < n; ++i) d[i] /= temperature_;
  }

 protected:
  // Implement forward() and backward() without the temperature: e is already divided by it, and the
  // caller divides d. `energies` are the original ones.
  virtual void normalize(Index n, const SamplingContext& sampling, Real* e) const = 0;
  virtual void normalize_backward(Index n, const SamplingContext& sampling, const Real* energies,
                                  const Real* weights, Real* d) const = 0;
  Real temperature() const { return temperature_; }

 private:
  Real temperature_;
};

using MakeNormalizer = std::unique_ptr<Normalizer> (*)(const NormalizerOptions& options);
struct NormalizerKind {
  MakeNormalizer make;
  bool stochastic = false;  // samples in training; its weights have no gradient
};
// Returns the table of all normalizers.
const Registry<NormalizerKind>& normalizers();

}  // namespace attn

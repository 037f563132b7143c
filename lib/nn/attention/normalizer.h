// From energies to weights, one sentence at a time.
//   softmax    α = e^(e/T) / Σ e^(e/T)
//   sparsemax  the point of the simplex nearest to e/T            (Martins and Astudillo 2016)
//   entmax15   α = [e/2T − τ]²₊, τ such that Σ α = 1               (Peters et al. 2019)
//   top_k      softmax over the k words of largest energy, among equals the earlier
//   threshold  softmax over the words whose weight is at least θ times the largest
//   hard       one word, drawn from the softmax in training, the likeliest in translation
//              (Xu et al. 2015)
#pragma once

#include <memory>

#include "base/registry.h"
#include "nn/dropout.h"

namespace attn {

struct NormalizerOptions {
  Real temperature = 1;
  int k = 1;
  Real threshold = Real(0.1);
};

// What drawing a word needs to know of the step.
struct Draw {
  const DropoutContext& noise;
  std::uint64_t example_id;  // of the column in the update
  Index head;                // each draws by itself: the estimate of the gradient is for such draws
  Real advantage = 0;  // in backward: how much better than expected the target did from here on
};

class Normalizer {
 public:
  explicit Normalizer(const NormalizerOptions& options) : temperature_(options.temperature) {}
  virtual ~Normalizer() = default;
  Normalizer(const Normalizer&) = delete;
  Normalizer& operator=(const Normalizer&) = delete;

  // Energies become weights, in example_id; n is at least 1.
  void weigh(Index n, const Draw& draw, Real* e) const {
    for (Index i = 0; i < n; ++i) e[i] /= temperature_;
    choose(n, draw, e);
  }
  // The weights' gradient becomes the energies'. A kind that draws does not look at the weights'
  // gradient but at the advantage, and needs the energies again.
  void backward(Index n, const Draw& draw, const Real* energies, const Real* weights,
                Real* d) const {
    choose_backward(n, draw, energies, weights, d);
    for (Index i = 0; i < n; ++i) d[i] /= temperature_;
  }

 protected:
  virtual void choose(Index n, const Draw& draw, Real* e) const = 0;
  virtual void choose_backward(Index n, const Draw& draw, const Real* energies, const Real* weights,
                               Real* d) const = 0;
  Real temperature() const { return temperature_; }

 private:
  Real temperature_;
};

using MakeNormalizer = std::unique_ptr<Normalizer> (*)(const NormalizerOptions& options);
struct NormalizerKind {
  MakeNormalizer make;
  bool stochastic = false;  // in training: there is no gradient of its weights
};
const Registry<NormalizerKind>& normalizers();

}  // namespace attn

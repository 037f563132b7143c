#include "nn/attention/normalizer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "math/softmax.h"

namespace attn {
namespace {

class SoftmaxWeights : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void choose(Index n, const Draw&, Real* e) const override { softmax(n, e); }
  void choose_backward(Index n, const Draw&, const Real*, const Real* weights,
                       Real* d) const override {
    softmax_backward(n, weights, d);
  }
};

// Sets all but some weights to zero, and divides these by their sum.
template <class Keep>
void filter(Index n, Real* weights, Keep keep) {
  Real sum = 0;
  for (Index i = 0; i < n; ++i) {
    if (!keep(i)) weights[i] = 0;
    sum += weights[i];
  }
  for (Index i = 0; i < n; ++i) weights[i] /= sum;
}

class TopK : public SoftmaxWeights {
 public:
  explicit TopK(const NormalizerOptions& options) : SoftmaxWeights(options), k_(options.k) {}

 protected:
  void choose(Index n, const Draw& draw, Real* e) const override {
    if (n <= k_) return SoftmaxWeights::choose(n, draw, e);
    thread_local std::vector<Real> energies, ordered;
    energies.assign(e, e + n);
    ordered = energies;
    std::nth_element(ordered.begin(), ordered.begin() + k_ - 1, ordered.end(), std::greater<>());
    const Real least = ordered[static_cast<std::size_t>(k_) - 1];
    Index equals = k_ - std::ranges::count_if(energies, [&](Real x) { return x > least; });
    SoftmaxWeights::choose(n, draw, e);
    filter(n, e, [&](Index i) {
      const Real energy = energies[static_cast<std::size_t>(i)];
      return energy > least || (energy == least && equals-- > 0);
    });
  }

 private:
  Index k_;
};

class Threshold : public SoftmaxWeights {
 public:
  explicit Threshold(const NormalizerOptions& options)
      : SoftmaxWeights(options), part_(static_cast<Real>(options.threshold)) {}

 protected:
  void choose(Index n, const Draw& draw, Real* e) const override {
    SoftmaxWeights::choose(n, draw, e);
    const Real least = part_ * *std::max_element(e, e + n);
    filter(n, e, [&](Index i) { return e[i] >= least; });
  }

 private:
  Real part_;
};

// Both find the τ at which the weights' sum is 1 by Newton's method, from where the largest alone
// gives 1: the sum is convex in τ and falls, so that no step passes the root.
constexpr int kSteps = 100;  // a handful are needed

// Weights depend on differences alone, and beside large energies 1 would be lost.
void subtract_max(Index n, Real* e) {
  const Real largest = *std::max_element(e, e + n);
  for (Index i = 0; i < n; ++i) e[i] -= largest;
}

class Sparsemax : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void choose(Index n, const Draw&, Real* e) const override {
    subtract_max(n, e);
    Real tau = -1;
    for (int step = 0; step < kSteps; ++step) {
      Real sum = 0, count = 0;
      for (Index i = 0; i < n; ++i)
        if (e[i] > tau) sum += e[i], ++count;
      const Real next = (sum - 1) / count;
      if (next <= tau) break;
      tau = next;
    }
    for (Index i = 0; i < n; ++i) e[i] = std::max(e[i] - tau, Real(0));
  }
  void choose_backward(Index n, const Draw&, const Real*, const Real* weights,
                       Real* d) const override {
    Real sum = 0, count = 0;
    for (Index i = 0; i < n; ++i)
      if (weights[i] > 0) sum += d[i], ++count;
    for (Index i = 0; i < n; ++i) d[i] = weights[i] > 0 ? d[i] - sum / count : Real(0);
  }
};

class Entmax15 : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void choose(Index n, const Draw&, Real* e) const override {
    subtract_max(n, e);
    for (Index i = 0; i < n; ++i) e[i] /= 2;
    Real tau = -1;
    for (int step = 0; step < kSteps; ++step) {
      Real sum = 0, squares = 0;
      for (Index i = 0; i < n; ++i) {
        const Real above = std::max(e[i] - tau, Real(0));
        sum += above, squares += above * above;
      }
      const Real next = tau + (squares - 1) / (2 * sum);
      if (next <= tau) break;
      tau = next;
    }
    for (Index i = 0; i < n; ++i) {
      const Real root = std::max(e[i] - tau, Real(0));
      e[i] = root * root;
    }
  }
  // s = √α: de = s∘dα − s (s·dα) / Σ s
  void choose_backward(Index n, const Draw&, const Real*, const Real* weights,
                       Real* d) const override {
    Real along = 0, sum = 0;
    for (Index i = 0; i < n; ++i) {
      const Real s = std::sqrt(weights[i]);
      along += s * d[i];
      sum += s;
    }
    for (Index i = 0; i < n; ++i) d[i] = std::sqrt(weights[i]) * (d[i] - along / sum);
  }
};

// d ln p(drawn) = [i = drawn] − p_i, times the advantage: an estimate of the gradient of the
// expected log-probability (Williams 1992). The objective falls where that rises.
class Hard : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void choose(Index n, const Draw& draw, Real* e) const override {
    Index chosen = std::max_element(e, e + n) - e;
    if (draw.noise.on) {
      softmax(n, e);
      const RandomKey key = draw.noise.key.at("attention.draw");
      double left = key.at(static_cast<std::uint64_t>(draw.head)).at(draw.example_id).uniform();
      for (chosen = 0; chosen + 1 < n && left >= double(e[chosen]); ++chosen)
        left -= double(e[chosen]);
    }
    std::fill_n(e, n, Real(0));
    e[chosen] = 1;
  }
  void choose_backward(Index n, const Draw& draw, const Real* energies, const Real* weights,
                       Real* d) const override {
    for (Index i = 0; i < n; ++i) d[i] = energies[i] / temperature();
    softmax(n, d);
    for (Index i = 0; i < n; ++i) d[i] = draw.advantage * (d[i] - weights[i]);
  }
};

template <class Kind>
std::unique_ptr<Normalizer> make_weighting(const NormalizerOptions& options) {
  return std::make_unique<Kind>(options);
}

}  // namespace

const Registry<NormalizerKind>& normalizers() {
  static const Registry<NormalizerKind> table = {
      {"softmax",
       "e^e/Σe^e: soft attention (Bahdanau et al. 2015)",
       {make_weighting<SoftmaxWeights>}},
      {"sparsemax",
       "the nearest point of the simplex (Martins and Astudillo 2016)",
       {make_weighting<Sparsemax>}},
      {"entmax15",
       "between softmax and sparsemax (Peters et al. 2019)",
       {make_weighting<Entmax15>}},
      {"top_k", "softmax over the k largest, among equals the earlier", {make_weighting<TopK>}},
      {"threshold",
       "softmax over those not below a part of the largest",
       {make_weighting<Threshold>}},
      {"hard", "one word, drawn in training (Xu et al. 2015)", {make_weighting<Hard>, true}},
  };
  return table;
}

}  // namespace attn

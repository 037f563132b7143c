#include "nn/attention/normalizer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "math/softmax.h"

namespace attn {
namespace {

class SoftmaxNormalizer : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void normalize(Index n, const SamplingContext&, Real* e) const override { softmax(n, e); }
  void normalize_backward(Index n, const SamplingContext&, const Real*, const Real* weights,
                          Real* d) const override {
    softmax_backward(n, weights, d);
  }
};

// Sets weights[i] to zero where keep(i) is false, and divides the others by their sum.
template <class Keep>
void filter(Index n, Real* weights, Keep keep) {
  Real sum = 0;
  for (Index i = 0; i < n; ++i) {
    if (!keep(i)) weights[i] = 0;
    sum += weights[i];
  }
  for (Index i = 0; i < n; ++i) weights[i] /= sum;
}

class TopK : public SoftmaxNormalizer {
 public:
  explicit TopK(const NormalizerOptions& options) : SoftmaxNormalizer(options), k_(options.k) {}

 protected:
  void normalize(Index n, const SamplingContext& sampling, Real* e) const override {
    if (n <= k_) return SoftmaxNormalizer::normalize(n, sampling, e);
    thread_local std::vector<Real> energies, ordered;
    energies.assign(e, e + n);
    ordered = energies;
    std::nth_element(ordered.begin(), ordered.begin() + k_ - 1, ordered.end(), std::greater<>());
    const Real smallest = ordered[static_cast<std::size_t>(k_) - 1];
    Index ties = k_ - std::ranges::count_if(energies, [&](Real x) { return x > smallest; });
    SoftmaxNormalizer::normalize(n, sampling, e);
    filter(n, e, [&](Index i) {
      const Real energy = energies[static_cast<std::size_t>(i)];
      return energy > smallest || (energy == smallest && ties-- > 0);
    });
  }

 private:
  Index k_;
};

class Threshold : public SoftmaxNormalizer {
 public:
  explicit Threshold(const NormalizerOptions& options)
      : SoftmaxNormalizer(options), fraction_(static_cast<Real>(options.threshold)) {}

 protected:
  void normalize(Index n, const SamplingContext& sampling, Real* e) const override {
    SoftmaxNormalizer::normalize(n, sampling, e);
    const Real smallest = fraction_ * *std::max_element(e, e + n);
    filter(n, e, [&](Index i) { return e[i] >= smallest; });
  }

 private:
  Real fraction_;
};

// Sparsemax and entmax15 find the τ for which the weights sum to 1 with Newton's method. They start
// at the τ for which the weight of the largest energy alone is 1. The sum is convex and decreasing
// in τ, so that no step passes the root.
constexpr int kMaxSteps = 100;  // few are needed

// Subtracts the largest energy from all. This does not change the weights, and keeps τ accurate for
// large energies.
void subtract_max(Index n, Real* e) {
  const Real largest = *std::max_element(e, e + n);
  for (Index i = 0; i < n; ++i) e[i] -= largest;
}

class Sparsemax : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void normalize(Index n, const SamplingContext&, Real* e) const override {
    subtract_max(n, e);
    Real tau = -1;
    for (int step = 0; step < kMaxSteps; ++step) {
      Real sum = 0, count = 0;
      for (Index i = 0; i < n; ++i)
        if (e[i] > tau) sum += e[i], ++count;
      const Real next = (sum - 1) / count;
      if (next <= tau) break;
      tau = next;
    }
    for (Index i = 0; i < n; ++i) e[i] = std::max(e[i] - tau, Real(0));
  }
  void normalize_backward(Index n, const SamplingContext&, const Real*, const Real* weights,
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
  void normalize(Index n, const SamplingContext&, Real* e) const override {
    subtract_max(n, e);
    for (Index i = 0; i < n; ++i) e[i] /= 2;
    Real tau = -1;
    for (int step = 0; step < kMaxSteps; ++step) {
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
  // With s = √α:  de = s∘dα − s (s·dα) / Σ s
  void normalize_backward(Index n, const SamplingContext&, const Real*, const Real* weights,
                          Real* d) const override {
    Real product_sum = 0, sum = 0;
    for (Index i = 0; i < n; ++i) {
      const Real s = std::sqrt(weights[i]);
      product_sum += s * d[i];
      sum += s;
    }
    for (Index i = 0; i < n; ++i) d[i] = std::sqrt(weights[i]) * (d[i] - product_sum / sum);
  }
};

// Estimates the gradient of the expected log-probability by the advantage times the gradient of the
// log-probability of the sampled word (Williams 1992): d ln p_s / de_i = [i = s] − p_i. The sign is
// that of the objective, the negative log-probability.
class Hard : public Normalizer {
 public:
  using Normalizer::Normalizer;

 protected:
  void normalize(Index n, const SamplingContext& sampling, Real* e) const override {
    Index word = std::max_element(e, e + n) - e;
    if (sampling.noise.on) {
      softmax(n, e);
      const RandomKey key = sampling.noise.key.at("attention.draw");
      double rest =
          key.at(static_cast<std::uint64_t>(sampling.head)).at(sampling.example_id).uniform();
      for (word = 0; word + 1 < n && rest >= double(e[word]); ++word) rest -= double(e[word]);
    }
    std::fill_n(e, n, Real(0));
    e[word] = 1;
  }
  void normalize_backward(Index n, const SamplingContext& sampling, const Real* energies,
                          const Real* weights, Real* d) const override {
    for (Index i = 0; i < n; ++i) d[i] = energies[i] / temperature();
    softmax(n, d);
    for (Index i = 0; i < n; ++i) d[i] = sampling.advantage * (d[i] - weights[i]);
  }
};

template <class Kind>
std::unique_ptr<Normalizer> make_normalizer(const NormalizerOptions& options) {
  return std::make_unique<Kind>(options);
}

}  // namespace

const Registry<NormalizerKind>& normalizers() {
  static const Registry<NormalizerKind> table = {
      {"softmax",
       "soft attention (Bahdanau et al. 2015)",
       {.make = make_normalizer<SoftmaxNormalizer>}},
      {"sparsemax",
       "projection onto the simplex, with exact zeros (Martins and Astudillo 2016)",
       {.make = make_normalizer<Sparsemax>}},
      {"entmax15",
       "1.5-entmax, between softmax and sparsemax (Peters et al. 2019)",
       {.make = make_normalizer<Entmax15>}},
      {"top_k",
       "softmax over the k words with the largest scores; ties go to the earlier word",
       {.make = make_normalizer<TopK>}},
      {"threshold",
       "softmax over the words whose weight is at least a fraction of the largest",
       {.make = make_normalizer<Threshold>}},
      {"hard",
       "a single word, sampled in training, otherwise the one with the largest score (Xu et al. "
       "2015)",
       {.make = make_normalizer<Hard>, .stochastic = true}},
  };
  return table;
}

}  // namespace attn

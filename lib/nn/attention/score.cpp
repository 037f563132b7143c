#include "nn/attention/score.h"

#include <cmath>

#include "math/fast_math.h"
#include "nn/attention/additive_score.h"

namespace attn {
namespace {

// Base class of scores that compare the decoder state with source states of the same size.
class SameSizeScore : public AttentionScore {
 public:
  explicit SameSizeScore(const AttentionScoreSizes& sizes) : rows_(sizes.value) {
    ATTN_CHECK(sizes.value == sizes.state);
  }
  Index key_rows() const override { return rows_; }
  Index query_rows() const override { return rows_; }

  void keys(const Weights&, In values, Out keys) const override { copy(values, keys); }
  void query(const Weights&, In state, Out query) const override { copy(state, query); }
  void query_backward(const Weights&, In, In, In dquery, Out dstate) const override {
    add(dquery, dstate);
  }
  void keys_backward(const Weights&, In, In, In dkeys, Out dvalues) const override {
    add(dkeys, dvalues);
  }
  void accumulate(In, In, In, In, WeightGradients) const override {}

 private:
  Index rows_;
};

// Computes a q·k for each key k.
void scaled_products(Real a, const KeyBlock& block, const Real* query, Real* energies) {
  for (Index j = 0; j < block.keys.cols(); ++j)
    energies[j] = a * dot(block.keys.rows(), block.keys.col(j), query);
}
void scaled_products_backward(Real a, const KeyBlock& block, const Real* query,
                              const Real* denergies, Out dkeys, Real* dquery) {
  for (Index j = 0; j < block.keys.cols(); ++j) {
    add_scaled(block.keys.rows(), a * denergies[j], query, dkeys.col(j));
    add_scaled(block.keys.rows(), a * denergies[j], block.keys.col(j), dquery);
  }
}

class Dot : public SameSizeScore {
 public:
  Dot(const AttentionScoreSizes& sizes, Real scale) : SameSizeScore(sizes), scale_(scale) {}

  void energies(const Weights&, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    scaled_products(scale_, block, query, energies);
  }
  void energies_backward(const Weights&, const KeyBlock& block, const Real* query,
                         const Real* denergies, WeightGradients, Out dkeys, Real* dquery,
                         Real*) const override {
    scaled_products_backward(scale_, block, query, denergies, dkeys, dquery);
  }

 private:
  Real scale_;
};

// Computes y = x / max(‖x‖, floor) for each column.
constexpr Real kFloor = Real(1e-6);
Real length_of(In x, Index j) {
  return std::max(std::sqrt(dot(x.rows(), x.col(j), x.col(j))), kFloor);
}
void scale_to_unit_length(In x, Out y) {
  for (Index j = 0; j < x.cols(); ++j) y.map().col(j) = x.map().col(j) / length_of(x, j);
}
void normalize_backward(In x, In y, In dy, Out dx) {
  for (Index j = 0; j < x.cols(); ++j) {
    const Real length = length_of(x, j);
    const Real along = length > kFloor ? dot(y.rows(), y.col(j), dy.col(j)) : Real(0);
    dx.map().col(j) += (dy.map().col(j) - along * y.map().col(j)) / length;
  }
}

// τ √d cos(q, h) with a learned τ, initially 1.
class Cosine : public SameSizeScore {
 public:
  Cosine(Scope at, const AttentionScoreSizes& sizes)
      : SameSizeScore(sizes),
        tau_(at.vector("tau", 1, Role::scale)),
        root_(std::sqrt(static_cast<Real>(sizes.value))) {}

  void keys(const Weights&, In values, Out keys) const override {
    scale_to_unit_length(values, keys);
  }
  void query(const Weights&, In state, Out query) const override {
    scale_to_unit_length(state, query);
  }

  void energies(const Weights& w, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    scaled_products(*w.data(tau_) * root_, block, query, energies);
  }
  void energies_backward(const Weights& w, const KeyBlock& block, const Real* query,
                         const Real* denergies, WeightGradients g, Out dkeys, Real* dquery,
                         Real*) const override {
    for (Index j = 0; j < block.keys.cols(); ++j)
      *g.data(tau_) += denergies[j] * root_ * dot(block.keys.rows(), block.keys.col(j), query);
    scaled_products_backward(*w.data(tau_) * root_, block, query, denergies, dkeys, dquery);
  }
  void query_backward(const Weights&, In state, In query, In dquery, Out dstate) const override {
    normalize_backward(state, query, dquery, dstate);
  }
  void keys_backward(const Weights&, In values, In keys, In dkeys, Out dvalues) const override {
    normalize_backward(values, keys, dkeys, dvalues);
  }

 private:
  Slot tau_;
  Real root_;
};

// −‖q − h‖² / 2σ², σ² = d e^ρ, with a learned ρ, initially 0. With softmax, the attention weights
// are those of Nadaraya-Watson kernel regression.
class Gaussian : public SameSizeScore {
 public:
  Gaussian(Scope at, const AttentionScoreSizes& sizes)
      : SameSizeScore(sizes), rho_(at.vector("rho", 1)), size_(static_cast<Real>(sizes.value)) {}

  Index operations() const override { return 3 * key_rows(); }

  void energies(const Weights& w, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    const Real a = factor(w);
    for (Index j = 0; j < block.keys.cols(); ++j)
      energies[j] = a * squared_distance(block.keys.rows(), block.keys.col(j), query);
  }
  void energies_backward(const Weights& w, const KeyBlock& block, const Real* query,
                         const Real* denergies, WeightGradients g, Out dkeys, Real* dquery,
                         Real*) const override {
    const Real a = factor(w);
    for (Index j = 0; j < block.keys.cols(); ++j)
      *g.data(rho_) -= a * denergies[j] *
                       squared_distance_backward(block.keys.rows(), 2 * a * denergies[j],
                                                 block.keys.col(j), query, dkeys.col(j), dquery);
  }

 private:
  Real factor(const Weights& w) const { return -1 / (2 * size_ * std::exp(*w.data(rho_))); }

  static Real squared_distance(Index n, const Real* __restrict k, const Real* __restrict q) {
    Real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (Index i = 0; i < n; ++i) sum += (k[i] - q[i]) * (k[i] - q[i]);
    return sum;
  }
  // Returns the squared distance; adds d times half its gradient to dk and dq.
  static Real squared_distance_backward(Index n, Real d, const Real* __restrict k,
                                        const Real* __restrict q, Real* __restrict dk,
                                        Real* __restrict dq) {
    Real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (Index i = 0; i < n; ++i) {
      const Real difference = k[i] - q[i];
      sum += difference * difference;
      dk[i] += d * difference;
      dq[i] -= d * difference;
    }
    return sum;
  }

  Slot rho_;
  Real size_;
};

// q·W h, with keys W h.
class General : public AttentionScore {
 public:
  General(Scope at, const AttentionScoreSizes& sizes)
      : w_(at.matrix("w", sizes.state, sizes.value, Role::attention)) {}
  Index key_rows() const override { return w_.rows; }
  Index query_rows() const override { return w_.rows; }

  void keys(const Weights& w, In values, Out keys) const override { product(w, w_, values, keys); }
  void query(const Weights&, In state, Out query) const override { copy(state, query); }
  void energies(const Weights&, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    scaled_products(1, block, query, energies);
  }
  void energies_backward(const Weights&, const KeyBlock& block, const Real* query,
                         const Real* denergies, WeightGradients, Out dkeys, Real* dquery,
                         Real*) const override {
    scaled_products_backward(1, block, query, denergies, dkeys, dquery);
  }
  void query_backward(const Weights&, In, In, In dquery, Out dstate) const override {
    add(dquery, dstate);
  }
  void keys_backward(const Weights& w, In, In, In dkeys, Out dvalues) const override {
    add_transposed_product(w, w_, dkeys, dvalues);
  }
  void accumulate(In values, In dkeys, In, In, WeightGradients g) const override {
    add_outer_product(dkeys, values, g, w_);
  }

 private:
  Slot w_;
};

// (W q)_j depends only on the position j of a word, which must be below max_positions.
class Location : public AttentionScore {
 public:
  Location(Scope at, const AttentionScoreSizes& sizes)
      : w_(at.matrix("w", sizes.max_positions, sizes.state, Role::attention)) {}
  Index key_rows() const override { return 0; }
  Index query_rows() const override { return w_.rows; }
  Index max_positions() const override { return w_.rows; }

  void keys(const Weights&, In, Out) const override {}
  void query(const Weights& w, In state, Out query) const override { product(w, w_, state, query); }
  void energies(const Weights&, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    std::copy_n(query + block.first_position, block.keys.cols(), energies);
  }
  void energies_backward(const Weights&, const KeyBlock& block, const Real*, const Real* denergies,
                         WeightGradients, Out, Real* dquery, Real*) const override {
    add(block.keys.cols(), denergies, dquery + block.first_position);
  }
  void query_backward(const Weights& w, In, In, In dquery, Out dstate) const override {
    add_transposed_product(w, w_, dquery, dstate);
  }
  void keys_backward(const Weights&, In, In, In, Out) const override {}
  void accumulate(In, In, In states, In dqueries, WeightGradients g) const override {
    add_outer_product(dqueries, states, g, w_);
  }

 private:
  Slot w_;
};

std::unique_ptr<AttentionScore> make_dot(Scope, const AttentionScoreSizes& sizes) {
  return std::make_unique<Dot>(sizes, Real(1));
}
std::unique_ptr<AttentionScore> make_scaled_dot(Scope, const AttentionScoreSizes& sizes) {
  return std::make_unique<Dot>(sizes, 1 / std::sqrt(static_cast<Real>(sizes.value)));
}
template <class Kind>
std::unique_ptr<AttentionScore> make_score(Scope at, const AttentionScoreSizes& sizes) {
  return std::make_unique<Kind>(at, sizes);
}

}  // namespace

const Registry<AttentionScoreKind>& attention_scores() {
  static const Registry<AttentionScoreKind> table = {
      {"additive",
       "v·tanh(W q + U h) (Bahdanau et al. 2015, A.1.2)",
       {.make = make_additive_score, .has_hidden_layer = true}},
      {"dot", "q·h (Luong et al. 2015, 3.1)", {.make = make_dot, .same_size = true}},
      {"scaled_dot", "q·h/√d (Vaswani et al. 2017)", {.make = make_scaled_dot, .same_size = true}},
      {"cosine",
       "τ√d q·h/(‖q‖‖h‖), τ learned (after Graves et al. 2014)",
       {.make = make_score<Cosine>, .same_size = true, .scale_free = true}},
      {"general", "q·W h (Luong et al. 2015, 3.1)", {.make = make_score<General>}},
      {"gaussian",
       "−‖q − h‖²/2σ², σ² = d e^ρ, ρ learned (Nadaraya 1964, Watson 1964)",
       {.make = make_score<Gaussian>, .same_size = true}},
      {"location",
       "(W q)_j, a function of the word's position alone (Luong et al. 2015, eq. 8)",
       {.make = make_score<Location>, .uses_content = false}},
      {"none",
       "no attention; the context is the last forward state of the encoder (Cho et al. 2014)",
       {.make = nullptr}},
  };
  return table;
}

}  // namespace attn

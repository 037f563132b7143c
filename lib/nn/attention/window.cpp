#include "nn/attention/window.h"

#include <algorithm>
#include <cmath>

#include "math/fast_math.h"

namespace attn {
namespace {

class Global : public AttentionWindow {
 public:
  Span span(const Real*, Index, Index words) const override { return {0, words}; }
};

// Steps beyond the end of the source have the window of the last word.
class LocalM : public AttentionWindow {
 public:
  explicit LocalM(const AttentionWindowOptions& options) : width_(options.width) {}

  Span span(const Real*, Index t, Index words) const override {
    const Index p = std::min(t, words - 1);
    return {std::max<Index>(p - width_, 0), std::min(p + width_ + 1, words)};
  }

 private:
  Index width_;
};

// Saves the hidden layer u = tanh(W s) and r = σ(v·u). The center is p = S r.
class LocalP : public AttentionWindow {
 public:
  LocalP(Scope at, const AttentionWindowOptions& options)
      : width_(options.width),
        w_(at.matrix("w", options.hidden_size, options.state, Role::attention)),
        v_(at.vector("v", options.hidden_size, Role::attention_vector)) {}

  Index saved_rows() const override { return w_.rows + 1; }

  void center(const Weights& w, In state, Out saved) const override {
    product(w, w_, state, saved.row_range(0, w_.rows));
    for (Index j = 0; j < saved.cols(); ++j) {
      Real* u = saved.col(j);
      for (Index i = 0; i < w_.rows; ++i) u[i] = fast_tanh(u[i]);
      u[w_.rows] = fast_logistic(dot(w_.rows, w.data(v_), u));
    }
  }

  Span span(const Real* saved, Index, Index words) const override {
    const Real p = center_of(saved, words);
    const auto at = [&](Real x) { return std::clamp<Index>(static_cast<Index>(x), 0, words); };
    return {at(std::ceil(p - width())), std::max(at(std::floor(p + width()) + 1), Index(1))};
  }

  void reweight(const Real* saved, const Span& span, Index words, Real* weights) const override {
    for (Index j = 0; j < span.size(); ++j) weights[j] *= gaussian(saved, span, words, j);
  }

  // With α_j = a_j b_j and b_j = exp(−(j − p)²/2σ²):
  //   da_j = dα_j b_j,   dp = Σ_j dα_j α_j (j − p)/σ²
  void reweight_backward(const Real* saved, const Span& span, Index words, Real* weights, Real* d,
                         Real* dsaved) const override {
    const Real p = center_of(saved, words), sigma = width() / 2;
    Real dp = 0;
    for (Index j = 0; j < span.size(); ++j) {
      dp += d[j] * weights[j] * (static_cast<Real>(span.begin + j) - p) / (sigma * sigma);
      const Real b = gaussian(saved, span, words, j);
      d[j] *= b;
      weights[j] /= b;
    }
    dsaved[w_.rows] += dp * static_cast<Real>(words);
  }

  // Replaces the last row of dsaved, the gradient of r, by that of v·u, and the other rows by the
  // gradient of W s.
  void center_backward(const Weights& w, In saved, Out dsaved, Out dstate) const override {
    for (Index j = 0; j < saved.cols(); ++j) {
      const Real* u = saved.col(j);
      Real* d = dsaved.col(j);
      const Real r = u[w_.rows];
      d[w_.rows] *= r * (1 - r);
      for (Index i = 0; i < w_.rows; ++i) d[i] = d[w_.rows] * w.data(v_)[i] * (1 - u[i] * u[i]);
    }
    add_transposed_product(w, w_, dsaved.row_range(0, w_.rows), dstate);
  }

  void accumulate(In states, In saved, In dsaved, WeightGradients g) const override {
    add_outer_product(dsaved.row_range(0, w_.rows), states, g, w_);
    for (Index j = 0; j < saved.cols(); ++j)
      add_scaled(w_.rows, dsaved(w_.rows, j), saved.col(j), g.data(v_));
  }

 private:
  Real width() const { return static_cast<Real>(width_); }
  Real center_of(const Real* saved, Index words) const {
    return saved[w_.rows] * static_cast<Real>(words);
  }
  Real gaussian(const Real* saved, const Span& span, Index words, Index j) const {
    const Real distance =
        (static_cast<Real>(span.begin + j) - center_of(saved, words)) / (width() / 2);
    return fast_exp(-distance * distance / 2);
  }

  int width_;
  Slot w_, v_;
};

std::unique_ptr<AttentionWindow> make_global(Scope, const AttentionWindowOptions&) {
  return std::make_unique<Global>();
}
std::unique_ptr<AttentionWindow> make_local_m(Scope, const AttentionWindowOptions& options) {
  return std::make_unique<LocalM>(options);
}
std::unique_ptr<AttentionWindow> make_local_p(Scope at, const AttentionWindowOptions& options) {
  return std::make_unique<LocalP>(at, options);
}

}  // namespace

const Registry<AttentionWindowKind>& attention_windows() {
  static const Registry<AttentionWindowKind> table = {
      {"global", "all words (Luong et al. 2015, 3.1)", {.make = make_global}},
      {"local_m",
       "the words around position t at step t (Luong et al. 2015, local-m)",
       {.make = make_local_m, .is_local = true, .is_centered_at_step = true}},
      {"local_p",
       "the words around a predicted position, with Gaussian weights (Luong et al. 2015, local-p)",
       {.make = make_local_p, .is_local = true, .has_hidden_layer = true}},
  };
  return table;
}

}  // namespace attn

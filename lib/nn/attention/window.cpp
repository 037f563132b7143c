#include "nn/attention/window.h"

#include <algorithm>
#include <cmath>

#include "math/fast_math.h"

namespace attn {
namespace {

class Global : public Window {
 public:
  Span span(const Real*, Index, Index words) const override { return {0, words}; }
};

// Past the end of the sentence it stays at the last word.
class LocalM : public Window {
 public:
  explicit LocalM(const WindowOptions& options) : width_(options.width) {}

  Span span(const Real*, Index t, Index words) const override {
    const Index p = std::min(t, words - 1);
    return {std::max<Index>(p - width_, 0), std::min(p + width_ + 1, words)};
  }

 private:
  Index width_;
};

// The tape holds the hidden layer u = tanh(W s) and r = σ(v·u); p = S r.
class LocalP : public Window {
 public:
  LocalP(Scope at, const WindowOptions& options)
      : width_(options.width),
        w_(at.matrix("w", options.size, options.state, Role::attention)),
        v_(at.vector("v", options.size, Role::attention_vector)) {}

  Index saved_rows() const override { return w_.rows + 1; }

  void center(const Params& w, In state, Out tape) const override {
    product(w, w_, state, tape.topRows(w_.rows));
    for (Index j = 0; j < tape.cols(); ++j) {
      Real* u = tape.col(j).data();
      for (Index i = 0; i < w_.rows; ++i) u[i] = fast_tanh(u[i]);
      u[w_.rows] = fast_logistic(dot(w_.rows, w.data(v_), u));
    }
  }

  Span span(const Real* tape, Index, Index words) const override {
    const Real p = center(tape, words);
    const auto at = [&](Real x) { return std::clamp<Index>(static_cast<Index>(x), 0, words); };
    return {at(std::ceil(p - width())), std::max(at(std::floor(p + width()) + 1), Index(1))};
  }

  void shape(const Real* tape, const Span& span, Index words, Real* weights) const override {
    for (Index j = 0; j < span.size(); ++j) weights[j] *= bell(tape, span, words, j);
  }

  // α_j = a_j b_j, b = exp(−(j − p)²/2σ²):  da_j = dα_j b_j,  dp = Σ dα_j α_j (j − p)/σ²
  void shape_backward(const Real* tape, const Span& span, Index words, Real* weights, Real* d,
                      Real* dtape) const override {
    const Real p = center(tape, words), sigma = width() / 2;
    Real dp = 0;
    for (Index j = 0; j < span.size(); ++j) {
      dp += d[j] * weights[j] * (static_cast<Real>(span.begin + j) - p) / (sigma * sigma);
      const Real b = bell(tape, span, words, j);
      d[j] *= b;
      weights[j] /= b;
    }
    dtape[w_.rows] += dp * static_cast<Real>(words);
  }

  // dtape's last row, of r, becomes that of v·u; the rows of u that of W s.
  void center_backward(const Params& w, In tape, Out dtape, Out dstate) const override {
    for (Index j = 0; j < tape.cols(); ++j) {
      const Real* u = tape.col(j).data();
      Real* d = dtape.col(j).data();
      const Real r = u[w_.rows];
      d[w_.rows] *= r * (1 - r);
      for (Index i = 0; i < w_.rows; ++i) d[i] = d[w_.rows] * w.data(v_)[i] * (1 - u[i] * u[i]);
    }
    add_transposed_product(w, w_, dtape.topRows(w_.rows), dstate);
  }

  void accumulate(In states, In tapes, In dtapes, Params& g) const override {
    add_outer_product(dtapes.topRows(w_.rows), states, g, w_);
    for (Index j = 0; j < tapes.cols(); ++j)
      add_scaled(w_.rows, dtapes(w_.rows, j), tapes.col(j).data(), g.data(v_));
  }

 private:
  Real width() const { return static_cast<Real>(width_); }
  Real center(const Real* tape, Index words) const {
    return tape[w_.rows] * static_cast<Real>(words);
  }
  Real bell(const Real* tape, const Span& span, Index words, Index j) const {
    const Real apart = (static_cast<Real>(span.begin + j) - center(tape, words)) / (width() / 2);
    return fast_exp(-apart * apart / 2);
  }

  int width_;
  Slot w_, v_;
};

std::unique_ptr<Window> make_global(Scope, const WindowOptions&) {
  return std::make_unique<Global>();
}
std::unique_ptr<Window> make_local_m(Scope, const WindowOptions& options) {
  return std::make_unique<LocalM>(options);
}
std::unique_ptr<Window> make_local_p(Scope at, const WindowOptions& options) {
  return std::make_unique<LocalP>(at, options);
}

}  // namespace

const Registry<WindowKind>& windows() {
  static const Registry<WindowKind> table = {
      {"global", "all words (Luong et al. 2015, 3.1)", {.make = make_global}},
      {"local_m",
       "the words around position t (Luong et al. 2015, local-m)",
       {.make = make_local_m, .is_local = true, .is_centered_at_step = true}},
      {"local_p",
       "the words around a predicted position (Luong et al. 2015, local-p)",
       {.make = make_local_p, .is_local = true, .has_hidden_layer = true}},
  };
  return table;
}

}  // namespace attn

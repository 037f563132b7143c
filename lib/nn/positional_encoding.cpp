#include "nn/positional_encoding.h"

#include <algorithm>
#include <cmath>

namespace attn {
namespace {

class Sinusoidal : public PositionalEncoding {
 public:
  void vectors(const Weights&, Out p) const override {
    for (Index i = 0; i < p.rows(); ++i) {
      const double even = static_cast<double>(i - i % 2);
      const double frequency = std::pow(10000.0, -even / static_cast<double>(p.rows()));
      for (Index t = 0; t < p.cols(); ++t) {
        const double angle = static_cast<double>(t) * frequency;
        p(i, t) = static_cast<Real>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    }
  }
};

class Learned : public PositionalEncoding {
 public:
  Learned(Scope at, Index size, Index max_positions)
      : table_(at.matrix("positions", max_positions, size, Role::embedding)) {}

  void vectors(const Weights& w, Out p) const override {
    for (Index t = 0; t < p.cols(); ++t) std::copy_n(w.data(vector_at(t)), table_.cols, p.col(t));
  }
  void backward(In dp, WeightGradients g) const override {
    for (Index t = 0; t < dp.cols(); ++t) add(table_.cols, dp.col(t), g.data(vector_at(t)));
  }

 private:
  Slot vector_at(Index t) const { return table_.row_range(std::min(t, table_.rows - 1), 1); }

  Slot table_;
};

std::unique_ptr<PositionalEncoding> make_sinusoidal(Scope, Index, Index) {
  return std::make_unique<Sinusoidal>();
}
std::unique_ptr<PositionalEncoding> make_learned(Scope at, Index size, Index max_positions) {
  return std::make_unique<Learned>(at, size, max_positions);
}

}  // namespace

const Registry<PositionalEncodingKind>& positional_encodings() {
  static const Registry<PositionalEncodingKind> table = {
      {"sinusoidal",
       "adds sines and cosines of the position to each word (Vaswani et al. 2017, 3.5)",
       {.make = make_sinusoidal}},
      {"learned",
       "adds a learned vector for each position; positions beyond the maximum share the last "
       "vector "
       "(Gehring et al. 2017)",
       {.make = make_learned}},
      {"relative",
       "adds learned vectors of the distance between two words to keys and values (Shaw et al. "
       "2018)",
       {.make = nullptr, .is_relative = true}},
      {"none", "no positions; the encoder ignores the order of words", {.make = nullptr}},
  };
  return table;
}

}  // namespace attn

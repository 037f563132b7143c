#include "nn/output.h"

#include <cmath>

#include "base/error.h"
#include "math/elementary.h"

namespace attn {
namespace {

constexpr Index kChunk = 128;  // columns; V × chunk numbers stay in the last-level cache

struct Softmax {
  Real top, log_sum, sum;  // ln Σ e^z = top + log_sum
  Real scores;             // Σ z
  bool correct;
};

// z stays; the rest of a column's loss needs these sums alone.
Softmax summarise(Index n, const Real* __restrict z, int word) {
  Real top = z[0];
#pragma omp simd reduction(max : top)
  for (Index i = 0; i < n; ++i) top = z[i] > top ? z[i] : top;
  Real sum = 0, scores = 0;
#pragma omp simd reduction(+ : sum, scores)
  for (Index i = 0; i < n; ++i) {
    sum += fast_exp(z[i] - top);
    scores += z[i];
  }
  return {top, std::log(sum), sum, scores, z[word] >= top};
}

// z ← dz = p − q.
void gradient(Index n, const Softmax& s, int word, double smoothing, Real* __restrict z) {
  const Real scale = 1 / s.sum, uniform = static_cast<Real>(smoothing / static_cast<double>(n));
  for (Index i = 0; i < n; ++i) z[i] = fast_exp(z[i] - s.top) * scale - uniform;
  z[word] -= static_cast<Real>(1 - smoothing);
}

// One column's share of the loss; returns ln p of the word.
Real add_loss(Index n, const Softmax& s, Real score, double smoothing, Output::Loss& loss) {
  const double log_total = double(s.top) + double(s.log_sum), log_prob = double(score) - log_total;
  const double mean = double(s.scores) / static_cast<double>(n) - log_total;
  loss.cross_entropy -= log_prob;
  loss.objective -= (1 - smoothing) * log_prob + smoothing * mean;
  loss.correct += s.correct;
  return static_cast<Real>(log_prob);
}

}  // namespace

Output::Output(Scope at, Index in, Index vocabulary)
    : w_(at.matrix("w", vocabulary, in, Role::output)), b_(at.vector("b", vocabulary)) {}

Output::Output(Scope at, Slot embeddings) : w_(embeddings), b_(at.vector("b", embeddings.rows)) {}

void Output::log_probs(const Params& w, In t, Out log_probs) const {
  product(w, w_, t, log_probs);
  add_bias(w, b_, log_probs);
  for (Index j = 0; j < log_probs.cols(); ++j) {
    Real* z = log_probs.col(j).data();
    const Softmax s = summarise(vocabulary(), z, 0);
    const Real log_total = s.top + s.log_sum;
    for (Index i = 0; i < vocabulary(); ++i) z[i] -= log_total;
  }
}

Output::Loss Output::loss(const Params& w, In t, std::span<const int> words, double smoothing,
                          std::span<Real> log_probs, Workspace& ws) const {
  Loss loss;
  for (Index begin = 0; begin < t.cols(); begin += kChunk) {
    const auto scope = ws.scope();
    const Index columns = std::min(kChunk, t.cols() - begin);
    View z = ws.take(vocabulary(), columns);
    product(w, w_, t.middleCols(begin, columns), z);
    add_bias(w, b_, z);
    for (Index j = 0; j < columns; ++j) {
      const auto at = static_cast<std::size_t>(begin + j);
      const Softmax s = summarise(vocabulary(), z.col(j).data(), words[at]);
      log_probs[at] = add_loss(vocabulary(), s, z(words[at], j), smoothing, loss);
    }
  }
  return loss;
}

Output::Loss Output::loss_and_gradient(const Params& w, In t, std::span<const int> words,
                                       double smoothing, std::span<Real> log_probs, Params& g,
                                       Out dt, Workspace& ws) const {
  Loss loss;
  for (Index begin = 0; begin < t.cols(); begin += kChunk) {
    const auto scope = ws.scope();
    const Index columns = std::min(kChunk, t.cols() - begin);
    const auto chunk = t.middleCols(begin, columns);
    View z = ws.take(vocabulary(), columns);
    product(w, w_, chunk, z);
    add_bias(w, b_, z);
    for (Index j = 0; j < columns; ++j) {
      const auto at = static_cast<std::size_t>(begin + j);
      const Softmax s = summarise(vocabulary(), z.col(j).data(), words[at]);
      log_probs[at] = add_loss(vocabulary(), s, z(words[at], j), smoothing, loss);
      gradient(vocabulary(), s, words[at], smoothing, z.col(j).data());
    }
    add_outer_product(z, chunk, g, w_);
    add_bias_gradient(z, g, b_);
    add_transposed_product(w, w_, z, dt.middleCols(begin, columns));
  }
  return loss;
}

}  // namespace attn

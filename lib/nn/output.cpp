#include "nn/output.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/profile.h"
#include "math/fast_math.h"

namespace attn {
namespace {

constexpr Index kMaxChunk = 256;  // columns

// Returns the width of chunks of nearly equal width.
Index chunk_size(Index columns) {
  const Index chunks = (columns + kMaxChunk - 1) / kMaxChunk;
  return chunks == 0 ? 1 : (columns + chunks - 1) / chunks;
}

// Results of the softmax of a column for the loss and its gradient. Here, z includes the bias.
struct Softmax {
  Real log_total;   // ln Σ e^z
  Real sum;         // Σ e^(z − max z)
  Real logits_sum;  // Σ z
  Real logit;       // z of the target word
  bool correct;     // whether the target word is the most probable
};

// Adds the bias to z = W t of one column and replaces it by e^(z − max z), in two passes while it
// is in the L1 cache.
Softmax exponentiate(Index n, const Real* __restrict bias, int word, Real* __restrict z) {
  Real top = std::numeric_limits<Real>::lowest(), logits_sum = 0;
#pragma omp simd reduction(max : top) reduction(+ : logits_sum)
  for (Index i = 0; i < n; ++i) {
    z[i] += bias[i];
    logits_sum += z[i];
    top = z[i] > top ? z[i] : top;
  }
  const Real logit = z[word];
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) {
    z[i] = fast_exp(z[i] - top);
    sum += z[i];
  }
  return {top + std::log(sum), sum, logits_sum, logit, logit >= top};
}

// Adds the bias to z = W t of one column and replaces it by ln p.
void log_softmax(Index n, const Real* __restrict bias, Real* __restrict z) {
  Real top = std::numeric_limits<Real>::lowest();
#pragma omp simd reduction(max : top)
  for (Index i = 0; i < n; ++i) {
    z[i] += bias[i];
    top = z[i] > top ? z[i] : top;
  }
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += fast_exp(z[i] - top);
  const Real log_total = top + std::log(sum);
  for (Index i = 0; i < n; ++i) z[i] -= log_total;
}

// Replaces e^(z − max z) of one column by dz = p − q, and adds dz to the gradient of the bias.
void gradient(Index n, const Softmax& s, int word, double smoothing, Real* __restrict z,
              Real* __restrict dbias) {
  const Real scale = 1 / s.sum, uniform = static_cast<Real>(smoothing / static_cast<double>(n));
  for (Index i = 0; i < n; ++i) z[i] = z[i] * scale - uniform;
  z[word] -= static_cast<Real>(1 - smoothing);
  add(n, z, dbias);
}

// Adds the loss of one column; returns ln p of the target word.
Real add_loss(Index n, const Softmax& s, double smoothing, Output::Loss& loss) {
  const double log_prob = double(s.logit) - double(s.log_total);
  const double mean = double(s.logits_sum) / static_cast<double>(n) - double(s.log_total);
  loss.cross_entropy -= log_prob;
  loss.objective -= (1 - smoothing) * log_prob + smoothing * mean;
  loss.correct += s.correct;
  return static_cast<Real>(log_prob);
}

}  // namespace

Output::Output(Scope at, Index in, Index vocabulary)
    : w_(at.matrix("w", vocabulary, in, Role::output)), b_(at.vector("b", vocabulary)) {}

Output::Output(Scope at, Slot embeddings) : w_(embeddings), b_(at.vector("b", embeddings.rows)) {}

void Output::log_probs(const Weights& w, In t, Out log_probs) const {
  const Timed timed(Stage::output);
  product(w, w_, t, log_probs);
  for (Index j = 0; j < log_probs.cols(); ++j)
    log_softmax(vocabulary(), w.data(b_), log_probs.col(j));
}

template <class F>
void Output::for_each_chunk(const Weights& w, In t, Workspace& ws, F&& f) const {
  const Index size = chunk_size(t.cols());
  for (Index begin = 0; begin < t.cols(); begin += size) {
    const auto scope = ws.scope();
    const auto chunk = t.columns(begin, std::min(size, t.cols() - begin));
    MatrixView z = ws.take(vocabulary(), chunk.cols());
    product(w, w_, chunk, z);
    f(begin, chunk, z);
  }
}

Output::Loss Output::loss(const Weights& w, In t, IndexSpan<const int> words, double smoothing,
                          IndexSpan<Real> log_probs, Workspace& ws) const {
  const Timed timed(Stage::output);
  Loss loss;
  for_each_chunk(w, t, ws, [&](Index begin, const auto&, MatrixView& z) {
    for (Index j = 0; j < z.cols(); ++j) {
      const Index at = begin + j;
      const Softmax s = exponentiate(vocabulary(), w.data(b_), words[at], z.col(j));
      log_probs[at] = add_loss(vocabulary(), s, smoothing, loss);
    }
  });
  return loss;
}

Output::Loss Output::loss_and_gradient(const Weights& w, In t, IndexSpan<const int> words,
                                       double smoothing, IndexSpan<Real> log_probs,
                                       WeightGradients g, Out dt, Workspace& ws) const {
  const Timed timed(Stage::output);
  Loss loss;
  for_each_chunk(w, t, ws, [&](Index begin, const auto& chunk, MatrixView& z) {
    for (Index j = 0; j < z.cols(); ++j) {
      const Index at = begin + j;
      Real* column = z.col(j);
      const Softmax s = exponentiate(vocabulary(), w.data(b_), words[at], column);
      log_probs[at] = add_loss(vocabulary(), s, smoothing, loss);
      gradient(vocabulary(), s, words[at], smoothing, column, g.data(b_));
    }
    add_outer_product(z, chunk, g, w_);
    add_transposed_product(w, w_, z, dt.columns(begin, z.cols()));
  });
  return loss;
}

}  // namespace attn

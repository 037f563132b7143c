#include "nn/output.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/profile.h"
#include "math/fast_math.h"

namespace attn {
namespace {

constexpr Index kChunk = 256;  // most columns of scores that exist at a time

// Parts of even width.
Index chunk_of(Index columns) {
  const Index chunks = (columns + kChunk - 1) / kChunk;
  return chunks == 0 ? 1 : (columns + chunks - 1) / chunks;
}

struct Softmax {
  Real log_total;  // ln Σ e^z
  Real sum;        // Σ e^(z − top)
  Real scores;     // Σ z
  Real score;      // z of the word
  bool correct;
};

// A column of scores, z = W t without its bias, becomes e^(z − top): two passes while it is in the
// nearest cache.
Softmax exponentiate(Index n, const Real* __restrict bias, int word, Real* __restrict z) {
  Real top = std::numeric_limits<Real>::lowest(), scores = 0;
#pragma omp simd reduction(max : top) reduction(+ : scores)
  for (Index i = 0; i < n; ++i) {
    z[i] += bias[i];
    scores += z[i];
    top = z[i] > top ? z[i] : top;
  }
  const Real score = z[word];
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) {
    z[i] = fast_exp(z[i] - top);
    sum += z[i];
  }
  return {top + std::log(sum), sum, scores, score, score >= top};
}

// z ← ln p.
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

// e^(z − top) ← dz = p − q, and its share of the bias's gradient.
void gradient(Index n, const Softmax& s, int word, double smoothing, Real* __restrict z,
              Real* __restrict dbias) {
  const Real scale = 1 / s.sum, uniform = static_cast<Real>(smoothing / static_cast<double>(n));
  for (Index i = 0; i < n; ++i) z[i] = z[i] * scale - uniform;
  z[word] -= static_cast<Real>(1 - smoothing);
  add(n, z, dbias);
}

// One column's share of the loss; returns ln p of the word.
Real add_loss(Index n, const Softmax& s, double smoothing, Output::Loss& loss) {
  const double log_prob = double(s.score) - double(s.log_total);
  const double mean = double(s.scores) / static_cast<double>(n) - double(s.log_total);
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
  const Timed timed(Stage::output);
  product(w, w_, t, log_probs);
  for (Index j = 0; j < log_probs.cols(); ++j)
    log_softmax(vocabulary(), w.data(b_), log_probs.col(j).data());
}

Output::Loss Output::loss(const Params& w, In t, std::span<const int> words, double smoothing,
                          std::span<Real> log_probs, Workspace& ws) const {
  const Timed timed(Stage::output);
  Loss loss;
  const Index chunk_size = chunk_of(t.cols());
  for (Index begin = 0; begin < t.cols(); begin += chunk_size) {
    const auto scope = ws.scope();
    const Index columns = std::min(chunk_size, t.cols() - begin);
    View z = ws.take(vocabulary(), columns);
    product(w, w_, t.middleCols(begin, columns), z);
    for (Index j = 0; j < columns; ++j) {
      const auto at = static_cast<std::size_t>(begin + j);
      const Softmax s = exponentiate(vocabulary(), w.data(b_), words[at], z.col(j).data());
      log_probs[at] = add_loss(vocabulary(), s, smoothing, loss);
    }
  }
  return loss;
}

Output::Loss Output::loss_and_gradient(const Params& w, In t, std::span<const int> words,
                                       double smoothing, std::span<Real> log_probs, Params& g,
                                       Out dt, Workspace& ws) const {
  const Timed timed(Stage::output);
  Loss loss;
  const Index chunk_size = chunk_of(t.cols());
  for (Index begin = 0; begin < t.cols(); begin += chunk_size) {
    const auto scope = ws.scope();
    const Index columns = std::min(chunk_size, t.cols() - begin);
    const auto chunk = t.middleCols(begin, columns);
    View z = ws.take(vocabulary(), columns);
    product(w, w_, chunk, z);
    for (Index j = 0; j < columns; ++j) {
      const auto at = static_cast<std::size_t>(begin + j);
      Real* column = z.col(j).data();
      const Softmax s = exponentiate(vocabulary(), w.data(b_), words[at], column);
      log_probs[at] = add_loss(vocabulary(), s, smoothing, loss);
      gradient(vocabulary(), s, words[at], smoothing, column, g.data(b_));
    }
    add_outer_product(z, chunk, g, w_);
    add_transposed_product(w, w_, z, dt.middleCols(begin, columns));
  }
  return loss;
}

}  // namespace attn

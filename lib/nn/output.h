// Output layer with softmax and cross-entropy loss:
//   z = W t + b,   p = softmax(z),   loss = −Σ_v q_v ln p_v,   q = (1 − ε)·[v = y] + ε/V
// ε is label smoothing (Szegedy et al. 2016, section 7). The loss processes the columns in chunks,
// so that the logits z [V × tokens] never exist as a whole.
#pragma once

#include <span>

#include "math/workspace.h"
#include "nn/linear.h"

namespace attn {

class Output {
 public:
  Output(Scope at, Index in, Index vocabulary);
  // Uses an embedding table [V × l] as W (Press and Wolf 2017).
  Output(Scope at, Slot embeddings);

  Index vocabulary() const { return b_.rows; }

  // Computes the log-probabilities of all words, [V × columns].
  void log_probs(const Weights& w, In t, Out log_probs) const;

  // Sums over the columns, in nats.
  struct Loss {
    double objective = 0;      // with label smoothing
    double cross_entropy = 0;  // without label smoothing
    double correct = 0;        // number of columns whose most probable word is the target
  };
  // Returns the loss of the target words of the columns of t [l × N], and assigns their ln p to
  // log_probs [N].
  Loss loss(const Weights& w, In t, IndexSpan<const int> words, double smoothing,
            IndexSpan<Real> log_probs, Workspace& ws) const;
  // Does the same, and adds the gradients to g and dt.
  Loss loss_and_gradient(const Weights& w, In t, IndexSpan<const int> words, double smoothing,
                         IndexSpan<Real> log_probs, WeightGradients g, Out dt, Workspace& ws) const;

 private:
  // Calls f(begin, chunk, z) for each chunk of columns of t. `begin` is the first column; z is the
  // product of W and the chunk, without bias.
  template <class F>
  void for_each_chunk(const Weights& w, In t, Workspace& ws, F&& f) const;

  Slot w_, b_;
};

}  // namespace attn

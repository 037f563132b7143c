// Output layer, softmax and cross-entropy, in chunks of columns: the scores of all words for all
// tokens never exist.
//   z = W t + b,   p = softmax(z),   loss = −Σ_v q_v ln p_v,   q = (1 − ε)·[v = y] + ε/V
// Label smoothing ε: Szegedy et al. 2016, section 7.
#pragma once

#include <span>

#include "math/workspace.h"
#include "nn/linear.h"

namespace attn {

class Output {
 public:
  // With a table of embeddings [V × l], its matrix is the output's too (Press and Wolf 2017).
  Output(Scope at, Index in, Index vocabulary);
  Output(Scope at, Slot embeddings);

  Index vocabulary() const { return b_.rows; }

  // Log-probabilities of all words, [V × columns].
  void log_probs(const Params& w, In t, Out log_probs) const;

  struct Loss {
    double objective = 0;      // with label smoothing; nats, summed over the columns
    double cross_entropy = 0;  // without
    double correct = 0;        // columns whose most probable word is the right one
  };
  // words[N] for t [l × N]; log_probs[N] receives ln p of each word. With g, adds the gradients to
  // g and dt.
  Loss loss(const Params& w, In t, std::span<const int> words, double smoothing,
            std::span<Real> log_probs, Workspace& ws) const;
  Loss loss_and_gradient(const Params& w, In t, std::span<const int> words, double smoothing,
                         std::span<Real> log_probs, Params& g, Out dt, Workspace& ws) const;

 private:
  Slot w_, b_;
};

}  // namespace attn

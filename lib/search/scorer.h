// The interface between search and models: log p(next word | previous words, source) for a batch of
// hypotheses, with one column per hypothesis.
#pragma once

#include <span>
#include <vector>

#include "math/matrix_view.h"

namespace attn {

using Ids = std::vector<int>;

// A scorer stores the state of its columns between calls. Each thread needs a scorer of its own.
class Scorer {
 public:
  virtual ~Scorer() = default;

  // Returns the number of words.
  virtual Index vocabulary() const = 0;
  // Returns the id of the end-of-sentence symbol.
  virtual int end_of_sentence() const = 0;

  // Discards all columns and creates one column per source, in the order of the sources.
  virtual void start(std::span<const Ids> sources) = 0;

  // Computes the log-probabilities of the next word of each column [vocabulary × columns]. They are
  // at most 0; -inf means that a word is impossible. `words` are the previous words of the columns,
  // -1 in the first step.
  virtual void step(std::span<const int> words, Out log_probs) = 0;

  // Replaces the columns: the new column j continues the old column parents[j]. The number of
  // columns may change.
  virtual void gather(std::span<const int> parents) = 0;

  // Returns the attention weights of one column in the last step [source positions × maps]; empty
  // without attention. A map is a head or a mean of heads. The sizes do not change between calls of
  // start. The result is valid until the next call.
  virtual ConstMatrixView attention(Index column) const = 0;
};

}  // namespace attn

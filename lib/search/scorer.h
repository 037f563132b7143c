// All that search knows of a model: log p(next word | words so far, source), one column per
// hypothesis.
#pragma once

#include <span>
#include <vector>

#include "math/types.h"

namespace attn {

using Ids = std::vector<int>;

// A scorer remembers its columns between calls. Threads: one scorer per worker.
class Scorer {
 public:
  virtual ~Scorer() = default;

  virtual Index vocabulary() const = 0;
  virtual int end_of_sentence() const = 0;

  // Begins anew with one column per sentence, in that order.
  virtual void start(std::span<const Ids> sources) = 0;

  // words: the last word of each column, -1 at the first step log_probs [vocabulary × columns]:
  // log-probabilities of the next, none above 0; -inf: impossible
  virtual void step(std::span<const int> words, Out log_probs) = 0;

  // Column j now continues column parents[j]; any number of columns.
  virtual void keep(std::span<const int> parents) = 0;

  // The last step's attention of one column [source positions × maps], empty if the model has none.
  // Both sizes stay the same from start to start. Valid until the next call.
  virtual ConstView attention(Index column) const = 0;
};

}  // namespace attn

// The work of a model: the floating point operations of a forward pass's products, 2 m n k each,
// with attention's scores and weighted sums. All else, such as tanh, softmax and sums, counts as
// none. Training counts as three forward passes: backward has two products for each, one for either
// factor's gradient.
//   operations = Σ over pairs:  a + b S + c T + d S T + e S² + f P + g P T,  and  h S' + i T'
// S source and T target words with their ends of sentence, P sentences of the source; S' and T'
// distinct words among the sources of a shard, and among the target words that the decoder reads:
// a product with equal words is made, and counts, once.
#pragma once

#include <array>

#include "base/profile.h"
#include "model/seq2seq.h"

namespace attn {

class Work {
 public:
  struct Of {
    double sentence = 0, source_word = 0, target_word = 0, word_pair = 0;
    double source_pair = 0;          // of two source words: self-attention
    double part = 0, part_pair = 0;  // of a document's sentence; of it and a target word
    double distinct_source = 0, distinct_target = 0;
    bool any() const {
      return sentence + source_word + target_word + word_pair + source_pair + part + part_pair +
                 distinct_source + distinct_target >
             0;
    }
  };

  // Counted: in forward passes over pairs of one to three words. Any weights do.
  Work(const Seq2Seq& model, const Params& w);

  const Of& of(Part part) const { return parts_[static_cast<std::size_t>(part)]; }
  // Operations of a forward pass over as many of each.
  double operations(Part part, const Of& amounts) const;
  double operations(const Of& amounts) const;  // of all parts

 private:
  std::array<Of, kParts> parts_;
};

}  // namespace attn

// The floating-point operations of a model's forward pass: 2 m n k for each matrix product, with
// the scores and weighted sums of attention. Everything else (tanh, softmax, sums) counts as zero.
// An update counts as three forward passes, because backpropagation has two products for each
// product of the forward pass.
//   operations = Σ over pairs:  a + b S + c T + d S T + e S² + f P + g P T,  and  h S' + i T'
// S source and T target words with their ends of sentence, P segments (sentences) of the source; S'
// and T' distinct words among the sources of a pass, and among the target words that the decoder
// reads: the input product of a repeated word is computed, and counted, once.
#pragma once

#include <array>

#include "base/profile.h"
#include "model/seq2seq.h"

namespace attn {

// Either the operations per sentence pair, per source word and so on, or the amounts of a text: its
// numbers of sentence pairs, source words and so on. The members are in the order a, b, … i of the
// formula.
struct FlopCounts {
  double sentence = 0, source_word = 0, target_word = 0, word_pair = 0;
  double source_pair = 0;   // two source words: self-attention
  double segment = 0;       // segment of a source
  double segment_pair = 0;  // segment and target word
  double distinct_source = 0, distinct_target = 0;

  // Returns whether any member is above 0.
  bool any() const {
    return sentence + source_word + target_word + word_pair + source_pair + segment + segment_pair +
               distinct_source + distinct_target >
           0;
  }
};

class Flops {
 public:
  // Counts the operations of forward passes over pairs of one to three words. The values of `w` do
  // not matter.
  Flops(const Seq2Seq& model, const Weights& w);

  // Returns the operations of one stage per sentence, word and so on.
  const FlopCounts& of(Stage stage) const { return stages_[index_of(stage)]; }
  // Returns the operations of a forward pass over the given amounts: of one stage, or of all.
  double operations(Stage stage, const FlopCounts& amounts) const;
  double operations(const FlopCounts& amounts) const;

 private:
  std::array<FlopCounts, kStages> stages_;
};

}  // namespace attn

// A column of numbers for each word of a vocabulary.
#pragma once

#include <span>

#include "base/profile.h"
#include "math/ops.h"

namespace attn {

class Embedding {
 public:
  Embedding(Scope at, Index vocabulary, Index size)
      : table_(at.matrix("embedding", vocabulary, size, Role::embedding)) {}

  Slot table() const { return table_; }

  // x [size × words]; a word below 0 is no word: zero.
  void forward(const Params& w, std::span<const int> words, Out x) const {
    const Timed timed(Part::embedding);
    for (std::size_t j = 0; j < words.size(); ++j) {
      auto to = x.col(static_cast<Index>(j));
      if (words[j] < 0)
        to.setZero();
      else
        std::copy_n(w.data(table_.row_range(words[j], 1)), table_.cols, to.data());
    }
  }
  void backward(std::span<const int> words, In dx, Params& g) const {
    const Timed timed(Part::embedding);
    for (std::size_t j = 0; j < words.size(); ++j)
      if (words[j] >= 0)
        add(table_.cols, dx.col(static_cast<Index>(j)).data(),
            g.data(table_.row_range(words[j], 1)));
  }

 private:
  Slot table_;
};

}  // namespace attn

// A column of numbers for each word of a vocabulary.
#pragma once

#include <span>
#include <string_view>

#include "base/profile.h"
#include "math/gemm/unique_columns.h"
#include "math/ops.h"
#include "nn/dropout.h"

namespace attn {

// The words of a batch's columns.
struct WordColumns {
  std::span<const int> words;  // below 0: no word
  const UniqueIds& unique;     // of them
  std::span<const std::uint64_t> example_ids;
};

class Embedding {
 public:
  Embedding(Scope at, Index vocabulary, Index size)
      : table_(at.matrix("embedding", vocabulary, size, Role::embedding)) {}

  Slot table() const { return table_; }

  // x [size × words]; a word below 0 is no word: zero.
  void forward(const Params& w, std::span<const int> words, Out x) const {
    const Timed timed(Stage::embedding);
    for (std::size_t j = 0; j < words.size(); ++j) {
      auto to = x.col(static_cast<Index>(j));
      if (words[j] < 0)
        to.setZero();
      else
        std::copy_n(w.data(table_.row_range(words[j], 1)), table_.cols, to.data());
    }
  }
  void backward(std::span<const int> words, In dx, Params& g) const {
    const Timed timed(Stage::embedding);
    for (std::size_t j = 0; j < words.size(); ++j)
      if (words[j] >= 0)
        add(table_.cols, dx.col(static_cast<Index>(j)).data(),
            g.data(table_.row_range(words[j], 1)));
  }

 private:
  Slot table_;
};

// An embedding with dropout. Equal words are one column, unless dropout makes them differ.
class InputEmbedding {
 public:
  InputEmbedding(Scope at, std::string_view name, Index vocabulary, Index size, double dropout)
      : embedding_(at, vocabulary, size), dropout_(name, dropout) {}

  Slot table() const { return embedding_.table(); }
  bool merges(const DropoutContext& noise) const { return !dropout_.drops(noise); }

  UniqueColumns forward(const Params& w, const WordColumns& in, const DropoutContext& noise,
                        Workspace& ws) const {
    UniqueColumns x = each(w, columns_of(in, noise), ws);
    if (merges(noise))
      x.inverse = in.unique.inverse();
    else
      dropout_.apply(noise, in.example_ids, x.values);
    return x;
  }
  // A column for each word, equal or not, and nothing dropped: what search needs.
  UniqueColumns each(const Params& w, std::span<const int> words, Workspace& ws) const {
    View x = ws.take(table().cols, static_cast<Index>(words.size()));
    embedding_.forward(w, words, x);
    return {x};
  }
  // dx: of the distinct columns that forward gave; overwritten.
  void backward(const WordColumns& in, const DropoutContext& noise, Out dx, Params& g) const {
    if (!merges(noise)) dropout_.apply(noise, in.example_ids, dx);
    embedding_.backward(columns_of(in, noise), dx, g);
  }

 private:
  std::span<const int> columns_of(const WordColumns& in, const DropoutContext& noise) const {
    return merges(noise) ? in.unique.values() : in.words;
  }

  Embedding embedding_;
  Dropout dropout_;
};

}  // namespace attn

// Word embeddings: a vector for each word of a vocabulary.
#pragma once

#include <span>
#include <string_view>

#include "base/profile.h"
#include "math/gemm/unique_columns.h"
#include "math/ops.h"
#include "nn/dropout.h"

namespace attn {

// The words of a batch, one per column.
struct WordColumns {
  std::span<const int> words;  // ids; negative: no word
  const UniqueIds& unique;     // distinct values of `words`
  std::span<const std::uint64_t> example_ids;
};

class Embedding {
 public:
  Embedding(Scope at, Index vocabulary, Index size)
      : table_(at.matrix("embedding", vocabulary, size, Role::embedding)) {}

  Slot table() const { return table_; }

  // Copies the vectors of the words to x [size × words]. The vector of a negative id is zero.
  void forward(const Weights& w, std::span<const int> words, Out x) const {
    const Timed timed(Stage::embedding);
    for (std::size_t j = 0; j < words.size(); ++j) {
      Real* to = x.col(static_cast<Index>(j));
      if (words[j] < 0)
        std::fill_n(to, table_.cols, Real(0));
      else
        std::copy_n(w.data(table_.row_range(words[j], 1)), table_.cols, to);
    }
  }
  // Adds the gradients dx [size × words] to the rows of the words in g.
  void backward(std::span<const int> words, In dx, WeightGradients g) const {
    const Timed timed(Stage::embedding);
    for (std::size_t j = 0; j < words.size(); ++j)
      if (words[j] >= 0)
        add(table_.cols, dx.col(static_cast<Index>(j)), g.data(table_.row_range(words[j], 1)));
  }

 private:
  Slot table_;
};

// An embedding with dropout. Without active dropout, a repeated word has only one column, so that
// products with its vector are computed once. With dropout, each occurrence has its own mask and
// column.
class InputEmbedding {
 public:
  InputEmbedding(Scope at, std::string_view name, Index vocabulary, Index size, double dropout)
      : embedding_(at, vocabulary, size), dropout_(name, dropout) {}

  Slot table() const { return embedding_.table(); }
  // Returns whether repeated words share a column.
  bool deduplicates(const DropoutContext& noise) const { return !dropout_.is_active(noise); }

  // Returns the embeddings of the words, in the workspace.
  UniqueColumns forward(const Weights& w, const WordColumns& in, const DropoutContext& noise,
                        Workspace& ws) const {
    UniqueColumns x = lookup(w, ids_of_columns(in, noise), ws);
    if (deduplicates(noise))
      x.inverse = in.unique.inverse();
    else
      dropout_.apply(noise, in.example_ids, x.values);
    return x;
  }
  // Returns one column per word, without deduplication and dropout, as search needs it.
  UniqueColumns lookup(const Weights& w, std::span<const int> words, Workspace& ws) const {
    MatrixView x = ws.take(table().cols, static_cast<Index>(words.size()));
    embedding_.forward(w, words, x);
    return {x};
  }
  // Adds the gradient to g. `dx` is the gradient of the columns that forward() returned; it is
  // overwritten.
  void backward(const WordColumns& in, const DropoutContext& noise, Out dx,
                WeightGradients g) const {
    if (!deduplicates(noise)) dropout_.apply(noise, in.example_ids, dx);
    embedding_.backward(ids_of_columns(in, noise), dx, g);
  }

 private:
  std::span<const int> ids_of_columns(const WordColumns& in, const DropoutContext& noise) const {
    return deduplicates(noise) ? in.unique.values() : in.words;
  }

  Embedding embedding_;
  Dropout dropout_;
};

}  // namespace attn

// The gradient of an update, over shards: a batch is cut into a fixed number of parts, each part
// adds into an arena of its own, and the arenas are summed in their order. So the result depends on
// train.shards and never on threads.
//
// A shard with many words and sentences is passed part by part, which adds up to the same: what a
// pass keeps would else grow with the longest batch of a text.
//
// Between updates all arenas are zero: who reads a number for the last time writes the zero, while
// it is in the cache. Of an embedding only the rows of the batch's words are summed and squared.
#pragma once

#include <span>
#include <vector>

#include "base/parallel.h"
#include "math/precision.h"
#include "model/seq2seq.h"
#include "text/corpus.h"

namespace attn {

// Words of both sides that one pass over a model takes, about: what it keeps of them stays small,
// and its products are wide enough.
constexpr std::size_t kWordsOfPass = 1280;

class Gradient {
 public:
  struct Sums {
    double objective = 0, cross_entropy = 0, tokens = 0, sentences = 0;
    // Of pairs of words in a sentence: Σ source · target words, and Σ source words².
    double source_tokens = 0, word_pairs = 0, source_pairs = 0;
    double parts = 0, part_pairs = 0;  // sentences of the sources: Σ, and Σ times target words
    // Distinct words of each pass, or all where embeddings have dropout (Work: S', T').
    double distinct_source = 0, distinct_target = 0;
  };

  Gradient(const Seq2Seq& model, int shards, Precision precision, Pool& pool);

  void begin();  // a new update; the total was taken
  // Adds the gradient of a batch: sentences of the corpus by number. Batches of one update may
  // follow one another.
  void add(const Params& w, const Corpus& corpus, std::span<const std::uint32_t> sentences,
           const Objective& objective, const Noise& noise);
  // The sum over the shards, in the first arena, and its squared norm.
  double sum();

  // Between updates: gives the memory back, all of it zeros and scratch, until the next batch.
  void rest();

  const Params& total() const { return arenas_[0]; }
  Params& total() { return arenas_[0]; }  // zero it before the next update
  const Sums& sums() const { return sums_; }

 private:
  struct Shard {
    Batch batch;  // of the part that is passed
    std::vector<Words> sources, targets, links;
    std::vector<std::uint64_t> places;
    Output::Loss loss;
    double distinct_source, distinct_target;
  };

  // What one worker sums at a time: numbers side by side, or rows of an embedding.
  struct Part {
    Index offset, size;
    Index row = 0;              // numbers of a row; 0: no embedding
    std::size_t first_row = 0;  // its mark in touched_
  };

  void cut(Part whole);
  // Adds to the shard's arena and its sums.
  void pass(std::size_t shard, std::size_t begin, std::size_t end, const Params& w,
            const Objective& objective, const Noise& noise, Seq2Seq::Scratch& scratch);
  void touch(std::size_t shard);
  double sum_dense(const Part& part);
  double sum_rows(const Part& part);
  // Adds the shards' numbers into the total, which it squares; leaves theirs zero.
  double sum_numbers(Index offset, Index size);

  const Seq2Seq& model_;
  Precision precision_;
  Pool& pool_;
  std::vector<Seq2Seq::Scratch> scratch_;  // of each worker; none in a rest
  std::vector<Shard> shards_;
  std::vector<Params> arenas_;  // of each shard; none in a rest
  std::vector<std::uint32_t> order_;
  std::vector<Part> parts_;
  std::vector<double> squares_;  // of each part
  // Of each arena: which rows of the model's sparse tables, one table after the other, are not
  // zero.
  std::vector<std::vector<char>> touched_;
  std::uint64_t place_ = 0;  // sentences so far in this update
  Sums sums_;
};

}  // namespace attn

// Sentence pairs as ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/parallel.h"
#include "text/tokenizer.h"

namespace attn {

// One flat array a side; a sentence is a span of it and ends with the end of sentence.
class Corpus {
 public:
  std::size_t size() const { return line_.size(); }
  std::span<const int> source(std::size_t i) const { return source_[i]; }
  std::span<const int> target(std::size_t i) const { return target_[i]; }
  std::size_t line(std::size_t i) const { return line_[i]; }  // in the files, from 1

  std::size_t lines() const { return lines_; }  // pairs read: size() and the dropped ones
  std::size_t dropped_empty() const { return dropped_empty_; }
  std::size_t dropped_long() const { return dropped_long_; }
  std::size_t source_tokens() const { return source_.tokens(); }  // end of sentence counted
  std::size_t target_tokens() const { return target_.tokens(); }

  // Equal for the same ids in the same lines: tells whether texts or vocabularies have changed.
  std::uint64_t fingerprint() const;

 private:
  class Sentences {
   public:
    std::size_t tokens() const { return ids_.size(); }
    std::span<const int> operator[](std::size_t i) const {
      return std::span(ids_).subspan(begins_[i], begins_[i + 1] - begins_[i]);
    }
    void add(std::span<const int> ids, int eos);

   private:
    std::vector<int> ids_;
    std::vector<std::size_t> begins_ = {0};
  };

  friend Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                            const Tokenizer& t, int max_length, Pool& pool);
  friend Corpus corpus_of_ids(std::span<const std::vector<int>> sources, int source_end,
                              std::span<const std::vector<int>> targets, int target_end);

  Sentences source_, target_;
  std::vector<std::size_t> line_;
  std::size_t lines_ = 0, dropped_empty_ = 0, dropped_long_ = 0;
};

// Pairs of ids without their ends of sentence, none empty: line i + 1 is pair i.
Corpus corpus_of_ids(std::span<const std::vector<int>> sources, int source_end,
                     std::span<const std::vector<int>> targets, int target_end);

// Reads two texts of which each line of one translates the same line of the other. Drops, and
// counts, pairs with an empty side and pairs with a side of more than max_length pieces (0: none
// is too long; the end of sentence does not count).
// Error: as LineReader; different numbers of lines; no pair left.
Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                   const Tokenizer& t, int max_length, Pool& pool);

}  // namespace attn

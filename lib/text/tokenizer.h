// Converts text to pieces and back with SentencePiece (Kudo and Richardson 2018).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/line_reader.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace attn {

struct TokenizerOptions {
  std::string type = "unigram";     // unigram, bpe, char or word
  int vocabulary_size = 8000;       // with <unk> and </s>; for char and word, the maximum
  double character_coverage = 1.0;  // fraction of the text's characters that get a piece
  bool byte_fallback = false;       // other characters are spelled in bytes instead of <unk>
  std::vector<std::string> user_symbols = {};  // texts that are always one piece
  std::string normalization = "nmt_nfkc";      // SentencePiece's rule
  // Training samples lines of a text with more bytes. SentencePiece needs about 25 times this
  // memory.
  std::size_t max_training_bytes = std::size_t{32} << 20U;
  std::string separator = {};  // word between the sentences of a line of the first text; "": none
};

// A constant object, which threads can share. Copies are cheap.
class Tokenizer {
 public:
  // A piece and the range of bytes of the text that it covers. The range is empty if a character
  // became several pieces. The range of an end of sentence within a line is the separator.
  struct Piece {
    int id;
    std::size_t begin, end;
  };
  struct Decoded {
    std::string text;
    std::vector<Piece> pieces;  // one per id
  };

  // Read a serialized SentencePiece model. Throw Error if it is missing or damaged, or has no
  // end-of-sentence piece.
  static Tokenizer load(const fs::path& path);
  static Tokenizer from_bytes(std::string serialized, const std::string& name);

  // Trains a model on the lines of all texts. <unk> has id 0, </s> id 1. The result is a function
  // of the texts and the options. Throws Error as LineReader does, if all lines are empty, and if
  // the texts do not allow the vocabulary size.
  static Tokenizer train(const std::vector<fs::path>& texts, const TokenizerOptions& options);

  // Returns a tokenizer whose pieces are <unk>, </s> and the given words, which must be distinct.
  static Tokenizer from_words(const std::vector<std::string>& words);

  // Returns a tokenizer with the same pieces for lines of several sentences with the word
  // `separator` between them. Each sentence is encoded separately, with an end of sentence between
  // two; empty sentences are dropped. "" (the default): each line is one sentence.
  Tokenizer with_separator(const std::string& separator) const;
  const std::string& separator() const { return separator_; }

  const std::string& bytes() const { return *bytes_; }  // the serialized model: a .spm file
  int size() const;                                     // size of the vocabulary
  // Return the ids of <unk> and </s>, and the text of a piece.
  int unk() const;
  int eos() const;
  const std::string& piece(int id) const;

  // Returns the ids of a line, without the end of sentence at its end.
  std::vector<int> encode(std::string_view line) const;
  // Encodes each line. Faster than encode, because SentencePiece's buffers are allocated once.
  std::vector<std::vector<int>> encode_lines(std::span<const std::string> lines) const;
  // Returns the pieces of a line with their ranges, without the end of sentence at its end.
  std::vector<Piece> encode_with_offsets(std::string_view line) const;
  // Returns the ids of the pieces, followed by the end of sentence.
  std::vector<int> ids(std::span<const Piece> pieces) const;
  // Return the text of the ids.
  std::string decode(std::span<const int> ids) const;
  Decoded decode_with_offsets(std::span<const int> ids) const;

 private:
  Tokenizer() = default;

  // Encodes a sentence that starts at byte `begin` of its line.
  std::vector<Piece> encode_sentence(std::string_view sentence, std::size_t begin) const;

  std::string separator_;
  std::shared_ptr<const std::string> bytes_;
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
};

// Returns the words of a line, which are separated by Unicode white space.
std::vector<std::string> split_words(std::string_view line);

// Divides a line at each word that equals `separator`. If it is "", returns the whole line.
std::vector<std::string_view> split_sentences(std::string_view line, std::string_view separator);

// Returns, for each piece, the indices of its words in split_words(line): all words that the piece
// contains completely, if there are several (a sequence of unknown words is one piece); otherwise
// the word with most of its bytes. A piece that covers no byte of a word, such as a single
// word-boundary mark, belongs to the next word or, at the end of the line, to the last one. Only a
// line without words gives empty lists.
std::vector<std::vector<int>> words_of_pieces(std::string_view line,
                                              std::span<const Tokenizer::Piece> pieces);

}  // namespace attn

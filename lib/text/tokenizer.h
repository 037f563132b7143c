// Lines to pieces and back: SentencePiece (Kudo and Richardson 2018) behind a small door.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace attn {

struct TokenizerOptions {
  std::string type = "unigram";     // unigram, bpe: of exactly this size; char, word: of at most
  int vocabulary_size = 8000;       // with <unk> and </s>
  double character_coverage = 1.0;  // share of the text's characters that get a piece
  // Of text to learn from: lines of a longer one are drawn. SentencePiece takes some 25 times that.
  std::size_t most_bytes = std::size_t{32} << 20U;
  std::string separator = {};  // parts the sentences of the first text's lines, and gets no piece
};

// Const, and so shared by threads; a copy is cheap.
class Tokenizer {
 public:
  // A piece, and the bytes of the text that it stands for (none, where a character became several
  // pieces; of an end of sentence within a line, those of the separator).
  struct Piece {
    int id;
    std::size_t begin, end;
  };
  struct Decoded {
    std::string text;
    std::vector<Piece> pieces;  // one for each id
  };

  // Error: missing, damaged, without an end of sentence.
  static Tokenizer load(const fs::path& path);
  static Tokenizer from_bytes(std::string serialized, const std::string& name);

  // Trains on lines of all texts: ids 0 <unk>, 1 </s>. The same texts and options give the same
  // model. Error: as LineReader; nothing but empty lines; a size that the text does not allow.
  static Tokenizer train(const std::vector<fs::path>& texts, const TokenizerOptions& options);

  // Of whole words, as they are: a piece for each, with <unk> and </s>. The words are distinct.
  static Tokenizer of_words(const std::vector<std::string>& words);

  // The same pieces, for lines of several sentences with this word between them: each is encoded by
  // itself, with an end of sentence between two; empty ones are dropped. "": none, as at first.
  Tokenizer with_separator(const std::string& separator) const;
  const std::string& separator() const { return separator_; }

  const std::string& bytes() const { return *bytes_; }  // the serialized model: a .model file
  int size() const;
  int unk() const;
  int eos() const;
  const std::string& piece(int id) const;

  std::vector<int> encode(std::string_view line) const;  // without the line's end of sentence
  // Each line as encode does, but faster: SentencePiece's pieces are allocated once for all.
  std::vector<std::vector<int>> encode_lines(std::span<const std::string> lines) const;
  std::vector<Piece> encode_with_offsets(std::string_view line) const;
  std::vector<int> ids(std::span<const Piece> pieces) const;  // with end of sentence
  std::string decode(std::span<const int> ids) const;
  Decoded decode_with_offsets(std::span<const int> ids) const;

 private:
  Tokenizer() = default;

  std::vector<Piece> encode_sentence(std::string_view text, std::size_t begin) const;

  std::string separator_;
  std::shared_ptr<const std::string> bytes_;
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
};

// The line's words as given: what stands between Unicode white space.
std::vector<std::string> split_words(std::string_view line);

// What stands between the words of the line that are the separator; "": the whole line.
std::vector<std::string_view> split_sentences(std::string_view line, std::string_view separator);

// For each piece its words (their indices in split_words): those that lie wholly in it, where there
// are several (a run of unknown words is one piece); else the word with most of its bytes. A piece
// without a byte in any word, such as a lone word-boundary mark, goes to the word that follows, at
// the end to the last one. None only if the line has no words.
std::vector<std::vector<int>> words_of_pieces(std::string_view line,
                                              std::span<const Tokenizer::Piece> pieces);

}  // namespace attn

#include "text/tokenizer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/random.h"

namespace attn {
namespace {

namespace sp = sentencepiece;

// Throws Bug for an error of encoding or decoding, which the user cannot cause.
void check(const sp::util::Status& status) {
  if (!status.ok()) throw Bug(status.ToString());
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // inside ICU's macro
// Returns the character at `at` and advances `at`. Negative if the text is not valid UTF-8.
UChar32 next_character(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  U8_NEXT(text.data(), at, text.size(), c);
  return c;
}
#pragma GCC diagnostic pop

// Returns whether the line contains text after SentencePiece's normalization. The unigram trainer
// aborts if no line of the text does.
bool has_text(std::string_view line) {
  constexpr UChar32 kBoundary = 0x2581, kReplacement = 0xfffd;
  for (std::size_t at = 0; at < line.size();) {
    const UChar32 c = next_character(line, at);
    if (u_isgraph(c) && c != kBoundary && c != kReplacement) return true;
  }
  return false;
}

// Iterates over a random sample, with the given expected fraction, of the nonempty sentences of all
// texts. Lines of the first text are divided at the separator.
class Sentences : public sp::SentenceIterator {
 public:
  Sentences(const std::vector<fs::path>& texts, const std::string& separator, double fraction)
      : texts_(texts), separator_(separator), fraction_(fraction) {
    advance();
  }

  bool done() const override { return !reader_; }
  void Next() override { advance(); }
  const std::string& value() const override { return sentence_; }
  sp::util::Status status() const override { return {}; }

 private:
  void advance() {
    do {
      while (left_.empty()) {
        while (!reader_ || !reader_->next(line_)) {
          reader_.reset();
          if (text_ == texts_.size()) return;
          reader_.emplace(texts_[text_++]);
        }
        left_ = split_sentences(line_, text_ == 1 ? separator_ : "");
      }
      ++read_;
      sentence_ = left_.front();
      left_.erase(left_.begin());
    } while (!has_text(sentence_) || RandomKey(read_).uniform() >= fraction_);
  }

  const std::vector<fs::path>& texts_;
  const std::string& separator_;
  double fraction_;
  std::size_t text_ = 0;
  std::uint64_t read_ = 0;
  std::optional<LineReader> reader_;
  std::string line_, sentence_;
  std::vector<std::string_view> left_;  // remaining sentences of the line
};

std::size_t total_bytes(const std::vector<fs::path>& texts, const std::string& separator) {
  std::size_t bytes = 0;
  for (Sentences all(texts, separator, 1); !all.done(); all.Next()) bytes += all.value().size();
  return bytes;
}

// Iterates over words, each as a line of its own.
class WordLines : public sp::SentenceIterator {
 public:
  explicit WordLines(const std::vector<std::string>& words) : words_(words) {}

  bool done() const override { return at_ == words_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return words_[at_]; }
  sp::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
};

// Returns the texts as a line of comma-separated values, as SentencePiece reads them.
std::string comma_separated(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += out.empty() ? "\"" : ",\"";
    for (const char c : text) out += c == '"' ? std::string(2, c) : std::string(1, c);
    out += '"';
  }
  return out;
}

std::unordered_map<std::string, std::string> trainer_arguments(const TokenizerOptions& options) {
  const bool has_exact_size = options.type == "unigram" || options.type == "bpe";
  return {
      {"model_type", options.type},
      {"vocab_size", std::to_string(options.vocabulary_size)},
      {"character_coverage", std::to_string(options.character_coverage)},
      {"hard_vocab_limit", has_exact_size ? "true" : "false"},
      {"byte_fallback", options.byte_fallback ? "true" : "false"},
      {"user_defined_symbols", comma_separated(options.user_symbols)},
      {"normalization_rule_name", options.normalization},
      {"unk_id", "0"},
      {"eos_id", "1"},
      {"bos_id", "-1"},
      {"pad_id", "-1"},
      {"num_threads", "16"},  // constant, because sums, and thus the pieces, depend on it
      {"minloglevel", "3"},   // errors are returned as a status
  };
}

std::string joined_paths(const std::vector<fs::path>& paths) {
  std::string out;
  for (const auto& path : paths) out += (out.empty() ? "" : ", ") + path.string();
  return out;
}

// Returns the number that follows `words` in `message`, or "".
std::string number_after(const std::string& message, const std::string& words) {
  const std::size_t at = message.find(words);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + words.size();
  return message.substr(begin, message.find_first_not_of("0123456789", begin) - begin);
}

// Translates a message of the SentencePiece trainer, which contains the allowed sizes.
[[noreturn]] void fail_training(const std::string& text, const TokenizerOptions& options,
                                const std::string& message) {
  const std::string where = text + ": ";
  const std::string size = std::to_string(options.vocabulary_size);
  const std::string maximum = number_after(message, "set it to a value <= ");
  const std::string minimum = number_after(message, "required_chars. " + size + " vs ");
  if (!maximum.empty())
    throw Error(where + "vocabulary size " + size + " is too large for this text; use at most " +
                maximum + ", or more text");
  if (!minimum.empty())
    throw Error(where + "vocabulary size " + size +
                " is too small for the characters of this text; " + "use at least " + minimum +
                ", or a lower character coverage (0.98 to 1)");
  if (message.find("sentences_.empty()") != std::string::npos)
    throw Error(where + "cannot train a vocabulary: every line is empty or longer than 4192 bytes");
  throw Error(where + "cannot train a vocabulary of type " + options.type + ", size " + size +
              ", character coverage " + std::to_string(options.character_coverage) + ": " +
              message);
}

// Returns whether a serialized model is complete. SentencePiece can load a model that was truncated
// after a piece, but such a model lacks the fields after the pieces, trainer_spec and
// normalizer_spec (2 and 3 of sentencepiece_model.proto).
bool is_complete(std::string_view model) {
  std::array<bool, 4> seen = {};
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < model.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(model[at++]);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < model.size()) {
    const std::uint64_t tag = varint(), field = tag >> 3;
    constexpr std::uint64_t kBytes = 2;  // wire type of all fields: a length and that many bytes
    if ((tag & 7) != kBytes) return false;
    if (field < seen.size()) seen[field] = true;
    const std::uint64_t length = varint();
    if (length > model.size() - at) return false;
    at += length;
  }
  return seen[2] && seen[3];
}

std::vector<Tokenizer::Piece> pieces_of(const sp::ImmutableSentencePieceText& text) {
  std::vector<Tokenizer::Piece> out;
  out.reserve(text.pieces_size());
  for (const auto& piece : text.pieces())
    out.push_back({static_cast<int>(piece.id()), piece.begin(), piece.end()});
  return out;
}

struct WordRange {
  std::size_t begin, end;
};

std::vector<WordRange> word_ranges(std::string_view line) {
  std::vector<WordRange> words;
  bool inside = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const bool space = u_isUWhiteSpace(next_character(line, at));
    if (!space && !inside) words.push_back({begin, at});
    if (!space) words.back().end = at;
    inside = !space;
  }
  return words;
}

std::size_t overlap(const WordRange& word, const Tokenizer::Piece& piece) {
  const std::size_t begin = std::max(word.begin, piece.begin), end = std::min(word.end, piece.end);
  return end > begin ? end - begin : 0;
}

}  // namespace

Tokenizer Tokenizer::load(const fs::path& path) {
  return from_bytes(read_file(path), path.string());
}

Tokenizer Tokenizer::from_bytes(std::string serialized, const std::string& name) {
  const auto processor = std::make_shared<sp::SentencePieceProcessor>();
  if (!is_complete(serialized) || !processor->LoadFromSerializedProto(serialized).ok())
    throw Error(name + ": not a SentencePiece model, or a damaged one");
  if (processor->eos_id() < 0)
    throw Error(name +
                ": the SentencePiece model has no end-of-sentence piece </s>; train it with " +
                "--eos_id of spm_train");
  Tokenizer tokenizer;
  tokenizer.bytes_ = std::make_shared<const std::string>(std::move(serialized));
  tokenizer.processor_ = processor;
  return tokenizer;
}

Tokenizer Tokenizer::train(const std::vector<fs::path>& texts, const TokenizerOptions& options) {
  const double fraction = static_cast<double>(options.max_training_bytes) /
                          static_cast<double>(total_bytes(texts, options.separator));
  const std::string text = (fraction < 1 ? "a sample of " : "") + joined_paths(texts);
  Sentences sentences(texts, options.separator, fraction);
  std::string model;
  const auto status =
      sp::SentencePieceTrainer::Train(trainer_arguments(options), &sentences, &model);
  if (!status.ok()) fail_training(text, options, status.ToString());
  return from_bytes(std::move(model), text);
}

Tokenizer Tokenizer::from_words(const std::vector<std::string>& words) {
  WordLines lines(words);
  std::string model;
  check(sp::SentencePieceTrainer::Train(
      trainer_arguments({.type = "word", .vocabulary_size = static_cast<int>(words.size()) + 2}),
      &lines, &model));
  Tokenizer tokenizer = from_bytes(std::move(model), "words");
  ATTN_CHECK(tokenizer.size() == static_cast<int>(words.size()) + 2);
  return tokenizer;
}

Tokenizer Tokenizer::with_separator(const std::string& separator) const {
  Tokenizer copy = *this;
  copy.separator_ = separator;
  return copy;
}

int Tokenizer::size() const {
  return processor_->GetPieceSize();
}
int Tokenizer::unk() const {
  return processor_->unk_id();
}
int Tokenizer::eos() const {
  return processor_->eos_id();
}

const std::string& Tokenizer::piece(int id) const {
  ATTN_CHECK(id >= 0 && id < size());
  return processor_->IdToPiece(id);
}

std::vector<int> Tokenizer::encode(std::string_view line) const {
  std::vector<int> ids, sentence_ids;
  for (const std::string_view sentence : split_sentences(line, separator_)) {
    check(processor_->Encode(sentence, &sentence_ids));
    if (!ids.empty() && !sentence_ids.empty()) ids.push_back(eos());
    ids.insert(ids.end(), sentence_ids.begin(), sentence_ids.end());
  }
  return ids;
}

std::vector<std::vector<int>> Tokenizer::encode_lines(std::span<const std::string> lines) const {
  std::vector<std::vector<int>> out(lines.size());
  sp::ImmutableSentencePieceText text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string_view sentence : split_sentences(lines[i], separator_)) {
      check(processor_->Encode(sentence, text.mutable_proto()));
      if (text.pieces_size() == 0) continue;
      if (!out[i].empty()) out[i].push_back(eos());
      const auto pieces = static_cast<int>(text.pieces_size());
      out[i].reserve(out[i].size() + text.pieces_size());
      for (int k = 0; k < pieces; ++k) out[i].push_back(static_cast<int>(text.pieces(k).id()));
    }
  }
  return out;
}

std::vector<Tokenizer::Piece> Tokenizer::encode_with_offsets(std::string_view line) const {
  std::vector<Piece> pieces;
  std::size_t end = 0;  // end of the last sentence that has pieces; a separator follows it
  for (const std::string_view sentence : split_sentences(line, separator_)) {
    const auto begin = static_cast<std::size_t>(sentence.data() - line.data());
    const std::vector<Piece> more = encode_sentence(sentence, begin);
    if (more.empty()) continue;
    if (!pieces.empty()) pieces.push_back({eos(), end, end + separator_.size()});
    pieces.insert(pieces.end(), more.begin(), more.end());
    end = begin + sentence.size();
  }
  return pieces;
}

std::vector<Tokenizer::Piece> Tokenizer::encode_sentence(std::string_view sentence,
                                                         std::size_t begin) const {
  sp::ImmutableSentencePieceText text;
  check(processor_->Encode(sentence, text.mutable_proto()));
  std::vector<Piece> pieces = pieces_of(text);
  for (Piece& piece : pieces) piece.begin += begin, piece.end += begin;
  return pieces;
}

std::vector<int> Tokenizer::ids(std::span<const Piece> pieces) const {
  std::vector<int> out;
  out.reserve(pieces.size() + 1);
  for (const auto& piece : pieces) out.push_back(piece.id);
  out.push_back(eos());
  return out;
}

std::string Tokenizer::decode(std::span<const int> ids) const {
  std::string text;
  check(processor_->Decode(std::vector<int>(ids.begin(), ids.end()), &text));
  return text;
}

Tokenizer::Decoded Tokenizer::decode_with_offsets(std::span<const int> ids) const {
  sp::ImmutableSentencePieceText text;
  check(processor_->Decode(std::vector<int>(ids.begin(), ids.end()), text.mutable_proto()));
  return {text.text(), pieces_of(text)};
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  for (const auto& [begin, end] : word_ranges(line))
    words.emplace_back(line.substr(begin, end - begin));
  return words;
}

std::vector<std::string_view> split_sentences(std::string_view line, std::string_view separator) {
  std::vector<std::string_view> sentences;
  std::size_t at = 0;
  if (!separator.empty())
    for (const auto& [begin, end] : word_ranges(line)) {
      if (line.substr(begin, end - begin) != separator) continue;
      sentences.push_back(line.substr(at, begin - at));
      at = end;
    }
  sentences.push_back(line.substr(at));
  return sentences;
}

std::vector<std::vector<int>> words_of_pieces(std::string_view line,
                                              std::span<const Tokenizer::Piece> pieces) {
  const std::vector<WordRange> words = word_ranges(line);
  std::vector<std::vector<int>> out;
  for (const auto& piece : pieces) {
    std::vector<int>& inside = out.emplace_back();
    // The first word that ends after the begin of the piece. No earlier word overlaps.
    auto best = std::find_if(words.begin(), words.end(),
                             [&](const WordRange& word) { return word.end > piece.begin; });
    for (auto word = best; word != words.end() && word->begin < piece.end; ++word) {
      if (overlap(*word, piece) > overlap(*best, piece)) best = word;
      if (word->begin >= piece.begin && word->end <= piece.end)
        inside.push_back(static_cast<int>(word - words.begin()));
    }
    if (best == words.end() && !words.empty()) --best;
    if (inside.size() > 1 || best == words.end()) continue;
    inside = {static_cast<int>(best - words.begin())};
  }
  return out;
}

}  // namespace attn

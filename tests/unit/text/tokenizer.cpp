#include "text/tokenizer.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "base/line_reader.h"
#include "support/scratch.h"

using attn::Tokenizer;
using attn::TokenizerOptions;
using Words = std::vector<std::string>;

namespace {

// Lines of the words "w0" to "w<n-1>", with enough repetition to train pieces on.
std::string word_salad(int words, int lines) {
  std::ostringstream text;
  for (int line = 0; line < lines; ++line)
    for (int i = 0; i < 6; ++i)
      text << 'w' << (line * 7 + i * i * 13) % words << (i < 5 ? ' ' : '\n');
  return text.str();
}

// A tokenizer whose ids are known, because it merges nothing: <unk>, </s>, then characters by
// frequency.
Tokenizer characters(const Scratch& scratch) {
  return Tokenizer::train({scratch.file("text", "aaaa bbb aaaa cc\n")}, {"char", 100, 1.0});
}

// Returns the offsets of pieces as "begin-end begin-end".
std::string offsets(const std::vector<Tokenizer::Piece>& pieces) {
  std::ostringstream out;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    out << (i ? " " : "") << pieces[i].begin << "-" << pieces[i].end;
  return out.str();
}

}  // namespace

TEST_CASE(
    "a character tokenizer has ids by frequency and returns the pieces and offsets of a line") {
  const Scratch scratch;
  const Tokenizer t = characters(scratch);
  CHECK(t.size() == 6);  // fewer than requested, because the text has no other characters
  CHECK(t.unk() == 0);
  CHECK(t.eos() == 1);
  CHECK(t.piece(0) == "<unk>");
  CHECK(t.piece(1) == "</s>");
  CHECK(t.piece(2) == "a");  // occurs 8 times; the word boundary, 4 times
  CHECK(t.piece(3) == "\u2581");
  CHECK(t.encode("ab c") == std::vector<int>{3, 2, 4, 3, 5});
  CHECK(t.encode("  ab\u3000c ") == std::vector<int>{3, 2, 4, 3, 5});
  CHECK(t.encode("").empty());
  CHECK(t.encode(" \t\u00a0\u3000").empty());
  CHECK(t.encode("x") == std::vector<int>{3, 0});

  const auto pieces = t.encode_with_offsets("ab \uff43");  // fullwidth c, 3 bytes
  CHECK(offsets(pieces) == "0-0 0-1 1-2 2-3 3-6");
  CHECK(pieces.back().id == 5);

  const std::vector<int> ids = {3, 2, 4, 3, 5, 1};
  CHECK(t.decode(ids) == "ab c");
  const auto decoded = t.decode_with_offsets(ids);
  CHECK(decoded.text == "ab c");
  CHECK(offsets(decoded.pieces) == "0-0 0-1 1-2 2-3 3-4 4-4");
  CHECK_THROWS_AS(t.piece(6), attn::Bug);
  CHECK_THROWS_AS(t.decode(std::vector{6}), attn::Bug);
}

TEST_CASE("unigram and bpe models have exactly the requested size, and decoding inverts encoding") {
  const Scratch scratch;
  const auto text = scratch.file("text", word_salad(40, 300));
  for (const std::string type : {"unigram", "bpe"}) {
    INFO(type);
    const Tokenizer t = Tokenizer::train({text}, {type, 30, 1.0});
    CHECK(t.size() == 30);
    std::set<std::string> pieces;
    for (int id = 0; id < t.size(); ++id) pieces.insert(t.piece(id));
    CHECK(pieces.size() == 30);
    const std::string line = "w1 w22 w333 w39";
    const auto ids = t.encode(line);
    CHECK(ids.size() < line.size());  // some characters are merged
    CHECK(t.decode(ids) == line);
    const auto with_offsets = t.encode_with_offsets(line);
    REQUIRE(with_offsets.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(with_offsets[i].id == ids[i]);
    CHECK(with_offsets.back().end == line.size());
  }
}

TEST_CASE("a word tokenizer has a piece for each word of the text") {
  const Scratch scratch;
  const auto text = scratch.file("text", "the cat the dog\nthe cat\n");
  const Tokenizer t = Tokenizer::train({text}, {"word", 100, 1.0});
  CHECK(t.size() == 5);
  CHECK(t.encode("the dog the bird") == std::vector<int>{2, 4, 2, 0});
  CHECK(Tokenizer::train({text}, {"word", 4, 1.0}).size() == 4);
}

TEST_CASE("training a tokenizer reads all texts and is a function of them") {
  const Scratch scratch;
  const auto one = scratch.file("one", "ab\n"), two = scratch.file("two", "\ncd\n");
  const Tokenizer both = Tokenizer::train({one, two}, {"char", 100, 1.0});
  CHECK(both.size() == 7);
  CHECK(both.bytes() == Tokenizer::train({one, two}, {"char", 100, 1.0}).bytes());
  const auto salad = scratch.file("salad", word_salad(40, 300));
  const TokenizerOptions options = {"unigram", 30, 1.0};
  CHECK(Tokenizer::train({salad}, options).bytes() == Tokenizer::train({salad}, options).bytes());
}

TEST_CASE("a tokenizer is trained on a sample of a text that exceeds max_training_bytes") {
  const Scratch scratch;
  std::string lines[2];  // each line has a three-byte character of its own
  for (int i = 0; i < 200; ++i)
    lines[i % 2] +=
        {'\xe4', static_cast<char>(0xb8 + i / 64), static_cast<char>(0x80 + i % 64), '\n'};
  const std::vector<attn::fs::path> texts = {scratch.file("one", lines[0]),
                                             scratch.file("two", lines[1])};
  const auto train = [&](std::size_t max_bytes) {
    return Tokenizer::train(texts, {.type = "char",
                                    .vocabulary_size = 300,
                                    .character_coverage = 1.0,
                                    .max_training_bytes = max_bytes});
  };
  constexpr int kOthers = 3;  // <unk>, </s>, the word boundary
  CHECK(train(600).size() == 200 + kOthers);
  const Tokenizer half = train(300);
  // Each of 200 lines has probability ½, so the standard deviation is 7.
  CHECK(std::abs(half.size() - kOthers - 100) < 40);
  CHECK(half.bytes() == train(300).bytes());
  CHECK(error_of([&] {
          Tokenizer::train(texts, {.type = "unigram",
                                   .vocabulary_size = 300,
                                   .character_coverage = 1.0,
                                   .max_training_bytes = 300});
        }).starts_with("a sample of " + texts[0].string()));
  int second = 0;  // pieces from the second text
  for (int i = 3; i < half.size(); ++i) second += lines[1].find(half.piece(i)) != std::string::npos;
  CHECK(std::abs(second - 50) < 30);
}

TEST_CASE("a rare character has no piece if the character coverage is below 1") {
  const Scratch scratch;
  std::string text = "z\n";
  for (int i = 0; i < 200; ++i) text += "ab\n";
  const auto file = scratch.file("text", text);
  CHECK(Tokenizer::train({file}, {"char", 100, 1.0}).size() == 6);
  CHECK(Tokenizer::train({file}, {"char", 100, 0.99}).size() == 5);
}

TEST_CASE("a tokenizer that is loaded from a file equals the one that was written") {
  const Scratch scratch;
  const Tokenizer t = characters(scratch);
  const Tokenizer loaded = Tokenizer::load(scratch.file("source.spm", t.bytes()));
  CHECK(loaded.bytes() == t.bytes());
  CHECK(loaded.encode("abc ca") == t.encode("abc ca"));
}

TEST_CASE("the error for a vocabulary size that the text does not allow names an allowed size") {
  const Scratch scratch;
  const auto text = scratch.file("text", "ab ab ab\n");
  const auto error = [&](const TokenizerOptions& options) {
    return error_of([&] { Tokenizer::train({text}, options); });
  };
  const std::string at = text.string() + ": ";
  for (const std::string type : {"unigram", "bpe"}) {
    INFO(type);
    const std::string large = error({type, 100, 1.0});
    const std::string start = at + "vocabulary size 100 is too large for this text; use at most ";
    REQUIRE(large.starts_with(start));
    const int maximum = std::stoi(large.substr(start.size()));
    CHECK(Tokenizer::train({text}, {type, maximum, 1.0}).size() == maximum);
    // <unk>, </s>, the boundary, a, b
    CHECK(
        error({type, 3, 1.0})
            .starts_with(
                at +
                "vocabulary size 3 is too small for the characters of this text; use at least 5,"));
    CHECK(Tokenizer::train({text}, {type, 5, 1.0}).size() == 5);
  }
  CHECK(error({"syllable", 5, 1.0}).starts_with(at + "cannot train a vocabulary of type syllable"));
  CHECK(error({"unigram", 5, 0.5}).find("character coverage 0.5") != std::string::npos);
  CHECK(error({"unigram", 0, 1.0}).starts_with(at + "cannot train a vocabulary"));
}

TEST_CASE("texts without a usable line are an error of tokenizer training that names the files") {
  const Scratch scratch;
  const auto blank = scratch.file("blank", "\n \n\u200b\u3000\n\u2581\x01\n"),
             bad = scratch.file("bad", "a\n\xff\n"),
             large = scratch.file("large", std::string(5000, 'a'));
  const auto error = [](const std::vector<attn::fs::path>& texts) {
    return error_of([&] { Tokenizer::train(texts, {"unigram", 10, 1.0}); });
  };
  const std::string empty =
      ": cannot train a vocabulary: every line is empty or longer than 4192 bytes";
  CHECK(error({blank, large}) == blank.string() + ", " + large.string() + empty);
  CHECK(error({blank, bad}).starts_with(bad.string() + ":2: not valid UTF-8"));
  CHECK(error({scratch / "missing"}).starts_with((scratch / "missing").string() + ": cannot open"));
}

TEST_CASE("an incomplete SentencePiece model is an error that names the file") {
  const Scratch scratch;
  const std::string model = characters(scratch).bytes();
  const auto error = [](const std::string& bytes) {
    return error_of([&] { Tokenizer::from_bytes(bytes, "x.model"); });
  };
  const std::string damaged = "x.model: not a SentencePiece model, or a damaged one";
  CHECK(error("") == damaged);
  CHECK(error("some text, not a model") == damaged);
  for (std::size_t size : {model.size() / 2, model.size() - 1, std::size_t{200}, std::size_t{30}})
    CHECK(error(model.substr(0, size)) == damaged);
  // Truncated exactly after the last piece, where the trainer's options begin with their tag.
  const std::string last_piece =
      "\n\x08\n\x01"
      "c\x15";
  const std::size_t at = model.find(last_piece);
  REQUIRE(at != std::string::npos);
  REQUIRE(model[at + last_piece.size() + 4] == '\x12');
  CHECK(error(model.substr(0, at + last_piece.size() + 4)) == damaged);
  CHECK(error_of([&] { Tokenizer::load(scratch / "missing"); }) ==
        (scratch / "missing").string() + ": cannot open: No such file or directory");
}

TEST_CASE("a SentencePiece model without an end-of-sentence piece is an error") {
  const Scratch scratch;
  std::string model = characters(scratch).bytes();
  for (std::size_t at; (at = model.find("</s>")) != std::string::npos;)
    model.replace(at, 4, "</x>");
  // The type of the piece: 3 is a control symbol, 1 a normal piece, which cannot be the end of
  // sentence.
  const std::size_t type = model.find("</x>") + 4 + 5 + 1;
  REQUIRE(model[type] == 3);
  model[type] = 1;
  CHECK(error_of([&] {
          Tokenizer::from_bytes(model, "x.model");
        }).starts_with("x.model: the SentencePiece model has no end-of-sentence piece </s>"));
}

TEST_CASE("split_words divides at Unicode white space and keeps the words unchanged") {
  CHECK(attn::split_words("") == Words{});
  CHECK(attn::split_words(" \t\u00a0\u3000 ") == Words{});
  CHECK(attn::split_words("a  bc\td") == Words{"a", "bc", "d"});
  CHECK(attn::split_words("\u3000l'\uff41\u00a0\u2009\u6f22\u5b57!\u2028\U0001f600 ") ==
        Words{"l'\uff41", "\u6f22\u5b57!", "\U0001f600"});
}

TEST_CASE("a piece belongs to the word with most of its bytes, or to the one that follows") {
  using Lists = std::vector<std::vector<int>>;
  const auto words = [](std::string_view line, const std::vector<Tokenizer::Piece>& pieces) {
    return attn::words_of_pieces(line, pieces);
  };
  // "ab cdef g": ab 0-2, cdef 3-7, g 8-9
  CHECK(words("ab cdef g", {{0, 0, 2}, {0, 2, 5}, {0, 5, 7}, {0, 7, 9}}) ==
        Lists{{0}, {1}, {1}, {2}});
  CHECK(words("ab cdef g", {{0, 1, 5}, {0, 1, 4}}) == Lists{{1}, {0}});  // 1:2, 1:1 bytes
  CHECK(words("ab cdef g", {{0, 0, 9}, {0, 2, 9}, {0, 1, 8}}) == Lists{{0, 1, 2}, {1, 2}, {1}});
  CHECK(words("ab cdef g", {{0, 0, 0}, {0, 2, 3}, {0, 3, 3}, {0, 2, 2}, {0, 9, 9}}) ==
        Lists{{0}, {1}, {1}, {1}, {2}});
  CHECK(words(" ab ", {{0, 0, 1}, {0, 3, 4}, {0, 4, 4}}) == Lists{{0}, {0}, {0}});
  CHECK(words("  ", {{0, 0, 1}}) == Lists{{}});
}

TEST_CASE("pieces of normalized characters belong to the words of the original line") {
  const Scratch scratch;
  const Tokenizer t = Tokenizer::train({scratch.file("text", "fi n .\n")}, {"char", 100, 1.0});
  // The ligature becomes "fi", the ellipsis "...", the ideographic space a boundary.
  const std::string line = " \ufb01n\u3000\u2026 \u6f22 n";
  const auto pieces = t.encode_with_offsets(line);
  Words text;
  for (const auto& p : pieces) text.push_back(t.piece(p.id));
  CHECK(text ==
        Words{"\u2581", "f", "i", "n", "\u2581", ".", ".", ".", "\u2581", "<unk>", "\u2581", "n"});
  CHECK(attn::words_of_pieces(line, pieces) ==
        std::vector<std::vector<int>>{{0}, {0}, {0}, {0}, {1}, {1}, {1}, {1}, {2}, {2}, {3}, {3}});
}

TEST_CASE("split_sentences divides at separators that are whole words") {
  using Sentences = std::vector<std::string_view>;
  CHECK(attn::split_sentences("a b | c", "|") == Sentences{"a b ", " c"});
  CHECK(attn::split_sentences("|a b|c", "|") == Sentences{"|a b|c"});
  CHECK(attn::split_sentences("| |\u3000a |", "|") == Sentences{"", " ", "\u3000a ", ""});
  CHECK(attn::split_sentences("a | b", "") == Sentences{"a | b"});
  CHECK(attn::split_sentences("", "|") == Sentences{""});
}

TEST_CASE("a document is encoded as its nonempty sentences with an end of sentence between them") {
  const Scratch scratch;
  const Tokenizer one = characters(scratch), t = one.with_separator("||");
  CHECK(one.separator().empty());
  const std::vector<int> ids = {3, 2, 4, t.eos(), 3, 5};
  for (const std::string line :
       {"ab || c", "|| ab || c", "ab ||  || \u3000 || c ||", " ab\t|| c "}) {
    CAPTURE(line);
    CHECK(t.encode(line) == ids);
    CHECK(t.encode_lines(std::vector{line})[0] == ids);
    const auto pieces = t.encode_with_offsets(line);
    std::vector<int> want = ids;
    want.push_back(t.eos());
    CHECK(t.ids(pieces) == want);
  }
  CHECK(t.encode("ab") == one.encode("ab"));
  for (const char* line : {"", "||", " || ||"}) {
    CHECK(t.encode(line).empty());
    CHECK(t.encode_with_offsets(line).empty());
  }
  CHECK(one.encode("ab || c") != ids);
}

TEST_CASE("the end between two sentences of a document covers the bytes of the separator") {
  const Scratch scratch;
  const Tokenizer t = characters(scratch).with_separator("||");
  const std::string line = "|| ab || || c";
  const auto pieces = t.encode_with_offsets(line);
  CHECK(offsets(pieces) == "3-3 3-4 4-5 6-8 12-12 12-13");
  CHECK(attn::words_of_pieces(line, pieces) ==
        std::vector<std::vector<int>>{{1}, {1}, {1}, {2}, {4}, {4}});
}

TEST_CASE("the separator of the first text gets no piece") {
  const Scratch scratch;
  const auto source = scratch.file("source", "the cat || the dog\n|| the cat\n");
  const auto target = scratch.file("target", "le chat || le chien\nle chat\n");
  TokenizerOptions options = {"word", 100, 1.0};
  options.separator = "||";
  CHECK(Tokenizer::train({source}, options).size() == 5);
  CHECK(Tokenizer::train({source, target}, options).size() == 9);  // a normal word in the target
  options.separator = "";
  CHECK(Tokenizer::train({source}, options).size() == 6);
}

TEST_CASE("byte fallback spells characters that the vocabulary lacks, and decoding restores them") {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "the cat number " + std::to_string(i) + " sees a dog and a bird\n";
  const auto file = scratch.file("text", text);
  const attn::Tokenizer bytes = attn::Tokenizer::train(
      {file}, {.type = "unigram", .vocabulary_size = 300, .byte_fallback = true});
  const attn::Tokenizer none =
      attn::Tokenizer::train({file}, {.type = "unigram", .vocabulary_size = 50});
  for (const std::string line :
       {"the cat", "кот 猫 🐈 sees", "e\u0301 ñ", "a 👩‍👩‍👧 b"}) {
    CAPTURE(line);
    const auto ids = bytes.encode(line);
    CHECK(std::ranges::count(ids, bytes.unk()) == 0);
    CHECK(bytes.decode(ids) == bytes.decode(bytes.encode(bytes.decode(ids))));
    const auto decoded = bytes.decode_with_offsets(ids);
    CHECK(attn::invalid_utf8(decoded.text) == std::string::npos);
    std::size_t end = 0;
    for (const auto& piece : decoded.pieces) {
      CHECK(piece.begin == end);
      CHECK(piece.end >= piece.begin);
      end = piece.end;
      CHECK(attn::invalid_utf8(decoded.text.substr(piece.begin, piece.end - piece.begin)) ==
            std::string::npos);
    }
    CHECK(end == decoded.text.size());
    end = 0;
    for (const auto& piece : bytes.encode_with_offsets(line)) {
      CHECK(piece.begin == end);
      end = piece.end;
    }
    CHECK(end == line.size());
  }
  CHECK(bytes.decode(bytes.encode("кот 猫 🐈")) == "кот 猫 🐈");
  CHECK(std::ranges::count(none.encode("кот"), none.unk()) > 0);
  // The first byte of a character without the others.
  const auto cat = bytes.encode("猫");
  REQUIRE(cat.size() >= 3);
  const std::string cut = bytes.decode(std::vector<int>(cat.begin(), cat.end() - 1));
  CHECK(attn::invalid_utf8(cut) == std::string::npos);
  CHECK(cut.find("\ufffd") != std::string::npos);
}

TEST_CASE("user symbols are one piece, and the normalization can be chosen") {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "The Cat sees <b> a dog , \"x\" " + std::to_string(i) + "\n";
  const auto file = scratch.file("text", text);
  const attn::Tokenizer marked = attn::Tokenizer::train(
      {file}, {.type = "unigram", .vocabulary_size = 34, .user_symbols = {"<b>", "a,\"b\""}});
  const auto pieces_of = [](const attn::Tokenizer& tokenizer, const std::string& line) {
    std::vector<std::string> out;
    for (const int id : tokenizer.encode(line)) out.push_back(tokenizer.piece(id));
    return out;
  };
  CHECK(std::ranges::count(pieces_of(marked, "x<b>y"), "<b>") == 1);
  CHECK(std::ranges::count(pieces_of(marked, "x a,\"b\" y"), "a,\"b\"") == 1);
  const attn::Tokenizer lower = attn::Tokenizer::train(
      {file}, {.type = "unigram", .vocabulary_size = 28, .normalization = "nmt_nfkc_cf"});
  CHECK(lower.decode(lower.encode("The Cat")) == "the cat");
}

#include "text/corpus.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/scratch.h"

namespace {

using attn::Tokenizer;

std::vector<int> ids(std::span<const int> span) {
  return {span.begin(), span.end()};
}

// Character tokenizers: a sentence of n letters without spaces has n + 1 pieces.
struct Texts {
  Scratch scratch;
  Tokenizer s = Tokenizer::train({scratch.file("letters", "abc\n")}, {"char", 100, 1.0});
  Tokenizer t = Tokenizer::train({scratch.file("letters", "xyz xyz\n")}, {"char", 100, 1.0});
  attn::Pool pool{2};

  attn::Corpus read(std::string_view source, std::string_view target, int max_length = 0) {
    return attn::read_corpus(scratch.file("source", source), scratch.file("target", target), s, t,
                             max_length, pool);
  }
  std::string where() const {
    return (scratch / "source").string() + ", " + (scratch / "target").string();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Texts, "a corpus contains the ids of both sides, with their ends of sentences") {
  const auto corpus = read("ab\nc\n", "x y\r\nzz");
  REQUIRE(corpus.size() == 2);
  auto first = s.encode("ab"), second = t.encode("zz");
  first.push_back(s.eos());
  second.push_back(t.eos());
  CHECK(ids(corpus.source(0)) == first);
  CHECK(ids(corpus.target(1)) == second);
  CHECK(corpus.text().source_tokens == 4 + 3);
  CHECK(corpus.text().target_tokens == 5 + 4);
  CHECK(corpus.text().longest_source == 3);
}

TEST_CASE_FIXTURE(Texts,
                  "empty and long pairs are dropped and counted, and line numbers are unchanged") {
  const auto corpus = read("a\n\n \u00a0\nab\nabc\na\nab\n", "x\nx\nx\nxy\nx\nxyz\n\u3000\n", 3);
  CHECK(corpus.text().lines == 7);
  CHECK(corpus.text().dropped_empty == 3);
  CHECK(corpus.text().dropped_long == 2);
  REQUIRE(corpus.size() == 2);
  CHECK(corpus.line(0) == 1);
  CHECK(corpus.line(1) == 4);
  CHECK(corpus.source(1).size() == 4);
}

TEST_CASE_FIXTURE(Texts,
                  "a corpus of many blocks has the order of the files for any number of threads") {
  std::string source, target;
  constexpr int kLines = 40000;
  for (int i = 0; i < kLines; ++i) {
    source += std::string(1 + static_cast<std::size_t>(i % 5), 'a') + "\n";
    target += std::string(1 + static_cast<std::size_t>(i % 7), 'x') + "\n";
  }
  const auto corpus = read(source, target);
  REQUIRE(corpus.size() == kLines);
  int wrong = 0;
  for (std::size_t i = 0; i < kLines; ++i)
    wrong += corpus.source(i).size() != 3 + i % 5 || corpus.target(i).size() != 3 + i % 7 ||
             corpus.line(i) != i + 1;
  CHECK(wrong == 0);
  attn::Pool one(1);
  const auto alone = attn::read_corpus(scratch / "source", scratch / "target", s, t, 0, one);
  CHECK(alone.text().fingerprint == corpus.text().fingerprint);
}

TEST_CASE_FIXTURE(Texts, "the fingerprint of a corpus changes with ids, order and line numbers") {
  const auto print = read("ab\nc\n", "x\ny\n").text().fingerprint;
  CHECK(read("ab\nc\n", "x\ny\n").text().fingerprint == print);
  CHECK(read("ab\nb\n", "x\ny\n").text().fingerprint != print);      // another letter
  CHECK(read("ab\nc\n", "x\nz\n").text().fingerprint != print);      // on the other side
  CHECK(read("c\nab\n", "y\nx\n").text().fingerprint != print);      // another order
  CHECK(read("ab\n\nc\n", "x\n\ny\n").text().fingerprint != print);  // other line numbers
  CHECK(read("ab\n", "x\n").text().fingerprint != print);            // fewer
  CHECK(read("a\nb\n", "x\nx\n").text().fingerprint != read("a\nb\n", "x\ny\n").text().fingerprint);
}

TEST_CASE_FIXTURE(Texts, "the error for files of different lengths gives both numbers of lines") {
  const std::string a = (scratch / "source").string(), b = (scratch / "target").string();
  const std::string rule = "; each line must be the translation of the same line of the other file";
  CHECK(error_of([&] { read("a\nb\n", "x\n"); }) == a + " has 2 lines, " + b + " has 1" + rule);
  CHECK(error_of([&] { read("", "x\n"); }) == a + " has 0 lines, " + b + " has 1" + rule);
  std::string many;
  for (int i = 0; i < 40000; ++i) many += "a\n";
  CHECK(error_of([&] { read(many, "x\n"); }) == a + " has 40000 lines, " + b + " has 1" + rule);
  CHECK(error_of([&] { read(many, many + "x"); }) ==
        a + " has 40000 lines, " + b + " has 40001" + rule);
}

TEST_CASE_FIXTURE(Texts, "invalid UTF-8 in a parallel text is an error with the line number") {
  std::string good, bad;
  for (int i = 1; i <= 10000; ++i) good += "a\n", bad += i == 9001 ? "x\xff\n" : "x\n";
  const std::string error = error_of([&] { read(good, bad); });
  CHECK(error.starts_with((scratch / "target").string() + ":9001: not valid UTF-8 at byte 2"));
}

TEST_CASE_FIXTURE(Texts, "a corpus without usable pairs is an error with the reasons") {
  CHECK(error_of([&] { read("", ""); }) ==
        where() + ": no usable sentence pairs: the files are empty");
  CHECK(error_of([&] { read("a\n\nabc\n", "\nx\nx\n", 3); }) ==
        where() +
            ": no usable sentence pairs: of 3 pairs, 2 with an empty side, 1 with more than 3 "
            "pieces on "
            "a side (data.max_length)");
}

TEST_CASE_FIXTURE(Texts, "a link between words becomes links between all their pieces") {
  // Pieces: "_" a b "_" c, and "_" x "_" y z.
  const auto links_of = [&](const std::string& links) {
    std::vector<int> out;
    attn::read_pairs({scratch.file("source", "a\nab c\n"), scratch.file("target", "x\nx yz\n"), s,
                      t, 0, scratch.file("links", links)},
                     pool, [&](attn::PairView pair) { out = ids(pair.links()); });
    return out;
  };
  CHECK(links_of("\n0-1 1p0\n") == std::vector<int>{3, 0, 4, 0, 3, 1, 4, 1, 0, 2, 1, 2, 2,
                                                    2, 0, 3, 1, 3, 2, 3, 0, 4, 1, 4, 2, 4});
  CHECK(links_of("0-0\n\n").empty());
  const std::string file = (scratch / "links").string();
  const std::string past =
      " is out of range for a source of 2 and a target of 2 words, counted from 0; use the "
      "alignment "
      "of this text";
  CHECK_THROWS_WITH_AS(links_of("\n0-2\n"), (file + ":2: link 0-2" + past).c_str(), attn::Error);
  CHECK_THROWS_WITH_AS(links_of("\n2-0\n"), (file + ":2: link 2-0" + past).c_str(), attn::Error);
  CHECK_THROWS_AS(links_of("\n0:0\n"), attn::Error);
  const std::string counts =
      (scratch / "source").string() + " has 2 lines, " + file +
      " has 1; each line must be the word alignment of the same line of the text";
  CHECK_THROWS_WITH_AS(links_of("0-0\n"), counts.c_str(), attn::Error);
}

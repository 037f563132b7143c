// A text that exceeds the allowed memory is read from a file in chunks: every pair once per epoch,
// within the allowed memory.
#include <algorithm>

#include <doctest/doctest.h>

#include "support/scratch.h"
#include "text/batch_stream.h"

namespace attn::test {
namespace {

using Lists = std::vector<std::vector<std::size_t>>;

constexpr std::size_t kPairs = 2000;

// Pairs of 3 to 22 source and 3 to 31 target tokens, in memory and in a file.
struct Texts {
  static constexpr std::size_t kMemory = 10000, kBlock = 200;  // bytes, integers

  Scratch scratch;
  Tokenizer letters = Tokenizer::train({scratch.file("letters", "abc\n")}, {"char", 9, 1.0});
  Pool pool{2};
  fs::path source = scratch.file("source", letters_of(20, 1));
  fs::path target = scratch.file("target", letters_of(29, 2));
  ChunkedCorpus in_memory = read(std::size_t{1} << 20), in_file = read(kMemory);
  BatchOptions options{false, 16, 100};
  RandomKey key{3};

  static std::string letters_of(std::uint64_t longest, std::uint64_t seed) {
    std::string text;
    for (std::uint64_t i = 0; i < kPairs; ++i) {
      const RandomKey key = RandomKey(seed).at(i);
      for (std::uint64_t k = key.below(longest) + 1; k > 0; --k)
        text += static_cast<char>('a' + key.at(k).below(3));
      text += '\n';
    }
    return text;
  }

  ChunkedCorpus read(std::size_t memory, std::size_t block = kBlock) {
    return read_chunked_corpus({source, target, letters, letters, 0},
                               {scratch / "run", memory, block}, pool);
  }

  static std::vector<std::size_t> lines(const BatchStream::Item& item) {
    std::vector<std::size_t> out;
    for (const auto i : item.pairs) out.push_back(item.corpus.line(i));
    return out;
  }

  // Returns the line numbers of each batch of an epoch.
  Lists epoch(const ChunkedCorpus& text, int number) const {
    BatchStream stream(text, options, key);
    Lists out;
    for (Position at{.epoch = number}; !stream.at_end(at);) out.push_back(lines(stream.next(at)));
    return out;
  }
};

std::vector<std::size_t> sorted(const Lists& lists) {
  std::vector<std::size_t> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE_FIXTURE(Texts, "a text in chunks has the same summary as the text in memory") {
  CHECK(in_memory.in_memory());
  CHECK_FALSE(in_file.in_memory());
  CHECK(fs::is_empty(scratch / "run"));  // the temporary file has no name
  const TextSummary a = in_memory.summary(), b = in_file.summary();
  CHECK(a.pairs == kPairs);
  CHECK(b.pairs == kPairs);
  CHECK(a.lines == b.lines);
  CHECK(a.source_tokens == b.source_tokens);
  CHECK(a.target_tokens == b.target_tokens);
  CHECK(a.longest_source == b.longest_source);
  CHECK(a.fingerprint == b.fingerprint);
}

TEST_CASE_FIXTURE(Texts, "every pair is in exactly one batch of an epoch, with the right tokens") {
  const Corpus& whole = in_memory.corpus();
  for (const bool by_tokens : {false, true}) {
    options.by_tokens = by_tokens;
    options.size = by_tokens ? 150 : 16;
    BatchStream stream(in_file, options, key);
    Position at;
    std::vector<std::size_t> seen;
    int wrong = 0;
    while (!stream.at_end(at)) {
      const auto [corpus, sentences] = stream.next(at);
      CHECK_FALSE(sentences.empty());
      for (const auto i : sentences) {
        const std::size_t line = corpus.line(i);
        seen.push_back(line);
        wrong += !std::ranges::equal(corpus.source(i), whole.source(line - 1)) ||
                 !std::ranges::equal(corpus.target(i), whole.target(line - 1));
      }
    }
    CHECK(wrong == 0);
    std::sort(seen.begin(), seen.end());
    CHECK(seen.size() == kPairs);
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}

TEST_CASE_FIXTURE(Texts,
                  "a chunk fits in the allowed memory and has pairs from all over the text") {
  CHECK(in_file.chunks() > 10);
  for (std::size_t c = 0; c < in_file.chunks(); ++c) {
    const Corpus chunk = in_file.chunk(c, RandomKey(1));
    std::size_t tokens = 0, first = kPairs, last = 0;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      tokens += chunk.source(i).size() + chunk.target(i).size();
      first = std::min(first, chunk.line(i)), last = std::max(last, chunk.line(i));
    }
    const std::size_t bytes = 4 * tokens + 32 * chunk.size();
    CHECK(bytes <= kMemory);
    CHECK(bytes > kMemory / 2);  // at least half of it is used
    CHECK(last - first > kPairs / 3);
  }
}

TEST_CASE_FIXTURE(Texts, "the batches of a text in chunks are a function of seed and epoch") {
  const Lists zero = epoch(in_file, 0), one = epoch(in_file, 1);
  CHECK(epoch(in_file, 0) == zero);
  CHECK(epoch(read(kMemory), 0) == zero);
  CHECK(one != zero);
  CHECK(sorted(one) == sorted(zero));
  // The pairs of the first chunk differ, too.
  const std::size_t batches = zero.size() / in_file.chunks();
  CHECK(sorted(Lists(zero.begin(), zero.begin() + static_cast<std::ptrdiff_t>(batches))) !=
        sorted(Lists(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(batches))));
  key = RandomKey(4);
  CHECK(epoch(in_file, 0) != zero);
}

TEST_CASE_FIXTURE(Texts, "a text in memory is shuffled and divided into batches as a whole") {
  const Batches batches = make_batches(in_memory.corpus(), options, key.at(5));
  Lists want;
  for (std::size_t b = 0; b < batches.size(); ++b)
    want.push_back(lines({in_memory.corpus(), batches[b]}));
  CHECK(epoch(in_memory, 5) == want);
}

TEST_CASE_FIXTURE(Texts, "a new stream continues with the same batches from any position") {
  for (const ChunkedCorpus* text : {&in_memory, &in_file}) {
    BatchStream stream(*text, options, key);
    std::vector<Position> positions;
    Lists want;
    Position at;
    for (int epochs = 0; epochs < 2; at = {.epoch = ++epochs})
      while (!stream.at_end(at)) {
        positions.push_back(at);
        want.push_back(lines(stream.next(at)));
      }
    double before = -1;
    for (std::size_t i = 0; i < want.size(); i += 17) {
      BatchStream other(*text, options, key);
      Position from = positions[i];
      CHECK(lines(other.next(from)) == want[i]);
      const double epochs = other.epochs(from);
      CHECK(epochs > before);
      CHECK(epochs <= positions[i].epoch + 1);
      before = epochs;
      if (other.at_end(from)) from = {.epoch = from.epoch + 1};
      if (i + 1 < want.size()) CHECK(lines(other.next(from)) == want[i + 1]);
    }
  }
}

TEST_CASE_FIXTURE(Texts,
                  "the smallest memory has room for a block, and the smallest block for a pair") {
  const ChunkedCorpus tiny = read(1, 8);  // smaller than any pair
  CHECK(tiny.chunks() == kPairs);
  CHECK(sorted(epoch(tiny, 0)) == sorted(epoch(in_memory, 0)));
}

TEST_CASE_FIXTURE(Texts,
                  "the error for a temporary file that cannot be created names its directory") {
  const CorpusStorage storage{scratch / "source", kMemory, kBlock};
  CHECK(error_of([&] {
          read_chunked_corpus({source, target, letters, letters, 0}, storage, pool);
        }) == source.string() + ": cannot create the directory: Not a directory");
}

}  // namespace attn::test

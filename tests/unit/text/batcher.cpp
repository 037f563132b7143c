#include "text/batcher.h"

#include <algorithm>
#include <numeric>

#include <doctest/doctest.h>

#include "base/random.h"
#include "support/scratch.h"

namespace {

using attn::Batches;
using attn::BatchOptions;
using attn::Corpus;
using attn::RandomKey;

// Pairs of 3 to 22 source tokens and 3 to 31 target tokens, which are characters.
Corpus random_corpus(int sentences) {
  const Scratch scratch;
  const auto letters = attn::Tokenizer::train({scratch.file("letters", "a\n")}, {"char", 9, 1.0});
  std::string source, target;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(sentences); ++i) {
    source += std::string(1 + RandomKey(1).at(i).below(20), 'a') + "\n";
    target += std::string(1 + RandomKey(2).at(i).below(29), 'a') + "\n";
  }
  attn::Pool pool(1);
  return attn::read_corpus(scratch.file("source", source), scratch.file("target", target), letters,
                           letters, 0, pool);
}

std::vector<std::vector<std::uint32_t>> lists(const Batches& batches) {
  std::vector<std::vector<std::uint32_t>> out;
  for (std::size_t i = 0; i < batches.size(); ++i)
    out.emplace_back(batches[i].begin(), batches[i].end());
  return out;
}

std::size_t target_tokens(const Corpus& corpus, std::span<const std::uint32_t> batch) {
  std::size_t sum = 0;
  for (const auto i : batch) sum += corpus.target(i).size();
  return sum;
}

// Returns the mean over batches of the difference between the longest and the shortest target.
double mean_spread(const Corpus& corpus, const Batches& batches) {
  double sum = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    std::size_t least = 1000, most = 0;
    for (const auto i : batches[b]) {
      least = std::min(least, corpus.target(i).size());
      most = std::max(most, corpus.target(i).size());
    }
    sum += static_cast<double>(most - least);
  }
  return sum / static_cast<double>(batches.size());
}

}  // namespace

TEST_CASE("an epoch contains each pair exactly once for all batch options") {
  const Corpus corpus = random_corpus(997);
  std::vector<std::uint32_t> all(corpus.size());
  std::iota(all.begin(), all.end(), 0U);
  for (const bool by_tokens : {false, true})
    for (const int size : {1, 7, 40, 100000})
      for (const int bucket_size : {0, 1, 5, 160, 100000}) {
        const auto batches =
            attn::make_batches(corpus, {by_tokens, size, bucket_size}, RandomKey(3));
        std::vector<std::uint32_t> seen;
        for (const auto& batch : lists(batches)) {
          CHECK_FALSE(batch.empty());
          seen.insert(seen.end(), batch.begin(), batch.end());
        }
        std::sort(seen.begin(), seen.end());
        CHECK(seen == all);
      }
}

TEST_CASE("all batches by sentences but the last have the requested size") {
  const Corpus corpus = random_corpus(997);
  for (const int bucket_size : {0, 10, 80}) {  // also buckets smaller than a batch
    auto batches = lists(attn::make_batches(corpus, {false, 20, bucket_size}, RandomKey(3)));
    CHECK(batches.size() == 50);
    CHECK(std::count_if(batches.begin(), batches.end(), [](auto& b) { return b.size() == 20; }) ==
          49);
  }
}

TEST_CASE("a batch by tokens is as large as allowed, or a single longer pair") {
  const Corpus corpus = random_corpus(997);
  constexpr std::size_t kSize = 150, kLongest = 31;
  const auto batches = attn::make_batches(corpus, {true, kSize, 400}, RandomKey(3));
  int short_ones = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const std::size_t tokens = target_tokens(corpus, batches[b]);
    CHECK(tokens <= kSize);
    short_ones += tokens + kLongest <= kSize;
  }
  CHECK(short_ones <= 1);
  const auto singles = attn::make_batches(corpus, {true, 2, 400}, RandomKey(3));
  CHECK(singles.size() == corpus.size());
}

TEST_CASE("batches of sorted buckets have similar lengths, also across two buckets") {
  const Corpus corpus = random_corpus(1600);
  // The expected spread of 20 lengths from 29 equally likely ones is about 26; that of 20 neighbors
  // of 400 sorted ones, about 29/20.
  CHECK(mean_spread(corpus, attn::make_batches(corpus, {false, 20, 0}, RandomKey(3))) > 20);
  CHECK(mean_spread(corpus, attn::make_batches(corpus, {false, 20, 400}, RandomKey(3))) < 3);
  CHECK(mean_spread(corpus, attn::make_batches(corpus, {false, 19, 395}, RandomKey(3))) < 3);
}

TEST_CASE("pairs with equal target lengths are sorted by source length") {
  const Corpus corpus = random_corpus(997);
  const auto batches = attn::make_batches(corpus, {false, 997, 997}, RandomKey(3));
  REQUIRE(batches.size() == 1);
  const auto batch = batches[0];
  CHECK(std::is_sorted(batch.begin(), batch.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(corpus.target(a).size(), corpus.source(a).size()) <
           std::pair(corpus.target(b).size(), corpus.source(b).size());
  }));
}

TEST_CASE("batches are a function of the key, and their order is shuffled") {
  const Corpus corpus = random_corpus(997);
  const BatchOptions options = {true, 150, 997};
  const auto batches = lists(attn::make_batches(corpus, options, RandomKey(3)));
  CHECK(lists(attn::make_batches(corpus, options, RandomKey(3))) == batches);
  CHECK(lists(attn::make_batches(corpus, options, RandomKey(4))) != batches);
  // With a single bucket, only the shuffle can put a shorter batch after a longer one. It does so
  // for half of the batches.
  int shorter = 0;
  for (std::size_t b = 1; b < batches.size(); ++b)
    shorter += corpus.target(batches[b][0]).size() < corpus.target(batches[b - 1].back()).size();
  CHECK(shorter > static_cast<int>(batches.size()) / 4);
  CHECK_THROWS_AS(attn::make_batches(corpus, {true, 0, 1}, RandomKey(3)), attn::Bug);
}

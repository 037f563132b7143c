// Pool: which worker processes which item, and what happens to exceptions.
#include "base/parallel.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

constexpr std::size_t kItems = 23;

// Returns the message of the exception that for_each throws if the items in `bad` throw. Adds 1 to
// calls[i] for each call with item i.
std::string first_error(Pool& pool, const std::vector<std::size_t>& bad,
                        std::vector<std::atomic<int>>& calls) {
  try {
    pool.for_each(calls.size(), [&](std::size_t item, int) {
      ++calls[item];
      for (const std::size_t b : bad)
        if (item == b) throw std::runtime_error(std::to_string(item));
    });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a pool has at least one worker") {
  for (const int threads : {1, 2, 5}) CHECK(Pool(threads).threads() == threads);
  CHECK(Pool(0).threads() == 1);
  CHECK(hardware_threads() >= 1);
}

TEST_CASE("worker i mod threads processes item i, once and in ascending order") {
  for (const int threads : {1, 2, 3, 5}) {
    CAPTURE(threads);
    Pool pool(threads);
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{4}, kItems}) {
      std::vector<std::vector<std::size_t>> items(static_cast<std::size_t>(threads));
      std::vector<std::thread::id> ids(static_cast<std::size_t>(threads));
      pool.for_each(count, [&](std::size_t item, int worker) {
        const auto w = static_cast<std::size_t>(worker);
        items.at(w).push_back(item);
        ids.at(w) = std::this_thread::get_id();
      });
      for (std::size_t worker = 0; worker < items.size(); ++worker) {
        std::vector<std::size_t> expected;
        for (std::size_t i = worker; i < count; i += items.size()) expected.push_back(i);
        CHECK(items[worker] == expected);
      }
      if (count > 0) CHECK(ids[0] == std::this_thread::get_id());  // the caller is worker 0
    }
  }
}

TEST_CASE("a pool rethrows the exception of the lowest item that throws") {
  for (const int threads : {1, 2, 3, 4, 7}) {
    CAPTURE(threads);
    Pool pool(threads);
    for (const std::vector<std::size_t>& bad : std::vector<std::vector<std::size_t>>{
             {7}, {0}, {kItems - 1}, {11, 3, 5}, {6, 5}, {5, 6, 7, 8, 9, 10, 11, 12, 13}}) {
      std::vector<std::atomic<int>> calls(kItems);
      const auto lowest = *std::min_element(bad.begin(), bad.end());
      CHECK(first_error(pool, bad, calls) == std::to_string(lowest));
    }
  }
}

TEST_CASE("if an item throws, its worker stops and the other workers complete their items") {
  const std::size_t bad = 5;
  for (const std::size_t threads : {1U, 2U, 3U, 4U}) {
    CAPTURE(threads);
    Pool pool(static_cast<int>(threads));
    std::vector<std::atomic<int>> calls(kItems);
    CHECK(first_error(pool, {bad}, calls) == "5");
    for (std::size_t item = 0; item < kItems; ++item) {
      CAPTURE(item);
      const bool is_skipped = item > bad && item % threads == bad % threads;
      CHECK(calls[item] == (is_skipped ? 0 : 1));
    }
  }
}

TEST_CASE("a pool can be used again after an exception") {
  Pool pool(3);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::atomic<int>> failed(kItems), complete(kItems);
    CHECK(first_error(pool, {4, 9}, failed) == "4");
    CHECK(first_error(pool, {}, complete) == "no error");
    for (const auto& calls : complete) CHECK(calls == 1);
  }
}

}  // namespace attn::test

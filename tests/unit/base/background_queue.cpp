#include "base/background_queue.h"

#include <atomic>
#include <memory>

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/scratch.h"

namespace attn::test {
namespace {

// Returns a function that produces 0, 1, …, count − 1.
BackgroundQueue<int>::Produce numbers(int count) {
  return [count, next = std::make_shared<int>(0)](int& item) {
    item = (*next)++;
    return item < count;
  };
}

}  // namespace

TEST_CASE("a background queue returns all items in their order") {
  BackgroundQueue<int> queue(numbers(1000), 10);
  int next = 0;
  for (auto items = queue.take(3, 7); !items.empty(); items = queue.take(3, 7)) {
    CHECK((items.size() >= 3 || next + std::ssize(items) == 1000));
    CHECK(items.size() <= 7);
    for (const int item : items) CHECK(item == next++);
  }
  CHECK(next == 1000);
  CHECK(queue.take(1, 1).empty());
}

TEST_CASE("a background queue throws what the producer has thrown, after the items before") {
  BackgroundQueue<int> queue(
      [next = std::make_shared<int>(0)](int& item) {
        item = (*next)++;
        if (item == 3) throw Error("the end");
        return true;
      },
      100);
  CHECK(queue.take(10, 10) == std::vector{0, 1, 2});
  CHECK(error_of([&] { queue.take(1, 1); }) == "the end");
}

TEST_CASE("a background queue is not ahead of its capacity, and can be abandoned") {
  const auto produced = std::make_shared<std::atomic<int>>(0);
  {
    BackgroundQueue<int> queue([produced](int& item) { return item = ++*produced, true; }, 5);
    CHECK(queue.take(1, 1).size() == 1);
    while (*produced < 5) std::this_thread::yield();
    CHECK(*produced <= 8);
  }
  while (produced.use_count() > 1) std::this_thread::yield();  // the thread ends
  CHECK(*produced <= 8);
}

}  // namespace attn::test

// Items that a thread of its own produces while the caller works on earlier ones.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace attn {

template <class Item>
class BackgroundQueue {
 public:
  // Assigns the next item; returns false at the end. May throw.
  using Produce = std::function<bool(Item&)>;

  // Starts a thread that calls `produce`, which must own everything that it uses, until the end. It
  // is at most `capacity` items ahead of take().
  BackgroundQueue(Produce produce, std::size_t capacity)
      : state_(std::make_shared<State>(std::move(produce), capacity)) {
    std::thread([state = state_] { state->run(); }).detach();
  }
  // Does not wait for the thread, which may be blocked in a read that never returns.
  ~BackgroundQueue() { state_->abandon(); }
  BackgroundQueue(const BackgroundQueue&) = delete;
  BackgroundQueue& operator=(const BackgroundQueue&) = delete;

  // Waits for at least `min` items or the end, and returns up to `max` ≥ min items, none at the
  // end. After the last item, rethrows what `produce` has thrown.
  std::vector<Item> take(std::size_t min, std::size_t max) { return state_->take(min, max); }

 private:
  struct State {
    State(Produce p, std::size_t n) : produce(std::move(p)), capacity(n) {}

    void run() {
      try {
        for (Item item; produce(item) && push(std::move(item)); item = {}) continue;
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      has_ended = true;
      changed.notify_all();
    }
    // Waits for room. Returns false if nobody takes items any more.
    bool push(Item item) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return items.size() < capacity || is_abandoned; });
      items.push_back(std::move(item));
      if (items.size() >= wanted) changed.notify_all();
      return !is_abandoned;
    }
    std::vector<Item> take(std::size_t min, std::size_t max) {
      std::unique_lock lock(mutex);
      wanted = min;
      changed.wait(lock, [&] { return items.size() >= min || has_ended; });
      if (items.empty() && error) std::rethrow_exception(std::exchange(error, nullptr));
      const auto end = items.begin() + static_cast<std::ptrdiff_t>(std::min(max, items.size()));
      std::vector<Item> out(std::move_iterator(items.begin()), std::move_iterator(end));
      items.erase(items.begin(), end);
      changed.notify_all();
      return out;
    }
    void abandon() {
      const std::lock_guard lock(mutex);
      is_abandoned = true;
      changed.notify_all();
    }

    const Produce produce;
    const std::size_t capacity;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Item> items;
    std::size_t wanted = 1;    // number of items that take() waits for
    std::exception_ptr error;  // what `produce` has thrown; written before has_ended
    bool has_ended = false, is_abandoned = false;
  };

  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace attn

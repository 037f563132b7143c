// The only threads of the program.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/profile.h"

namespace attn {

// A fixed team of workers. The caller is one of them: Pool(1) starts no thread.
class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // f(item, worker) for item in [0, count); item i is always done by worker i mod threads(), items
  // of one worker in ascending order. Returns when all are done; rethrows the exception of the
  // lowest item. If the caller is Profiling, so are the workers, from the stage that runs, and what
  // they measure is added to the caller's.
  template <class F>
  void for_each(std::size_t count, F&& f) {
    run_all(count, std::ref(f));  // a function holds a reference without allocating
  }

 private:
  using Task = std::function<void(std::size_t item, int worker)>;
  void run_all(std::size_t count, const Task& task);
  void work(int worker);
  void run(int worker);

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  const Task* task_ = nullptr;
  std::size_t count_ = 0;
  std::optional<Stage> profiled_;           // the caller's running stage, if it is Profiling
  std::vector<Profile> profiles_;           // one per worker
  std::vector<std::exception_ptr> errors_;  // one per worker
  std::vector<std::size_t> error_items_;
  unsigned long generation_ = 0;
  int running_ = 0;
  bool stop_ = false;
};

// Threads that this machine runs at once, at least 1.
int hardware_threads();

}  // namespace attn

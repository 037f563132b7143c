// A thread pool, and single threads.
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

// A fixed number of workers. The calling thread is worker 0, so Pool(1) starts no thread.
class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()); }

  // Calls f(item, worker) for each item in [0, count) and returns when all calls have returned.
  // Worker i mod threads() processes item i, in ascending order. If calls throw, rethrows the
  // exception of the lowest item. If the caller has a Profile, the workers measure too, starting
  // with its running stage, and their times and operations are added to it.
  template <class F>
  void for_each(std::size_t count, F&& f) {
    run_all(count, std::ref(f));  // std::function holds a reference without an allocation
  }

 private:
  using Task = std::function<void(std::size_t item, int worker)>;
  void run_all(std::size_t count, const Task& task);
  struct Worker {
    std::size_t number;
    Profile profile = {};
    std::exception_ptr error = nullptr;  // exception of the task
    std::size_t error_item = 0;          // the item that threw it
  };
  // Waits for tasks and runs them, until the pool is destroyed.
  void work(Worker& worker);
  // Runs the items of one worker, up to the first that throws.
  void run(Worker& worker);
  void rethrow_first_error();

  std::vector<Worker> workers_;
  std::vector<std::thread> threads_;  // of the workers 1, 2, …
  std::mutex mutex_;
  std::condition_variable start_, done_;
  const Task* task_ = nullptr;
  std::size_t count_ = 0;
  std::optional<Stage> profiled_;  // the caller's running stage, if it has a Profile
  unsigned long generation_ = 0;   // number of tasks so far
  std::size_t running_ = 0;        // threads that have not finished the task
  bool stop_ = false;
};

// A thread that runs f beside the caller. f must not throw.
class BackgroundThread {
 public:
  explicit BackgroundThread(std::function<void()> f) : thread_(std::move(f)) {}
  // Waits until f has returned.
  ~BackgroundThread() { thread_.join(); }
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;

 private:
  std::thread thread_;
};

// Returns the number of threads that this process may run at the same time, at least 1: that of the
// processors that it may use (affinity), or fewer if Slurm assigns fewer (SLURM_CPUS_PER_TASK).
int hardware_threads();

}  // namespace attn

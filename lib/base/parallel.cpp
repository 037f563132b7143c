#include "base/parallel.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <sched.h>

namespace attn {

Pool::Pool(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) workers_.push_back({workers_.size()});
  for (Worker& worker : workers_)
    if (worker.number > 0) threads_.emplace_back([this, &worker] { work(worker); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::run_all(std::size_t count, const Task& task) {
  Profile* const profile = this_threads_profile;
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    count_ = count;
    running_ = threads_.size();
    profiled_ = profile ? std::optional(profile->running()) : std::nullopt;
    ++generation_;
  }
  start_.notify_all();
  run(workers_[0]);
  {
    const Timed waiting(Stage::idle);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
  }
  for (Worker& worker : workers_)
    if (profile) profile->add(std::exchange(worker.profile, {}));
  rethrow_first_error();
}

void Pool::rethrow_first_error() {
  std::exception_ptr first;
  std::size_t first_item = 0;
  for (Worker& worker : workers_) {
    if (worker.error && (!first || worker.error_item < first_item))
      first = worker.error, first_item = worker.error_item;
    worker.error = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void Pool::run(Worker& worker) {
  for (std::size_t item = worker.number; item < count_; item += workers_.size()) {
    try {
      (*task_)(item, static_cast<int>(worker.number));
    } catch (...) {
      worker.error = std::current_exception();
      worker.error_item = item;
      return;
    }
  }
}

void Pool::work(Worker& worker) {
  unsigned long seen = 0;
  for (;;) {
    std::optional<Stage> profiled;
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
      profiled = profiled_;
    }
    {
      const Profiling profiling(profiled ? &worker.profile : nullptr,
                                profiled.value_or(Stage::other));
      run(worker);
    }
    {
      const std::lock_guard lock(mutex_);
      --running_;
    }
    done_.notify_one();
  }
}

int hardware_threads() {
  int count = static_cast<int>(std::thread::hardware_concurrency());
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) count = CPU_COUNT(&usable);
  const char* assigned = std::getenv("SLURM_CPUS_PER_TASK");
  if (assigned != nullptr && std::atoi(assigned) > 0) count = std::min(count, std::atoi(assigned));
  return std::max(1, count);
}

}  // namespace attn

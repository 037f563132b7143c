#include "base/parallel.h"

#include <algorithm>
#include <utility>

namespace attn {

Pool::Pool(int threads)
    : profiles_(static_cast<std::size_t>(std::max(threads, 1))),
      errors_(static_cast<std::size_t>(std::max(threads, 1))),
      error_items_(static_cast<std::size_t>(std::max(threads, 1))) {
  for (int worker = 1; worker < threads; ++worker)
    workers_.emplace_back([this, worker] { work(worker); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Pool::run_all(std::size_t count, const Task& task) {
  Profile* const profile = this_threads_profile;
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    count_ = count;
    running_ = static_cast<int>(workers_.size());
    profiled_ = profile ? std::optional(profile->running()) : std::nullopt;
    ++generation_;
  }
  start_.notify_all();
  run(0);
  {
    const Timed waiting(Stage::idle);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
  }
  for (auto& worker_profile : profiles_)
    if (profile) profile->add(std::exchange(worker_profile, {}));
  rethrow_first_error();
}

void Pool::rethrow_first_error() {
  std::exception_ptr first;
  std::size_t first_item = 0;
  for (std::size_t worker = 0; worker < errors_.size(); ++worker) {
    if (errors_[worker] && (!first || error_items_[worker] < first_item))
      first = errors_[worker], first_item = error_items_[worker];
    errors_[worker] = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void Pool::run(int worker) {
  const auto self = static_cast<std::size_t>(worker), workers = errors_.size();
  for (std::size_t item = self; item < count_; item += workers) {
    try {
      (*task_)(item, worker);
    } catch (...) {
      errors_[self] = std::current_exception();
      error_items_[self] = item;
      return;
    }
  }
}

void Pool::work(int worker) {
  Profile& profile = profiles_[static_cast<std::size_t>(worker)];
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
      const Profiling profiling(profiled ? &profile : nullptr, profiled.value_or(Stage::other));
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
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace attn

// Measures how much time a computation spends in each stage, and the floating-point operations of
// its matrix products. A thread measures while a Profiling exists. Without one, a Timed only tests
// a pointer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace attn {

enum class Stage {
  encoder,
  attention,
  decoder,
  output,  // readout, output layer, loss
  embedding,
  optimizer,      // also clipping, the moving average, clearing the gradient, and preparing weights
  reduction,      // sum of the shards' gradients and its norm
  communication,  // with other processes, and waiting for them
  data,           // reading and forming batches
  other,
  idle  // waiting for other threads
};
inline constexpr std::size_t kStages = 11;
// Returns the position of a stage in an array with an element for each stage.
constexpr std::size_t index_of(Stage stage) {
  return static_cast<std::size_t>(stage);
}
// Returns the name of a stage for logs and JSON.
const char* name_of(Stage stage);

// Seconds and operations of each stage. Times are exclusive: the time of a nested stage does not
// count for the enclosing one. Each thread needs a Profile of its own; Pool adds those of its
// workers to the caller's.
class Profile {
 public:
  double seconds(Stage stage) const {
    return std::chrono::duration<double>(of(stage).time).count();
  }
  std::int64_t operations(Stage stage) const { return of(stage).operations; }
  // Return the sums over all stages.
  double seconds() const;
  std::int64_t operations() const;

  // Adds the times and operations of `other`.
  void add(const Profile& other);

  Stage running() const { return running_; }
  // Adds the time since the last switch to the running stage, makes `stage` the running one, and
  // returns the previous one.
  Stage switch_to(Stage stage);
  // Adds operations to the running stage.
  void count(std::int64_t operations) { of(running_).operations += operations; }

 private:
  friend class Profiling;
  using Clock = std::chrono::steady_clock;
  struct Amount {
    Clock::duration time{};
    std::int64_t operations = 0;
  };
  Amount& of(Stage stage) { return amounts_[index_of(stage)]; }
  const Amount& of(Stage stage) const { return amounts_[index_of(stage)]; }

  std::array<Amount, kStages> amounts_{};
  Stage running_ = Stage::other;
  Clock::time_point since_;
};

// The profile of this thread; null: nothing is measured.
inline constinit thread_local Profile* this_threads_profile = nullptr;

// Scope in which this thread measures into `profile`, starting with `stage`. With null, it measures
// nothing.
class Profiling {
 public:
  Profiling(Profile* profile, Stage stage);
  ~Profiling();
  Profiling(const Profiling&) = delete;
  Profiling& operator=(const Profiling&) = delete;

 private:
  Profile* before_;
};

// Scope whose time counts for `stage`.
class Timed {
 public:
  explicit Timed(Stage stage) : profile_(this_threads_profile) {
    if (profile_) before_ = profile_->switch_to(stage);
  }
  ~Timed() {
    if (profile_) profile_->switch_to(before_);
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Profile* profile_;
  Stage before_ = Stage::other;
};

// Adds floating-point operations (multiplications and additions of matrix products) to the running
// stage.
inline void count_operations(std::int64_t operations) {
  if (this_threads_profile) this_threads_profile->count(operations);
}

// Scope that counts as a given number of operations, whatever is counted while it exists. It must
// not contain another stage.
class CountedAs {
 public:
  explicit CountedAs(std::int64_t operations) : profile_(this_threads_profile) {
    if (profile_) after_ = profile_->operations(profile_->running()) + operations;
  }
  ~CountedAs() {
    if (profile_) profile_->count(after_ - profile_->operations(profile_->running()));
  }
  CountedAs(const CountedAs&) = delete;
  CountedAs& operator=(const CountedAs&) = delete;

 private:
  Profile* profile_;
  std::int64_t after_ = 0;
};

}  // namespace attn

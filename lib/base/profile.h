// Where the time of a computation goes, stage by stage, and the floating point operations of its
// products. A thread measures while it is Profiling; otherwise a Timed costs the test of a pointer.
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
  output,  // readout, output layer and loss
  embedding,
  optimizer,  // with clipping, moving average and zeroing of the gradient
  reduction,  // of the shards' gradients: summed, squared
  data,       // batches
  other,
  idle  // waiting for other threads
};
inline constexpr std::size_t kStages = 10;
const char* name_of(Stage stage);

// Times are exclusive: a stage that runs inside another is not counted there. Threads: one each;
// Pool adds those of its workers to the caller's.
class Profile {
 public:
  double seconds(Stage stage) const {
    return std::chrono::duration<double>(of(stage).time).count();
  }
  std::int64_t operations(Stage stage) const { return of(stage).operations; }
  double seconds() const;  // of all parts
  std::int64_t operations() const;

  void add(const Profile& other);

  Stage running() const { return running_; }
  // Gives the time since the last switch to the stage that ran; returns that stage.
  Stage switch_to(Stage stage);
  void count(std::int64_t operations) { of(running_).operations += operations; }

 private:
  friend class Profiling;
  using Clock = std::chrono::steady_clock;
  struct Amount {
    Clock::duration time{};
    std::int64_t operations = 0;
  };
  Amount& of(Stage stage) { return amounts_[static_cast<std::size_t>(stage)]; }
  const Amount& of(Stage stage) const { return amounts_[static_cast<std::size_t>(stage)]; }

  std::array<Amount, kStages> amounts_{};
  Stage running_ = Stage::other;
  Clock::time_point since_;
};

// This thread's; null: nothing is measured.
inline constinit thread_local Profile* this_threads_profile = nullptr;

// While it lives, this thread measures into the profile, at first into `stage`; with null it
// measures nothing.
class Profiling {
 public:
  Profiling(Profile* profile, Stage stage);
  ~Profiling();
  Profiling(const Profiling&) = delete;
  Profiling& operator=(const Profiling&) = delete;

 private:
  Profile* before_;
};

// While it lives, this thread's time is that of `stage`.
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

// Floating point operations of the running stage: multiplications and additions of products alone.
inline void count_operations(std::int64_t operations) {
  if (this_threads_profile) this_threads_profile->count(operations);
}

}  // namespace attn

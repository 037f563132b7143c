// Where the time of a computation goes, part by part, and the floating point operations of its
// products. A thread measures while it is Profiling; otherwise a Timed costs the test of a pointer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace attn {

enum class Part {
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
inline constexpr std::size_t kParts = 10;
const char* name_of(Part part);

// Times are exclusive: a part that runs inside another is not counted there. Threads: one each;
// Pool adds those of its workers to the caller's.
class Profile {
 public:
  double seconds(Part part) const { return std::chrono::duration<double>(of(part).time).count(); }
  std::int64_t operations(Part part) const { return of(part).operations; }
  double seconds() const;  // of all parts
  std::int64_t operations() const;

  void add(const Profile& other);

  Part running() const { return running_; }
  // Gives the time since the last switch to the part that ran; returns that part.
  Part switch_to(Part part);
  void count(std::int64_t operations) { of(running_).operations += operations; }

 private:
  friend class Profiling;
  using Clock = std::chrono::steady_clock;
  struct Amount {
    Clock::duration time{};
    std::int64_t operations = 0;
  };
  Amount& of(Part part) { return amounts_[static_cast<std::size_t>(part)]; }
  const Amount& of(Part part) const { return amounts_[static_cast<std::size_t>(part)]; }

  std::array<Amount, kParts> amounts_{};
  Part running_ = Part::other;
  Clock::time_point since_;
};

// This thread's; null: nothing is measured.
inline constinit thread_local Profile* this_threads_profile = nullptr;

// While it lives, this thread measures into the profile, at first into `part`; with null it
// measures nothing.
class Profiling {
 public:
  Profiling(Profile* profile, Part part);
  ~Profiling();
  Profiling(const Profiling&) = delete;
  Profiling& operator=(const Profiling&) = delete;

 private:
  Profile* before_;
};

// While it lives, this thread's time is that of `part`.
class Timed {
 public:
  explicit Timed(Part part) : profile_(this_threads_profile) {
    if (profile_) before_ = profile_->switch_to(part);
  }
  ~Timed() {
    if (profile_) profile_->switch_to(before_);
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Profile* profile_;
  Part before_ = Part::other;
};

// Floating point operations of the running part: multiplications and additions of products alone.
inline void count_operations(std::int64_t operations) {
  if (this_threads_profile) this_threads_profile->count(operations);
}

}  // namespace attn

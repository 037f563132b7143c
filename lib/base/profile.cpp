#include "base/profile.h"

#include <utility>

namespace attn {

const char* name_of(Stage stage) {
  static constexpr std::array<const char*, kStages> names = {
      "encoder",   "attention",     "decoder", "output", "embedding", "optimizer",
      "reduction", "communication", "data",    "other",  "idle"};
  return names[index_of(stage)];
}

double Profile::seconds() const {
  Clock::duration sum{};
  for (const auto& amount : amounts_) sum += amount.time;
  return std::chrono::duration<double>(sum).count();
}

std::int64_t Profile::operations() const {
  std::int64_t sum = 0;
  for (const auto& amount : amounts_) sum += amount.operations;
  return sum;
}

void Profile::add(const Profile& other) {
  for (std::size_t i = 0; i < kStages; ++i) {
    amounts_[i].time += other.amounts_[i].time;
    amounts_[i].operations += other.amounts_[i].operations;
  }
}

Stage Profile::switch_to(Stage stage) {
  const auto now = Clock::now();
  of(running_).time += now - since_;
  since_ = now;
  return std::exchange(running_, stage);
}

Profiling::Profiling(Profile* profile, Stage stage)
    : before_(std::exchange(this_threads_profile, profile)) {
  if (!profile) return;
  profile->running_ = stage;
  profile->since_ = Profile::Clock::now();
}

Profiling::~Profiling() {
  if (this_threads_profile) this_threads_profile->switch_to(Stage::other);
  this_threads_profile = before_;
}

}  // namespace attn

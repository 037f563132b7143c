// Counts of a server in the text format of Prometheus.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace attn {

// Any number of threads may call the functions.
class ServerMetrics {
 public:
  // Counts a request. Paths must be those of handlers, so that there are few.
  void add_request(const std::string& path, int status, double seconds);
  void add_sentences(std::size_t count);
  // Returns all metrics. `waiting` is the number of lines that wait at this moment.
  std::string text(std::size_t waiting) const;

 private:
  static constexpr std::array kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                         0.5,   1.0,  2.5,   5.0,  10.0};  // seconds
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;  // by path and status
  std::array<std::uint64_t, kBounds.size() + 1> latencies_ = {};   // the last one: above all bounds
  double seconds_ = 0;
  std::uint64_t sentences_ = 0;
};

}  // namespace attn

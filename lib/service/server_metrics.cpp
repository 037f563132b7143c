#include "service/server_metrics.h"

#include <algorithm>

#include "base/strings.h"

namespace attn {
namespace {

std::string header(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

}  // namespace

void ServerMetrics::add_request(const std::string& path, int status, double seconds) {
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  const std::lock_guard lock(mutex_);
  ++requests_[{path, status}];
  ++latencies_[static_cast<std::size_t>(bucket)];
  seconds_ += seconds;
}

void ServerMetrics::add_sentences(std::size_t count) {
  const std::lock_guard lock(mutex_);
  sentences_ += count;
}

std::string ServerMetrics::text(std::size_t waiting) const {
  const std::lock_guard lock(mutex_);
  std::string out = header("attn_requests_total", "counter", "Requests by path and status.");
  std::uint64_t errors = 0, count = 0;
  for (const auto& [key, number] : requests_) {
    out += "attn_requests_total{path=\"" + key.first + "\",status=\"" + std::to_string(key.second) +
           "\"} " + std::to_string(number) + "\n";
    if (key.second >= 400) errors += number;
  }
  out += header("attn_errors_total", "counter", "Requests with a status of 400 or more.") +
         "attn_errors_total " + std::to_string(errors) + "\n";
  out += header("attn_sentences_total", "counter", "Lines that were translated.") +
         "attn_sentences_total " + std::to_string(sentences_) + "\n";
  out += header("attn_waiting_lines", "gauge", "Lines that wait for their translation.") +
         "attn_waiting_lines " + std::to_string(waiting) + "\n";
  out += header("attn_request_seconds", "histogram", "Duration of requests.");
  for (std::size_t i = 0; i < latencies_.size(); ++i) {
    count += latencies_[i];
    const std::string bound = i < kBounds.size() ? format("%g", kBounds[i]) : "+Inf";
    out += "attn_request_seconds_bucket{le=\"" + bound + "\"} " + std::to_string(count) + "\n";
  }
  return out + format("attn_request_seconds_sum %.6f\n", seconds_) + "attn_request_seconds_count " +
         std::to_string(count) + "\n";
}

}  // namespace attn

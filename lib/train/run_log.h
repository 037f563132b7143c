// What a run says: lines for people in train.log and in the program's log, events for machines in
// metrics.jsonl, and on a terminal one live line.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status_line.h"

namespace spdlog {
class logger;
}

namespace attn {

class RunLog {
 public:
  RunLog();  // in the program's log only: where spdlog's default logger writes
  RunLog(const std::filesystem::path& directory, std::uint64_t metrics_bytes);

  // From here on in the run's files too, with what was said before. Cuts metrics.jsonl back to
  // `metrics_bytes`, and appends.
  void open(const std::filesystem::path& directory, std::uint64_t metrics_bytes);

  void say(const std::string& line);
  void warn(const std::string& line);
  void event(const Json& event);
  // Shown on a terminal only, until the next line.
  void live(const std::string& line) { live_.show(line); }
  bool is_active() const { return live_.is_active(); }
  std::uint64_t metrics_bytes() const { return metrics_bytes_; }

 private:
  std::shared_ptr<spdlog::logger> logger_;
  std::vector<std::string> early_;  // said before there was a file
  std::filesystem::path metrics_path_;
  std::ofstream metrics_;
  std::uint64_t metrics_bytes_ = 0;
  StatusLine live_;
};

// "1:02:03" or "2:03".
std::string clock_text(double seconds);

}  // namespace attn

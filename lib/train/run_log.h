// The log of a run: messages for people in train.log and in the program's log, events for programs
// in metrics.jsonl, and progress on the status line of a terminal.
#pragma once

#include <cstdint>
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
  // Logs to the sinks of spdlog's default logger only, until open is called.
  RunLog();
  // Makes this the log of a process beside the first one, which logs nothing but warnings.
  void silence() { is_silent_ = true; }
  bool is_silent() const { return is_silent_; }
  // Logs to the run's files too, from the start.
  RunLog(const std::filesystem::path& directory, std::uint64_t metrics_bytes);

  // Opens train.log and metrics.jsonl in `directory` for appending. Truncates metrics.jsonl to
  // `metrics_bytes` first, and writes all earlier messages to train.log. Throws Error if a file
  // cannot be opened.
  void open(const std::filesystem::path& directory, std::uint64_t metrics_bytes);

  // Logs a message of one line.
  void info(const std::string& message);
  // Logs a warning of one line.
  void warn(const std::string& message);

  // Appends an event to metrics.jsonl. Throws Error if it cannot be written.
  void record(const Json& event);
  // Returns the size of metrics.jsonl.
  std::uint64_t metrics_bytes() const { return metrics_bytes_; }

  // Shows a text on the status line, until the next message. Does nothing without a terminal.
  void show_status(const std::string& text) { status_.show(text); }
  bool has_status_line() const { return status_.is_active(); }

 private:
  bool is_silent_ = false;
  std::shared_ptr<spdlog::logger> logger_;
  std::vector<std::string> early_messages_;  // those before open
  std::filesystem::path metrics_path_;       // empty before open
  std::ofstream metrics_;
  std::uint64_t metrics_bytes_ = 0;
  StatusLine status_;
};

// Returns a duration as "h:mm:ss", or "m:ss" below one hour.
std::string clock_text(double seconds);

}  // namespace attn

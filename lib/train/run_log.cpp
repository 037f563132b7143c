#include "train/run_log.h"

#include <algorithm>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/strings.h"

namespace attn {
namespace fs = std::filesystem;

RunLog::RunLog() {
  const auto& sinks = spdlog::default_logger()->sinks();
  logger_ = std::make_shared<spdlog::logger>("train", sinks.begin(), sinks.end());
  logger_->flush_on(spdlog::level::info);
}

RunLog::RunLog(const fs::path& directory, std::uint64_t metrics_bytes) : RunLog() {
  open(directory, metrics_bytes);
}

void RunLog::open(const fs::path& directory, std::uint64_t metrics_bytes) {
  metrics_path_ = directory / "metrics.jsonl";
  try {
    const auto file =
        std::make_shared<spdlog::sinks::basic_file_sink_st>((directory / "train.log").string());
    file->set_pattern("%Y-%m-%d %H:%M:%S %v");
    for (const auto& message : early_messages_)
      file->log({spdlog::string_view_t("train"), spdlog::level::info, message});
    early_messages_.clear();
    logger_->sinks().push_back(file);
    std::ofstream(metrics_path_, std::ios::app);
    metrics_bytes_ = std::min<std::uint64_t>(metrics_bytes, fs::file_size(metrics_path_));
    fs::resize_file(metrics_path_, metrics_bytes_);
  } catch (const std::exception& e) {
    throw Error(directory.string() + ": cannot open the run's logs: " + e.what());
  }
  metrics_.open(metrics_path_, std::ios::app);
}

void RunLog::info(const std::string& message) {
  if (is_silent_) return;
  status_.clear();
  if (metrics_path_.empty()) early_messages_.push_back(message);
  logger_->info("{}", message);
}

void RunLog::warn(const std::string& message) {
  status_.clear();
  if (metrics_path_.empty() && !is_silent_) early_messages_.push_back(message);
  logger_->warn("{}", message);
}

void RunLog::record(const Json& event) {
  if (is_silent_) return;
  const std::string line = to_line(event) + "\n";
  metrics_ << line << std::flush;
  if (!metrics_) throw Error(metrics_path_.string() + ": cannot be written; is the disk full?");
  metrics_bytes_ += line.size();
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::max(seconds, 0.0) + 0.5);
  if (whole < 3600) return format("%ld:%02ld", whole / 60, whole % 60);
  return format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace attn

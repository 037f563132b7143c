#include "log.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>
#include <vector>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.h"
#include "base/status_line.h"
#include "base/strings.h"
#include "mpi/processes.h"
#include "option_builder.h"

namespace attn {
namespace {

using Message = spdlog::details::log_msg;

constexpr const char* kLogger = "attn";

void append(std::string_view text, spdlog::memory_buf_t& out) {
  out.append(text.data(), text.data() + text.size());
}

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

// Returns what precedes the messages of a process beside the first one: "[rank 3 on HOST] ".
const std::string& process_label() {
  static const std::string label =
      launched_rank() == 0
          ? ""
          : "[rank " + std::to_string(launched_rank()) + " on " + host_name() + "] ";
  return label;
}

std::string clock(const Message& message) {
  const std::time_t seconds = spdlog::log_clock::to_time_t(message.time);
  std::tm parts = {};
  localtime_r(&seconds, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S ", &parts);
  return text;
}

// Messages of a training run begin with the time. All others begin with their level, unless that is
// info.
class TextLines : public spdlog::formatter {
 public:
  void format(const Message& message, spdlog::memory_buf_t& out) override {
    const bool of_run = view(message.logger_name) != kLogger;
    if (of_run) append(clock(message), out);
    const std::size_t begin = out.size();
    if (!of_run && message.level != spdlog::level::info) {
      append(view(spdlog::level::to_string_view(message.level)), out);
      append(":", out);
      color(message, begin, out);
      append(" ", out);
    }
    append(process_label(), out);
    append(view(message.payload), out);
    if (of_run) color(message, begin, out);
    append("\n", out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextLines>();
  }

 private:
  static void color(const Message& message, std::size_t begin, const spdlog::memory_buf_t& out) {
    message.color_range_start = begin;
    message.color_range_end = out.size();
  }
};

// Returns the time of a message in UTC, to the millisecond: "2026-01-31T09:30:00.123Z".
std::string time_text(const Message& message) {
  const auto since = message.time.time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return format("%s.%03dZ", text, static_cast<int>(milliseconds % 1000));
}

class JsonLines : public spdlog::formatter {
 public:
  void format(const Message& message, spdlog::memory_buf_t& out) override {
    const Json line = {{"time", time_text(message)},
                       {"level", view(spdlog::level::to_string_view(message.level))},
                       {"message", process_label() + std::string(view(message.payload))}};
    // A message may contain a file name that is not valid UTF-8.
    append(line.dump(-1, ' ', false, Json::error_handler_t::replace), out);
    append("\n", out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

std::vector<std::string> levels() {
  std::vector<std::string> names;
  for (int level = spdlog::level::trace; level <= spdlog::level::off; ++level)
    names.emplace_back(
        view(spdlog::level::to_string_view(static_cast<spdlog::level::level_enum>(level))));
  return names;
}

}  // namespace

void add_log_options(CLI::App& app, LogOptions& options) {
  auto* level =
      app.add_option("--log-level", options.level, "Minimum severity of messages on stderr")
          ->type_name("LEVEL")
          ->check(is_one_of(levels()))
          ->capture_default_str();
  OptionBuilder add(app);
  add.flag("--quiet", options.quiet, "Print only errors and results: no prompt, no progress")
      ->excludes(level);
  add.flag("--log-json", options.json, "Print messages as JSON lines with time, level and message");
}

void set_log(const LogOptions& options) {
  auto level = spdlog::level::from_str(options.quiet ? "error" : options.level);
  if (launched_rank() > 0) level = std::max(level, spdlog::level::warn);
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      allows_colors() ? spdlog::color_mode::automatic : spdlog::color_mode::never);
  sink->set_level(level);
  if (options.json)
    sink->set_formatter(std::make_unique<JsonLines>());
  else
    sink->set_formatter(std::make_unique<TextLines>());
  const auto logger = std::make_shared<spdlog::logger>(kLogger, sink);
  logger->set_level(spdlog::level::trace);  // the sink decides
  spdlog::set_default_logger(logger);
  if (options.json || level > spdlog::level::info) disable_status_lines();
}

void log_errors_in(const std::filesystem::path& file) {
  const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(file.string());
  sink->set_pattern("%Y-%m-%d %H:%M:%S %l: %v");  // the format of a run's log, with the level
  sink->set_level(spdlog::level::err);
  spdlog::default_logger()->sinks().push_back(sink);
  spdlog::default_logger()->flush_on(spdlog::level::err);
}

void log_info(const std::string& line) {
  spdlog::info("{}", line);
}

void log_warning(const std::string& line) {
  spdlog::warn("{}", line);
}

bool allows_colors() {
  return environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

}  // namespace attn

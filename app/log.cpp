#include "log.h"

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

std::string clock(const Message& message) {
  const std::time_t seconds = spdlog::log_clock::to_time_t(message.time);
  std::tm parts = {};
  localtime_r(&seconds, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S ", &parts);
  return text;
}

// A run's lines have the clock in front; of the program's others all but plain news their level.
class Lines : public spdlog::formatter {
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
    append(view(message.payload), out);
    if (of_run) color(message, begin, out);
    append("\n", out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<Lines>(); }

 private:
  static void color(const Message& message, std::size_t begin, const spdlog::memory_buf_t& out) {
    message.color_range_start = begin;
    message.color_range_end = out.size();
  }
};

// In UTC, to the millisecond: 2026-01-31T09:30:00.123Z.
std::string time_text(const Message& message) {
  const auto since = message.time.time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  char text[32], out[64];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out, sizeof out, "%s.%03dZ", text, static_cast<int>(milliseconds % 1000));
  return out;
}

class JsonLines : public spdlog::formatter {
 public:
  void format(const Message& message, spdlog::memory_buf_t& out) override {
    const Json line = {{"time", time_text(message)},
                       {"level", view(spdlog::level::to_string_view(message.level))},
                       {"message", view(message.payload)}};
    // A file's name may be no UTF-8.
    append(line.dump(-1, ' ', false, Json::error_handler_t::replace), out);
    append("\n", out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value != '\0';
}

spdlog::color_mode colors() {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal && std::string_view(terminal) == "dumb";
  return is_set("NO_COLOR") || dumb ? spdlog::color_mode::never : spdlog::color_mode::automatic;
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
  auto* level = app.add_option("--log-level", options.level,
                               "The least that is told on standard error; a run's train.log has "
                               "everything")
                    ->type_name("LEVEL")
                    ->check(CLI::IsMember(levels()))
                    ->capture_default_str();
  app.add_flag("--quiet", options.quiet,
               "Tell nothing but errors, and on standard output the results: no prompt either")
      ->excludes(level);
  app.add_flag(
      "--log-json", options.json,
      "What is told on standard error as JSON: objects with time, level and message, one a "
      "line");
}

void set_log(const LogOptions& options) {
  const auto level = spdlog::level::from_str(options.quiet ? "error" : options.level);
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(colors());
  sink->set_level(level);
  if (options.json)
    sink->set_formatter(std::make_unique<JsonLines>());
  else
    sink->set_formatter(std::make_unique<Lines>());
  const auto logger = std::make_shared<spdlog::logger>(kLogger, sink);
  logger->set_level(spdlog::level::trace);  // the sink decides
  spdlog::set_default_logger(logger);
  if (options.json || level > spdlog::level::info) disable_status_lines();
}

void log_errors_in(const std::filesystem::path& file) {
  const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(file.string());
  sink->set_pattern("%Y-%m-%d %H:%M:%S %l: %v");  // as a run's lines, and the level
  sink->set_level(spdlog::level::err);
  spdlog::default_logger()->sinks().push_back(sink);
  spdlog::default_logger()->flush_on(spdlog::level::err);
}

void say(const std::string& line) {
  spdlog::info("{}", line);
}

}  // namespace attn

// The messages of the program on standard error: lines for people, or JSON lines.
#pragma once

#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

namespace attn {

struct LogOptions {
  std::string level = "info";
  bool quiet = false, json = false;
};
void add_log_options(CLI::App& app, LogOptions& options);

// Configures spdlog's default logger. Status lines are disabled if the messages are JSON or
// informational messages are not shown.
void set_log(const LogOptions& options);

// Also appends errors to this file, regardless of the log level.
void log_errors_in(const std::filesystem::path& file);

void log_info(const std::string& line);
void log_warning(const std::string& line);

// Returns whether the environment allows colors: NO_COLOR is unset or empty (no-color.org), and
// TERM is not "dumb".
bool allows_colors();

}  // namespace attn

// What the program says on standard error: lines for people, or for programs.
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

// Sets up spdlog's default logger. Colors are for terminals, unless NO_COLOR or TERM=dumb is in the
// environment; with JSON, or without news, there are no live lines either.
void set_log(const LogOptions& options);

// From here on errors are told at the end of this file too, whatever standard error is told.
void log_errors_in(const std::filesystem::path& file);

// A line that tells what was done, such as which file was written.
void say(const std::string& line);

}  // namespace attn

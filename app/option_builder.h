// Adds options to a command, so that the same option has the same name, type and help text in every
// command.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/options.h"
#include "base/registry.h"
#include "part.h"

namespace attn {

// Return validators of option values. Their messages have the form "must be …, got …".
// One of `names`, which help and completion list:
CLI::Validator is_one_of(const std::vector<std::string>& names);
// A decimal number that passes `check`:
CLI::Validator is_whole_number(const Check& check);
CLI::Validator is_number(const Check& check);
// A file name with one of these extensions:
CLI::Validator ends_in(const std::vector<std::string>& extensions);

class OptionBuilder {
 public:
  explicit OptionBuilder(CLI::App& command) : command_(command) {}

  // Starts a group: help lists the options that are added next under this title.
  void group(const std::string& title) { command_.option_defaults()->group(title); }

  // Adds an option with one file as its value. A path that is not empty is the default.
  CLI::Option* file(const std::string& name, fs::path& path, const std::string& text);
  // Add an option with a model, which is a directory or a packed file.
  CLI::Option* model(const std::string& name, fs::path& path, const std::string& text);
  // Add an option that may be repeated, with one file or model each time.
  CLI::Option* files(const std::string& name, std::vector<fs::path>& paths,
                     const std::string& text);
  CLI::Option* models(const std::string& name, std::vector<fs::path>& paths,
                      const std::string& text);
  // Adds an option with the name of a file that is written as plain text: not .gz.
  CLI::Option* text_output(const std::string& name, fs::path& path, const std::string& text);
  CLI::Option* flag(const std::string& name, bool& value, const std::string& text);

  // Adds --set KEY=VALUE. `text` says what it overrides.
  void set(std::vector<std::string>& settings, const std::string& text);
  // Adds --threads with the default 0, one thread per processor.
  void threads(int& threads);
  // Adds --threads without a default: if it is not given, the configuration decides.
  void threads_instead_of_config(int& threads);
  // Adds --part I/N.
  void part(Part& part);
  // Adds --index-base, the number of the first word in `what`: 0 or 1.
  void index_base(int& base, const std::string& what);

 private:
  CLI::App& command_;
};

// Returns the names of the choices in their order.
std::vector<std::string> names_of(const std::vector<Choice>& choices);

// Returns "a", "a or b", or "a, b or c".
std::string listed(const std::vector<std::string>& names);

// Throws the error of a wrong combination of options: exit code 2, message "attn COMMAND: …".
[[noreturn]] void usage_error(const std::string& command, const std::string& message);

}  // namespace attn

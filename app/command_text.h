// A description of the command line, derived from CLI11's tree of commands. Help, manual page and
// completions are generated from it.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace attn {

// An option or a positional argument.
struct OptionText {
  std::vector<std::string> names;    // "-h", "--help"; empty for a positional argument
  std::string value;                 // "FILE"; empty for a flag
  std::vector<std::string> choices;  // the allowed values; empty: any
  std::string default_value;         // empty: none
  std::string text;
  bool required, repeated;
};

struct OptionGroup {
  std::string title;
  std::vector<OptionText> options;
};

struct CommandText {
  std::string name, text;               // "train"
  std::vector<OptionText> positionals;  // in their order
  std::vector<OptionGroup> groups;      // its own options, without the common ones
  std::string notes;                    // notes and examples
};

// The value of an option that sets a configuration value.
inline constexpr const char* kSetting = "KEY=VALUE";

// Returns the description of an option, of a command or of the program.
OptionText describe(const CLI::Option& option);
CommandText describe(const CLI::App& command);

// Return the commands of the program in the order in which they were added, and their names.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
std::vector<std::string> command_names(const CLI::App& app);

// Returns a usage line: "attn check --config FILE [OPTION]...".
std::string synopsis(const CLI::App& command);

// Returns the description of an option with its allowed values and its default in parentheses.
std::string meaning(const OptionText& option);

}  // namespace attn

// The command line as help, manual and completion tell it, read from the tree of commands itself:
// what is added there is in all three.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace attn {

// An option, or a positional argument.
struct OptionText {
  std::vector<std::string> names;    // "-h", "--help"; of a positional: none
  std::string value;                 // "FILE"; empty: a flag
  std::vector<std::string> choices;  // all that the value may be; empty: any
  std::string default_value;         // empty: none to tell
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
  std::vector<OptionGroup> groups;      // its own options
  std::string notes;                    // examples
};

// The value of an option that is KEY=VALUE of a config.
inline constexpr const char* kSetting = "KEY=VALUE";

CommandText describe(const CLI::App& command);

// Those that a command has below it, in order of their addition.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

// "attn check --config FILE [OPTION]..."
std::string synopsis(const CLI::App& command);

// What an option does, with its choices and its default.
std::string meaning(const OptionText& option);

}  // namespace attn

// The output of --help and attn help.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace attn {

// Formats the help of the program and of its commands. It must be set before the commands are
// added.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string, CLI::AppFormatMode) const override;
};

}  // namespace attn

// The text of --help.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace attn {

// For the program, and for the commands that are added to it afterwards.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string, CLI::AppFormatMode) const override;
};

}  // namespace attn

// Messages for wrong command lines, in place of those of CLI11.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace attn {

// Returns the command that the command line names, or the program itself if it names none.
const CLI::App& given_command(const CLI::App& app);

// Returns "attn" for the program and "attn train" for a command.
std::string full_name(const CLI::App& command);

// Returns what is wrong with the command line that `app` has parsed, and what to do. An unknown
// option or an unexpected argument comes first, because it may be the cause of the other errors.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

}  // namespace attn

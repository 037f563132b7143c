// The commands. Each adds its subcommand and, when that is given, what to run.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace attn {

using Command = std::function<int()>;  // returns the exit code

void add_train(CLI::App& app, Command& command);
void add_eval(CLI::App& app, Command& command);
void add_translate(CLI::App& app, Command& command);
void add_align(CLI::App& app, Command& command);
void add_score(CLI::App& app, Command& command);
void add_check(CLI::App& app, Command& command);
void add_bench(CLI::App& app, Command& command);

// Of the program itself. They tell of all commands, so they are added last.
void add_completion(CLI::App& app, Command& command);
void add_man(CLI::App& app, Command& command);
void add_help(CLI::App& app, Command& command);

}  // namespace attn

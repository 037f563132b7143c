// The commands of the program. Each function adds a subcommand to `app`; if that is given on the
// command line, it sets `command` to the function that runs it.
#pragma once

#include <functional>
#include <memory>

#include <CLI/CLI.hpp>

namespace attn {

using Command = std::function<int()>;  // returns the exit code

void add_train(CLI::App& app, Command& command);
void add_eval(CLI::App& app, Command& command);
void add_translate(CLI::App& app, Command& command);
void add_align(CLI::App& app, Command& command);
void add_score(CLI::App& app, Command& command);
void add_serve(CLI::App& app, Command& command);
void add_pack(CLI::App& app, Command& command);
void add_info(CLI::App& app, Command& command);
void add_check(CLI::App& app, Command& command);
void add_bench(CLI::App& app, Command& command);

// These describe all commands, so they must be added last.
void add_completion(CLI::App& app, Command& command);
void add_man(CLI::App& app, Command& command);
void add_help(CLI::App& app, Command& command);

// Makes the subcommand `sub` call `run` with its options.
template <class Options>
void set_action(CLI::App& sub, Command& command, const std::shared_ptr<Options>& options,
                int (*run)(const Options&)) {
  sub.callback([&command, options, run] { command = [options, run] { return run(*options); }; });
}

}  // namespace attn

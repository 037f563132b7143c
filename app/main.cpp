// The program: it declares the commands and turns errors into messages and exit codes.
#include <cstdio>
#include <iostream>

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/system_info.h"
#include "commands.h"
#include "exit_code.h"
#include "failure.h"
#include "help.h"
#include "log.h"
#include "mpi/processes.h"
#include "usage_message.h"
#include "version.h"

namespace {

// Returns `code`. Throws Error if standard output could not be written.
int flushed(int code) {
  if (!std::cout.flush() || std::fflush(stdout) != 0)
    throw attn::Error("standard output: cannot write; is the disk full?");
  return code;
}

// Prints help, the version or a usage error; returns the exit code.
int explain(const CLI::App& app, const CLI::ParseError& e) {
  if (e.get_exit_code() == 0) return app.exit(e);
  const CLI::App& command = attn::given_command(app);
  if (attn::launched_rank() > 0) return attn::kUsageError;  // all processes find the same error
  spdlog::error("{} (see {} --help)", attn::usage_message(app, e), attn::full_name(command));
  return attn::kUsageError;
}

int run_program(CLI::App& app, attn::LogOptions& log, const attn::Command& command, int argc,
                char** argv) {
  try {
    app.parse(argc, argv);
    attn::set_log(log);
    if (!command) {
      std::cerr << app.help();
      return attn::kUsageError;
    }
    spdlog::debug("{}, on {}", attn::version_line(), attn::processor_name());
    const int code = command();
    spdlog::debug("peak memory: {:.0f} MiB", attn::peak_memory_mib());
    return code;
  } catch (const CLI::ParseError& e) {
    log.json = app.count("--log-json") > 0;  // it may come after the error
    attn::set_log(log);
    return explain(app, e);
  }
}

void add_common(CLI::App& app, attn::LogOptions& log) {
  app.option_defaults()->group("Common options (before or after the command)");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", attn::version_text,
                       "Print version, build, libraries and processor, and exit");
  attn::add_log_options(app, log);
  app.option_defaults()->group("Options");
  app.fallthrough();  // commands accept these options, too
}

void add_commands(CLI::App& app, attn::Command& command) {
  app.group("Commands");
  attn::add_train(app, command);
  attn::add_eval(app, command);
  attn::add_translate(app, command);
  attn::add_align(app, command);
  attn::add_score(app, command);
  attn::add_serve(app, command);
  attn::add_pack(app, command);
  attn::add_info(app, command);
  attn::add_check(app, command);
  attn::add_bench(app, command);
  app.group("About the program");
  attn::add_completion(app, command);
  attn::add_man(app, command);
  attn::add_help(app, command);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trains, evaluates and runs sequence-to-sequence translation models with attention",
               "attn"};
  attn::LogOptions log;
  attn::Command command;
  attn::set_log(log);
  app.formatter(std::make_shared<attn::HelpFormatter>());
  add_common(app, log);
  add_commands(app, command);
  app.require_subcommand(0, 1);
  app.footer(
      "attn COMMAND --help lists the options of a command, attn train --describe those of a "
      "configuration.\n"
      "File formats and JSON fields: app/README.md, installed in /usr/share/doc/attn.\n\n"
      "Examples:\n"
      "  attn train --config configs/quickstart.json\n"
      "  echo 'the old woman reads a long book .' | attn translate --model runs/quickstart/best");
  return attn::guarded([&] { return flushed(run_program(app, log, command, argc, argv)); });
}

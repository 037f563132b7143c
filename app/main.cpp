// The program: its commands, and the only place where an error becomes words and an exit code.
//   0 done; 1 wrong usage; 2 something the user can mend; 70 a bug; 128 + n ended by signal n, with
//   its work saved
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/table.h"
#include "commands.h"

namespace {

// Everything printed has arrived, or the command has failed.
int printed(int code) {
  if (!std::cout.flush() || std::fflush(stdout) != 0)
    throw attn::Error("standard output: can't be written; is the disk full?");
  return code;
}

// The nearest command, or option of the command that was given, to a word that is neither.
std::string did_you_mean(const CLI::App& app, const CLI::App& at) {
  std::vector<std::string> names;
  for (const auto* command : at.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  for (const auto* option : at.get_options()) names.push_back(option->get_name());
  for (const auto& word : app.remaining(true))
    if (const auto near = attn::nearest(word, names); !near.empty())
      return ", did you mean " + near + "?";
  return "";
}

// Help and version, or what was wrong with the command line.
int explain(const CLI::App& app, const CLI::ParseError& e) {
  if (e.get_exit_code() == 0) return app.exit(e);
  const auto given = app.get_subcommands();
  const CLI::App& at = given.empty() ? app : *given[0];
  const std::string command = given.empty() ? "attn" : "attn " + at.get_name();
  spdlog::error("{}{} ({} --help tells how)", e.what(), did_you_mean(app, at), command);
  return 1;
}

int run(CLI::App& app, const attn::Command& command, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    if (command) return command();
    std::cerr << app.help();
    return 1;
  } catch (const CLI::ParseError& e) {
    return explain(app, e);
  }
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_st("attn"));
  spdlog::set_pattern("%^%l:%$ %v");
  CLI::App app{"Trains, evaluates and runs sequence-to-sequence translation models with attention",
               "attn"};
  app.footer(
      "attn COMMAND --help tells more; attn train --describe explains every option of a config.");
  app.set_version_flag("--version", "attn " ATTN_VERSION);
  app.require_subcommand(0, 1);
  attn::Command command;
  attn::add_train(app, command);
  attn::add_eval(app, command);
  attn::add_translate(app, command);
  attn::add_align(app, command);
  attn::add_score(app, command);
  attn::add_check(app, command);
  attn::add_bench(app, command);
  try {
    return printed(run(app, command, argc, argv));
  } catch (const attn::Error& e) {
    spdlog::error("{}", e.what());
    return 2;
  } catch (const std::filesystem::filesystem_error& e) {
    spdlog::error("{}: {}", e.path1().string(), e.code().message());
    return 2;
  } catch (const std::bad_alloc&) {
    spdlog::error(
        "out of memory; a smaller train.batch_size, search.batch_sentences or model needs less");
    return 2;
  } catch (const std::exception& e) {
    spdlog::critical("internal error, please report: {}", e.what());
    return 70;
  }
}

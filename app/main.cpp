// The program: its commands, and the only place where an error becomes words and an exit code.
//   0 done; 1 wrong usage; 2 something the user can mend; 70 a bug; 128 + n ended by signal n, with
//   its work saved
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/error.h"
#include "commands.h"

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_st("attn"));
  spdlog::set_pattern("%^%l:%$ %v");
  CLI::App app{
      "attn: trains, evaluates and runs sequence-to-sequence translation models with attention"};
  app.set_version_flag("--version", "attn " ATTN_VERSION);
  app.require_subcommand(1);
  attn::Command command;
  attn::add_train(app, command);
  attn::add_eval(app, command);
  attn::add_translate(app, command);
  attn::add_check(app, command);
  try {
    app.parse(argc, argv);
    return command();
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 1;  // help, version, usage
  } catch (const attn::Error& e) {
    spdlog::error("{}", e.what());
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

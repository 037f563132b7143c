// attn serve: translates for programs and people over HTTP.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/strings.h"
#include "commands.h"
#include "exit_code.h"
#include "log.h"
#include "model_options.h"
#include "option_builder.h"
#include "report/html_page.h"
#include "service/languages.h"
#include "service/translation_api.h"

namespace attn {
namespace {

struct ServeOptions {
  std::vector<fs::path> models;
  std::vector<std::string> languages, settings;
  std::string host = "127.0.0.1";
  int port = 5000, threads = 0;
  int timeout = 60, max_connections = 256;
  std::int64_t max_body = std::int64_t{4} << 20, max_characters = 100000, max_waiting = 10000;
  std::string allow_origin;
};

// Returns the languages "SOURCE-TARGET" of a model: those that were given, or those of its card.
std::pair<std::string, std::string> languages_of(const ServeOptions& options, std::size_t i,
                                                 const TrainedModel& model) {
  if (options.languages.empty()) {
    const Card& card = model.card;
    if (card.source_language.empty() || card.target_language.empty())
      throw Error(model.name +
                  ": its card names no languages; give --languages SOURCE-TARGET, such as en-fr, "
                  "for each model, or set them with attn pack");
    return {card.source_language, card.target_language};
  }
  const std::string& pair = options.languages[i];
  const auto dash = pair.find('-');
  if (dash == std::string::npos || pair.find('-', dash + 1) != std::string::npos)
    throw Error("--languages " + pair + ": expected SOURCE-TARGET, such as en-fr");
  const std::string source = pair.substr(0, dash), target = pair.substr(dash + 1);
  for (const std::string& tag : {source, target}) check_language(tag, "--languages");
  if (source.empty() || target.empty())
    throw Error("--languages " + pair + ": expected SOURCE-TARGET, such as en-fr");
  return {source, target};
}

std::vector<ServedModel> load_models(const ServeOptions& options) {
  std::vector<ServedModel> out;
  for (std::size_t i = 0; i < options.models.size(); ++i) {
    std::vector<TrainedModel> trained;
    trained.push_back(load_model(model_of_run(options.models[i])));
    const auto [source, target] = languages_of(options, i, trained[0]);
    Config config = trained[0].config;
    override_trained(config, options.settings, {"search."});
    const std::string name = trained[0].name;
    out.push_back({std::make_unique<TranslationService>(std::move(trained), config.search,
                                                        worker_threads(options.threads)),
                   source, target});
    log_info("serving " + name + ": " + language_name(source) + " to " + language_name(target));
  }
  return out;
}

std::string page(const TranslationApi& api) {
  return html_page(
      kServePage,
      to_line({{"title", ""}, {"scale", kPageScale}, {"languages", api.language_list()}}));
}

std::string shown_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

void log_request(const HttpRequest& request, const HttpResponse& response, double seconds) {
  log_info(request.client + " " + request.method + " " + request.path + " " +
           std::to_string(response.status) +
           format(" %zu bytes %.1f ms", response.body.size(), 1000 * seconds));
}

// Runs the server until a signal arrives.
void serve(HttpServer& server) {
  std::atomic<bool> has_ended = false;
  const BackgroundThread watch([&] {
    while (!has_ended && interrupted() == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    server.stop();
  });
  server.run();
  has_ended = true;
}

void serve_models(const ServeOptions& options) {
  if (!options.languages.empty() && options.languages.size() != options.models.size())
    usage_error("serve", "give --languages once for each model, in the same order");
  TranslationApi api(load_models(options),
                     {.max_characters = static_cast<std::size_t>(options.max_characters),
                      .max_waiting_lines = static_cast<std::size_t>(options.max_waiting),
                      .timeout = std::chrono::seconds(options.timeout)});
  HttpServer server({.max_body_bytes = static_cast<std::size_t>(options.max_body),
                     .max_connections = options.max_connections,
                     .allow_origin = options.allow_origin},
                    [&](const HttpRequest& request, const HttpResponse& response, double seconds) {
                      api.observe(request, response, seconds);
                      log_request(request, response, seconds);
                    });
  api.add_to(server);
  server.add("GET", "/", [html = page(api)](const HttpRequest&) {
    return HttpResponse{.body = html, .content_type = "text/html; charset=utf-8"};
  });
  catch_interrupts("\nfinishing the requests under way; press Ctrl-C again to quit immediately\n");
  const int port = server.bind(options.host, options.port);
  std::cout << "http://" << shown_host(options.host) << ':' << port << '/' << std::endl;
  serve(server);
}

int run_serve(const ServeOptions& options) {
  serve_models(options);
  log_info("stopped");
  return kSuccess;
}

void add_limits(CLI::App& app, OptionBuilder& add, ServeOptions& options) {
  add.group("Limits");
  const auto number = [&](const char* name, auto& value, const char* unit, const char* text) {
    app.add_option(name, value, text)
        ->type_name(unit)
        ->check(is_whole_number(between(1, 1e9)))
        ->default_str(std::to_string(value));
  };
  number("--timeout", options.timeout, "SECONDS", "Time for the translation of a request");
  number("--max-connections", options.max_connections, "N", "Connections at the same time");
  number("--max-body", options.max_body, "BYTES", "Size of the body of a request");
  number("--max-characters", options.max_characters, "N", "Size of the text of a request");
  number("--max-waiting", options.max_waiting, "LINES", "Lines that wait for their translation");
}

}  // namespace

void add_serve(CLI::App& app, Command& command) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* sub = app.add_subcommand("serve", "Translate over HTTP, with a page to type in");
  OptionBuilder add(*sub);
  add.group("Model");
  add.models("model", options->models,
             "Model directories, packed files or run directories, one per pair of languages")
      ->required()
      ->allow_extra_args(true);
  sub->add_option("--languages", options->languages,
                  "Languages of a model, e.g. en-fr, in the order of the models")
      ->type_name("PAIR")
      ->allow_extra_args(false);
  add.set(options->settings, "Override an option of search, e.g. search.beam_size=3");
  add.group("Server");
  sub->add_option("--host", options->host, "Address to listen at; 0.0.0.0: all of this machine")
      ->type_name("ADDRESS")
      ->default_str(options->host);
  sub->add_option("--port", options->port, "Port to listen at; 0: any that is free")
      ->type_name("N")
      ->check(is_whole_number(between(0, 65535)))
      ->default_str(std::to_string(options->port));
  sub->add_option("--allow-origin", options->allow_origin,
                  "Web pages that may send requests, e.g. https://example.org or *")
      ->type_name("ORIGIN");
  add_limits(*sub, add, *options);
  add.group("Performance");
  add.threads(options->threads);
  sub->footer(
      "The address of the page is printed. Programs that use LibreTranslate can use the same\n"
      "address. SIGTERM and Ctrl-C finish what is under way. See app/README.md.\n\n"
      "Examples:\n"
      "  attn serve en-fr.attn\n"
      "  attn serve RUN --languages en-fr --port 8080\n"
      "  curl -d q='a sentence' -d source=en -d target=fr http://127.0.0.1:5000/translate");
  set_action(*sub, command, options, run_serve);
}

}  // namespace attn

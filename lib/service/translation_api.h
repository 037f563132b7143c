// The HTTP interface of attn serve. The addresses /translate, /languages, /detect and /health are
// those of LibreTranslate, so that programs that use it work unchanged; /v1/translate has the
// fields of JSON lines.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "service/http_server.h"
#include "service/server_metrics.h"
#include "service/translation_queue.h"
#include "service/translation_service.h"

namespace attn {

// A model that is served, and its languages.
struct ServedModel {
  std::unique_ptr<TranslationService> service;
  std::string source, target;  // language tags
};

struct ApiLimits {
  std::size_t max_characters = 100000;  // bytes of text of one request
  std::size_t max_waiting_lines = 10000;
  std::chrono::seconds timeout{60};
};

// Any number of threads may call the handlers.
class TranslationApi {
 public:
  // Throws Error if two models have the same languages.
  TranslationApi(std::vector<ServedModel> models, const ApiLimits& limits);
  ~TranslationApi();

  // Adds all addresses to a server, which the object must outlive.
  void add_to(HttpServer& server);
  // Returns the languages as GET /languages does.
  Json language_list() const;
  // Counts a request.
  void observe(const HttpRequest& request, const HttpResponse& response, double seconds);

 private:
  struct Model;
  struct Choice;
  struct Call;
  // The translations of a text, the best first.
  struct TextAnswer {
    std::vector<std::string> ranks;
  };

  HttpResponse translate(const HttpRequest& request);
  HttpResponse translate_v1(const HttpRequest& request);
  HttpResponse detect(const HttpRequest& request) const;
  HttpResponse metrics() const;

  void check_size(const std::vector<std::string>& texts) const;
  static Json libretranslate_answer(const Json& fields, const std::vector<TextAnswer>& answers,
                                    const Json& detected);
  // Returns the model for a pair of languages, or null.
  Model* find(const std::string& source, const std::string& target) const;
  std::vector<std::string> sources() const;
  // Returns whether a model translates from or to the language.
  bool is_served(const std::string& language) const;
  Choice choose(const std::string& source, const std::string& target,
                const std::string& text) const;
  std::vector<TextAnswer> translate_texts(Call& call, const std::vector<std::string>& texts);
  std::string translate_html_text(Call& call, const std::string& html);
  Json answers_v1(const Json& objects, const std::string& client);
  Model& model_v1(const Json& object) const;
  std::vector<QueueAnswer> wait_for(Model& model, std::vector<Request> lines,
                                    const std::string& client);

  std::vector<std::unique_ptr<Model>> models_;
  ApiLimits limits_;
  ServerMetrics metrics_;
};

}  // namespace attn

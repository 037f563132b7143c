#include "service/translation_api.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/strings.h"
#include "service/api_fields.h"
#include "service/html.h"
#include "service/languages.h"

namespace attn {
namespace {

constexpr std::size_t kMaxCells = 1'000'000;  // attention weights of a line: 4 MB per head

// Returns the number of characters of a text in UTF-8.
std::size_t count_characters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::vector<std::string> lines_of_text(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else if (c != '\0')
      lines.back() += c;
  for (std::string& line : lines)
    if (line.ends_with('\r')) line.pop_back();
  return lines;
}

// Throws Error for options with which one request would keep the server busy for long.
void check_effort(const SearchConfig& search, const std::string& where) {
  const auto limit = [&](const char* option, double value, int maximum) {
    if (value > maximum)
      fail(where, std::string(option) + ": a server accepts at most " + std::to_string(maximum));
  };
  limit("search.beam_size", search.beam_size, 100);
  limit("search.n_best", search.n_best, 100);
  limit("search.min_length", search.min_length, 1000);
  limit("search.max_length", search.max_length, 1000);
  limit("search.max_length_ratio", search.max_length_ratio, 10);
}

Json detected_json(const DetectedLanguage& language) {
  return {{"confidence", language.confidence}, {"language", language.language}};
}

}  // namespace

struct TranslationApi::Model {
  Model(ServedModel served, std::size_t max_lines)
      : service(std::move(served.service)),
        source(std::move(served.source)),
        target(std::move(served.target)),
        queue(*service, max_lines) {
    service->limit_attention(kMaxCells);
  }

  std::unique_ptr<TranslationService> service;
  std::string source, target;
  TranslationQueue queue;
};

// The model for a text, and the detected language if the client has asked for it.
struct TranslationApi::Choice {
  Model* model;
  std::optional<DetectedLanguage> detected;
};

// What concerns all texts of a request.
struct TranslationApi::Call {
  Model& model;
  const std::string& client;
  int alternatives;
};

TranslationApi::TranslationApi(std::vector<ServedModel> models, const ApiLimits& limits)
    : limits_(limits) {
  for (ServedModel& model : models) {
    if (find(model.source, model.target))
      fail(model.service->name(), "another model translates " + model.source + " to " +
                                      model.target +
                                      ", too; serve one of them, or give other "
                                      "--languages");
    models_.push_back(std::make_unique<Model>(std::move(model), limits.max_waiting_lines));
  }
}

TranslationApi::~TranslationApi() = default;

void TranslationApi::add_to(HttpServer& server) {
  server.add("POST", "/translate", [this](const HttpRequest& r) { return translate(r); });
  server.add("POST", "/v1/translate", [this](const HttpRequest& r) { return translate_v1(r); });
  server.add("POST", "/detect", [this](const HttpRequest& r) { return detect(r); });
  server.add("GET", "/languages",
             [this](const HttpRequest&) { return json_response(language_list()); });
  server.add("GET", "/health", [](const HttpRequest&) {
    return json_response({{"status", "ok"}});
  });
  server.add("GET", "/metrics", [this](const HttpRequest&) { return metrics(); });
}

void TranslationApi::observe(const HttpRequest& request, const HttpResponse& response,
                             double seconds) {
  static const std::set<std::string> known = {
      "/", "/translate", "/v1/translate", "/languages", "/detect", "/health", "/metrics"};
  metrics_.add_request(known.contains(request.path) ? request.path : "other", response.status,
                       seconds);
}

TranslationApi::Model* TranslationApi::find(const std::string& source,
                                            const std::string& target) const {
  const auto found = std::ranges::find_if(
      models_, [&](const auto& m) { return m->source == source && m->target == target; });
  return found == models_.end() ? nullptr : found->get();
}

bool TranslationApi::is_served(const std::string& language) const {
  return std::ranges::any_of(
      models_, [&](const auto& m) { return m->source == language || m->target == language; });
}

std::vector<std::string> TranslationApi::sources() const {
  std::set<std::string> out;
  for (const auto& model : models_) out.insert(model->source);
  return {out.begin(), out.end()};
}

// With "auto", the only source language is taken, or else the most probable one of the text.
TranslationApi::Choice TranslationApi::choose(const std::string& source, const std::string& target,
                                              const std::string& text) const {
  Choice choice{nullptr, std::nullopt};
  std::string language = source;
  if (source == "auto") {
    const auto known = sources();
    auto candidates = detect_languages(text);
    std::erase_if(candidates,
                  [&](const auto& c) { return !std::ranges::count(known, c.language); });
    if (known.size() == 1)
      choice.detected = {known[0], candidates.empty() ? 100 : candidates[0].confidence};
    else if (!candidates.empty())
      choice.detected = candidates[0];
    if (!choice.detected)
      throw ApiError(400, "the language of the text is not known; set source to one of " +
                              joined(known, ", "));
    language = choice.detected->language;
  }
  if (!std::ranges::count(sources(), language)) throw ApiError(400, language + " is not supported");
  choice.model = find(language, target);
  if (!choice.model)
    throw ApiError(400, target + " is not available as a target language from " +
                            language_name(language) + " (" + language + ")");
  return choice;
}

std::vector<QueueAnswer> TranslationApi::wait_for(Model& model, std::vector<Request> lines,
                                                  const std::string& client) {
  const std::size_t count = lines.size();
  if (count > limits_.max_waiting_lines)
    throw ApiError(413, "the request has more than " + std::to_string(limits_.max_waiting_lines) +
                            " lines; send fewer at once");
  auto answers = model.queue.translate(std::move(lines), client, limits_.timeout);
  metrics_.add_sentences(count);
  return answers;
}

// Translates texts of several lines, which wait together. Alternative k of a text consists of the
// alternatives k of its lines.
std::vector<TranslationApi::TextAnswer> TranslationApi::translate_texts(
    Call& call, const std::vector<std::string>& texts) {
  std::vector<Request> requests;
  std::vector<std::size_t> text_of_line;
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::string& line : lines_of_text(texts[i])) {
      Request& request =
          requests.emplace_back(Request{std::move(line), "", call.model.service->search()});
      request.search.n_best = call.alternatives + 1;
      request.search.beam_size = std::max(request.search.beam_size, request.search.n_best);
      text_of_line.push_back(i);
    }
  const auto answers = wait_for(call.model, std::move(requests), call.client);
  std::vector<TextAnswer> out(texts.size());
  for (std::size_t j = 0; j < answers.size(); ++j) {
    if (!answers[j].found) throw ApiError(500, answers[j].error);
    const auto& found = answers[j].found->translations;
    auto& ranks = out[text_of_line[j]].ranks;
    const bool is_first = ranks.empty();
    ranks.resize(static_cast<std::size_t>(call.alternatives) + 1);
    for (std::size_t k = 0; k < ranks.size(); ++k)
      ranks[k] += (is_first ? "" : "\n") + found[std::min(k, found.size() - 1)].text;
  }
  return out;
}

std::string TranslationApi::translate_html_text(Call& call, const std::string& html) {
  return translate_html(html, [&](const std::vector<std::string>& lines) {
    const TranslationService& service = *call.model.service;
    const auto answers = wait_for(call.model, service.html_requests(lines), call.client);
    std::vector<HtmlTranslation> out;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].found) throw ApiError(500, answers[i].error);
      out.push_back(service.html_translation(lines[i], *answers[i].found));
    }
    return out;
  });
}

HttpResponse TranslationApi::translate(const HttpRequest& request) {
  return answered([&] {
    const Json fields = fields_of(request);
    const auto texts = texts_of(fields);
    check_size(texts);
    const std::string source = text_of(fields, "source"), target = text_of(fields, "target");
    const bool is_html = format_of(fields) == "html";
    const int alternatives = alternatives_of(fields);
    std::map<Model*, std::vector<std::size_t>> members;
    std::vector<TextAnswer> answers(texts.size());
    Json detected = Json::array();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Choice choice = choose(source, target, texts[i]);
      members[choice.model].push_back(i);
      if (choice.detected) detected.push_back(detected_json(*choice.detected));
    }
    for (const auto& [model, indices] : members) {
      Call call{*model, request.client, alternatives};
      std::vector<std::string> own;
      for (const std::size_t i : indices)
        if (is_html)
          answers[i].ranks = {translate_html_text(call, texts[i])};
        else
          own.push_back(texts[i]);
      auto found = is_html ? std::vector<TextAnswer>() : translate_texts(call, own);
      for (std::size_t k = 0; k < found.size(); ++k) answers[indices[k]] = std::move(found[k]);
    }
    return json_response(libretranslate_answer(fields, answers, detected));
  });
}

// With one text, the fields have its values; with a list, lists of values.
Json TranslationApi::libretranslate_answer(const Json& fields,
                                           const std::vector<TextAnswer>& answers,
                                           const Json& detected) {
  Json translated = Json::array(), alternatives = Json::array();
  for (const TextAnswer& answer : answers) {
    translated.push_back(answer.ranks[0]);
    Json others = Json::array();
    for (std::size_t k = 1; k < answer.ranks.size(); ++k)
      if (!std::ranges::count(others, Json(answer.ranks[k])) && answer.ranks[k] != answer.ranks[0])
        others.push_back(answer.ranks[k]);
    alternatives.push_back(others);
  }
  const auto shaped = [&](const Json& list) {
    return fields.at("q").is_array() ? list : Json(list.at(0));
  };
  Json answer = {{"translatedText", shaped(translated)}};
  if (!detected.empty()) answer["detectedLanguage"] = shaped(detected);
  if (alternatives_of(fields) > 0) answer["alternatives"] = shaped(alternatives);
  return answer;
}

void TranslationApi::check_size(const std::vector<std::string>& texts) const {
  std::size_t characters = 0;
  for (const std::string& text : texts) characters += count_characters(text);
  if (characters > limits_.max_characters)
    throw ApiError(400, "Invalid request: request (" + std::to_string(characters) +
                            ") exceeds text limit (" + std::to_string(limits_.max_characters) +
                            ")");
}

// A request is an object of JSON lines, or a list of them. The requests for one model wait
// together.
HttpResponse TranslationApi::translate_v1(const HttpRequest& request) {
  return answered([&] {
    const Json json = parse_json_line(request.body, "the request");
    std::vector<std::string> texts;
    for (const Json& object : json.is_array() ? json : Json::array({json}))
      for (const char* key : {"source", "text", "prefix"})
        if (object.is_object() && object.contains(key) && object[key].is_string())
          texts.push_back(object[key]);
    check_size(texts);
    if (json.is_array()) return json_response(answers_v1(json, request.client));
    Json answer = answers_v1(Json::array({json}), request.client).at(0);
    if (answer.contains("error")) throw ApiError(400, answer["error"]);
    return json_response(answer);
  });
}

// Returns an answer for each object, which has a field "error" if it cannot be translated.
Json TranslationApi::answers_v1(const Json& objects, const std::string& client) {
  std::map<Model*, std::vector<std::size_t>> members;
  std::vector<Request> requests(objects.size());
  Json answers = Json::array();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    answers.push_back(objects[i].is_object() ? objects[i] : Json::object());
    const std::string error = error_message([&] {
      Model& model = model_v1(objects[i]);
      requests[i] = model.service->request(objects[i], "request " + std::to_string(i));
      check_effort(requests[i].search, "request " + std::to_string(i));
      members[&model].push_back(i);
    });
    if (!error.empty()) answers[i]["error"] = error;
  }
  for (const auto& [model, indices] : members) {
    std::vector<Request> lines;
    for (const std::size_t i : indices) lines.push_back(requests[i]);
    const auto found = wait_for(*model, std::move(lines), client);
    for (std::size_t k = 0; k < indices.size(); ++k)
      if (found[k].found)
        answers[indices[k]].update(model->service->answer(requests[indices[k]], *found[k].found));
      else
        answers[indices[k]]["error"] = found[k].error;
  }
  return answers;
}

TranslationApi::Model& TranslationApi::model_v1(const Json& object) const {
  const auto field = [&](const char* key) {
    return object.is_object() && object.contains(key) ? text_of(object, key) : "";
  };
  std::string source = field("source_language"), target = field("target_language");
  if (models_.size() == 1 && source.empty()) source = models_[0]->source;
  if (models_.size() == 1 && target.empty()) target = models_[0]->target;
  if (source.empty() || target.empty())
    throw ApiError(400,
                   "set source_language and target_language, because several models are served");
  return *choose(source, target, field("source") + field("text")).model;
}

HttpResponse TranslationApi::detect(const HttpRequest& request) const {
  return answered([&] {
    const Json fields = fields_of(request);
    Json out = Json::array();
    for (const auto& language : detect_languages(texts_of(fields).at(0)))
      if (is_served(language.language)) out.push_back(detected_json(language));
    // What LibreTranslate answers if it finds none.
    if (out.empty()) out.push_back(detected_json({"en", 0}));
    return json_response(out);
  });
}

Json TranslationApi::language_list() const {
  std::map<std::string, std::set<std::string>> targets;
  for (const auto& model : models_) targets[model->source].insert(model->target);
  Json out = Json::array();
  for (const auto& [source, reachable] : targets)
    out.push_back({{"code", source}, {"name", language_name(source)}, {"targets", reachable}});
  // Clients look up the names of target languages, too.
  std::set<std::string> only_targets;
  for (const auto& model : models_)
    if (!targets.contains(model->target)) only_targets.insert(model->target);
  for (const std::string& target : only_targets)
    out.push_back({{"code", target}, {"name", language_name(target)}, {"targets", Json::array()}});
  return out;
}

HttpResponse TranslationApi::metrics() const {
  std::size_t waiting = 0;
  for (const auto& model : models_) waiting += model->queue.waiting();
  return {.body = metrics_.text(waiting), .content_type = "text/plain; version=0.0.4"};
}

}  // namespace attn

#include "service/api_fields.h"

#include "base/line_reader.h"
#include "service/translation_queue.h"

namespace attn {
namespace {

constexpr int kMaxAlternatives = 20;

}  // namespace

HttpResponse json_response(const Json& json) {
  return {.body = json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

HttpResponse answered(const std::function<HttpResponse()>& f) {
  try {
    return f();
  } catch (const ApiError& e) {
    return error_response(e.status, e.what());
  } catch (const Overloaded& e) {
    HttpResponse response = error_response(429, e.what());
    response.retry_after = 1;
    return response;
  } catch (const TimedOut& e) {
    return error_response(504, e.what());
  } catch (const Error& e) {
    return error_response(400, e.what());
  }
}

Json fields_of(const HttpRequest& request) {
  if (!request.has_form) {
    Json json = parse_json_line(request.body, "the request");
    if (!json.is_object()) throw ApiError(400, "the request must be a JSON object or a form");
    return json;
  }
  Json json = Json::object();
  for (const auto& [name, value] : request.fields) {
    if (invalid_utf8(value) != std::string::npos)
      throw ApiError(400, "Invalid request: " + name + " is not valid UTF-8");
    json[name] = value;
  }
  return json;
}

std::string text_of(const Json& fields, const char* name) {
  if (!fields.contains(name) || fields.at(name).is_null())
    throw ApiError(400, "Invalid request: missing " + std::string(name) + " parameter");
  if (!fields.at(name).is_string())
    throw ApiError(400, "Invalid request: " + std::string(name) + " must be a string");
  return fields.at(name).get<std::string>();
}

int alternatives_of(const Json& fields) {
  if (!fields.contains("alternatives") || fields.at("alternatives").is_null()) return 0;
  const Json& value = fields.at("alternatives");
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  const bool is_number =
      !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(text) > kMaxAlternatives)
    throw ApiError(400, "Invalid request: alternatives must be a whole number from 0 to " +
                            std::to_string(kMaxAlternatives));
  return std::stoi(text);
}

std::string format_of(const Json& fields) {
  const bool is_given =
      fields.contains("format") && !fields.at("format").is_null() && fields.at("format") != "";
  const std::string format = is_given ? text_of(fields, "format") : "text";
  if (format != "text" && format != "html")
    throw ApiError(400, "Invalid request: format must be \"text\" or \"html\"");
  return format;
}

std::vector<std::string> texts_of(const Json& fields) {
  if (!fields.contains("q") || !fields.at("q").is_array()) return {text_of(fields, "q")};
  if (fields.at("q").empty()) throw ApiError(400, "Invalid request: q is an empty list");
  std::vector<std::string> out;
  for (const Json& text : fields.at("q")) {
    if (!text.is_string())
      throw ApiError(400, "Invalid request: q must be a string or a list of strings");
    out.push_back(text.get<std::string>());
  }
  return out;
}

}  // namespace attn

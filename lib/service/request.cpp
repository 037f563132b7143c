#include "service/request.h"

#include <algorithm>

#include "base/error.h"
#include "base/option_reader.h"

namespace attn {
namespace {

// The section "search" of a configuration, by itself.
struct SearchSection {
  SearchConfig search;
  static void fields(Fields<SearchSection>& field) { field("search", &SearchSection::search); }
};

// These options concern all lines together.
constexpr const char* kCommonOptions[] = {"batch_size", "precision"};

// Fields of an answer that no request has. "n_best" is also an option.
constexpr const char* kAnswerFields[] = {"translation", "log_prob", "score",
                                         "tokens",      "links",    "error"};

std::vector<std::string> make_request_options() {
  std::vector<std::string> out;
  SearchSection section;
  for (const Option& option : options(section)) {
    const std::string name = option.path.substr(option.path.find('.') + 1);
    if (std::ranges::find(kCommonOptions, name) == std::end(kCommonOptions)) out.push_back(name);
  }
  return out;
}

SearchConfig with_options(const SearchConfig& defaults, const Json& given,
                          const std::string& where) {
  SearchSection section{defaults};
  read_options(options(section), {{"search", given}}, where, {});
  validate(section.search, where);
  return section.search;
}

std::string text_field(const Json& object, const char* key, const std::string& where) {
  const Json& value = object.at(key);
  if (!value.is_string())
    fail(where, "\"" + std::string(key) + "\" must be a string, got " + excerpt(value));
  return value.get<std::string>();
}

}  // namespace

const std::vector<std::string>& request_options() {
  static const std::vector<std::string> names = make_request_options();
  return names;
}

Request parse_request(const Json& object, const SearchConfig& defaults, const std::string& where) {
  if (!object.is_object() || object.contains("source") == object.contains("text"))
    fail(where,
         "a request must be an object with the string \"source\" or \"text\", such as "
         "{\"source\": \"a sentence\"}");
  for (const char* field : kAnswerFields)
    if (object.contains(field))
      fail(where, "\"" + std::string(field) +
                      "\" is a field of the answer and would be replaced; rename it");
  Request request{text_field(object, object.contains("source") ? "source" : "text", where),
                  object.contains("prefix") ? text_field(object, "prefix", where) : "", defaults};
  if (object.contains("attention")) {
    const Json& wanted = object.at("attention");
    if (!wanted.is_boolean())
      fail(where, "\"attention\" must be true or false, got " + excerpt(wanted));
    request.wants_attention = wanted.get<bool>();
  }
  Json given = Json::object();
  for (const std::string& name : request_options())
    if (object.contains(name)) given[name] = object.at(name);
  if (!given.empty()) request.search = with_options(defaults, given, where);
  return request;
}

}  // namespace attn

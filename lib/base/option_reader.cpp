#include "base/option_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"
#include "base/line_reader.h"
#include "base/strings.h"

namespace attn {
namespace {

using Options = std::vector<Option>;

std::vector<std::string> choice_names(const std::vector<Choice>& choices) {
  std::vector<std::string> out;
  for (const auto& choice : choices) out.push_back(choice.name);
  return out;
}

// Returns what an option expects: "a whole number of at least 1".
std::string expectation(const Option& option) {
  const auto& check = option.check;
  if (!check.choices.empty()) {
    std::vector<std::string> quotes;
    for (const auto& name : choice_names(check.choices)) quotes.push_back(in_quotes(name));
    return (quotes.size() > 1 ? "one of " : "") + joined(quotes, ", ");
  }
  const std::string type = type_name(option);
  if (type == "true or false") return type;
  if (type == "text" || type == "path") return "a " + type + " in quotes";
  return "a " + type + (check.expected.empty() ? "" : " " + check.expected);
}

struct Origin {
  std::string name;    // the file name, or --set
  fs::path directory;  // relative paths are relative to it; absolute
};

struct Given {
  Json value;
  Origin origin;
};

using GivenByPath = std::map<std::string, Given>;

[[noreturn]] void refuse(const Origin& origin, const std::string& path,
                         const std::string& message) {
  throw Error(origin.name + ": " + (path.empty() ? "" : path + ": ") + message);
}

[[noreturn]] void refuse(const Option& option, const Given& given, const std::string& expected) {
  std::string message = "expected " + expected + ", got " + excerpt(given.value);
  if (given.value.is_string()) {
    const auto near = nearest(given.value.get<std::string>(), choice_names(option.check.choices));
    if (!near.empty()) message += "; did you mean " + in_quotes(near) + "?";
  }
  refuse(given.origin, option.path, message);
}

template <class Integer>
bool fits(const Json& value) {
  return value.is_number_unsigned() ? std::in_range<Integer>(value.get<std::uint64_t>())
                                    : std::in_range<Integer>(value.get<std::int64_t>());
}

bool is_whole_number(double x) {
  return std::trunc(x) == x && std::abs(x) <= 2147483647.0;
}

fs::path absolute_path(const std::string& text, const fs::path& directory) {
  if (text.empty()) return {};
  const fs::path path = (directory / text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // "runs/" is "runs"
}

// Returns the value as a T, the type of the option's member. Throws Error if it has another type.
template <class T>
T strict(const Option& option, const Given& given) {
  const Json& value = given.value;
  if constexpr (requires(T t) { t.has_value(); }) {
    if (value.is_null()) return std::nullopt;
    return strict<typename T::value_type>(option, given);
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    if (value.is_array() && std::ranges::all_of(value, [](auto& x) { return x.is_string(); }))
      return value.get<T>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (value.is_boolean()) return value.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    if (value.is_number_integer() && fits<T>(value)) return value.get<T>();
    if (value.is_number_float() && is_whole_number(value.get<double>()))  // 1e3
      return static_cast<T>(value.get<double>());
    if (value.is_number_integer())
      refuse(option, given,
             expectation(option) + ", no larger than " +
                 std::to_string(std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, double>) {
    if (value.is_number()) return value.get<double>();
  } else if constexpr (std::is_same_v<T, fs::path>) {
    if (value.is_string()) return absolute_path(value.get<std::string>(), given.origin.directory);
  } else {
    if (value.is_string()) return value.get<std::string>();
  }
  refuse(option, given, expectation(option));
}

template <class T>
bool passes(const Check& check, const T& value) {
  if constexpr (requires { value.has_value(); })
    return !value || passes(check, *value);
  else if constexpr (std::is_arithmetic_v<T>)
    return !check.holds || check.holds(static_cast<double>(value));
  else if constexpr (std::is_same_v<T, std::string>)
    return check.choices.empty() ||
           std::ranges::any_of(check.choices, [&](const Choice& c) { return c.name == value; });
  else
    return true;
}

void refuse_former_value(const Option& option, const Given& given) {
  for (const FormerValue& former : option.former_values)
    if (plain_text(given.value) == former.value)
      refuse(given.origin, option.path,
             "the value " + excerpt(given.value) +
                 (former.advice.empty() ? " is now called " + in_quotes(former.replacement)
                                        : " no longer exists; " + former.advice));
}

void assign(const Option& option, const Given& given) {
  refuse_former_value(option, given);
  std::visit(
      [&](auto* to) {
        using T = std::remove_pointer_t<decltype(to)>;
        const T value = strict<T>(option, given);
        if (!passes(option.check, value)) refuse(option, given, expectation(option));
        *to = value;
      },
      option.value);
}

bool is_section(const Options& options, const std::string& path) {
  return path.empty() || std::any_of(options.begin(), options.end(), [&](const Option& option) {
           return option.path.starts_with(path + ".");
         });
}

std::string last_name(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

// Returns the names that may follow `section` ("train." or "").
std::vector<std::string> names_in(const Options& options, const std::string& section) {
  std::vector<std::string> out;
  for (const auto& option : options)
    if (option.path.starts_with(section)) {
      const std::string rest = option.path.substr(section.size());
      out.push_back(rest.substr(0, rest.find('.')));
    }
  return out;
}

// Returns "train." for "train.rho", and "" for an option at the root.
std::string section_of(const std::string& path) {
  return path.substr(0, path.rfind('.') + 1);
}

// Returns the option that the user probably meant, or "": the same name in another section; a
// longer or shorter form of the name in the same section; the nearest name in the section; for a
// path without a section, the nearest name in all sections.
std::string did_you_mean(const Options& options, const std::string& path) {
  const std::string name = last_name(path);
  const std::string section = section_of(path);
  for (const auto& option : options)
    if (last_name(option.path) == name) return option.path;
  const auto siblings = names_in(options, section);
  for (const auto& sibling : siblings)
    if (!name.empty() && (sibling.starts_with(name + "_") || name.starts_with(sibling + "_")))
      return section + sibling;
  const std::string near = nearest(name, siblings);
  if (!near.empty() || !section.empty()) return near.empty() ? "" : section + near;
  std::vector<std::string> everywhere;
  for (const auto& option : options) everywhere.push_back(last_name(option.path));
  const std::string far = nearest(name, everywhere);
  for (const auto& option : options)
    if (!far.empty() && last_name(option.path) == far) return option.path;
  return "";
}

[[noreturn]] void refuse_unknown(const Options& options, const Origin& origin,
                                 const std::string& path) {
  for (const Option& option : options)
    if (!option.former_name.empty() && path == section_of(option.path) + option.former_name)
      refuse(origin, path, "this option is now called " + in_quotes(option.path));
  const std::string near = did_you_mean(options, path);
  refuse(origin, path,
         "unknown option; " + (near.empty() ? "attn train --describe lists all options"
                                            : "did you mean " + in_quotes(near) + "?"));
}

// Adds the options in `json`, the value of `path`, to `given`.
void collect(const Options& options, const Json& json, const std::string& path,
             const Origin& origin, GivenByPath& given) {
  if (find_option(options, path) != nullptr) {
    given[path] = {json, origin};
    return;
  }
  if (!is_section(options, path)) refuse_unknown(options, origin, path);
  if (!json.is_object())
    refuse(origin, path, "expected an object with options, {…}, got " + excerpt(json));
  for (const auto& [key, value] : json.items()) {
    if (key.empty()) refuse(origin, path, "a key is empty; remove it");
    if (key.find('.') != std::string::npos)
      refuse(origin, path,
             "the key " + in_quotes(key) + " contains a dot; write nested objects instead");
    collect(options, value, path.empty() ? key : path + "." + key, origin, given);
  }
}

// Adds an option "KEY=VALUE" to `given`. The value null removes the option instead.
void collect_set(const Options& options, const std::string& set, GivenByPath& given) {
  const Origin origin = {"--set", fs::current_path()};
  const auto equals = set.find('=');
  if (equals == std::string::npos || equals == 0)
    refuse(origin, "", in_quotes(set) + ": expected KEY=VALUE, as in train.learning_rate=5e-4");
  const std::string path = set.substr(0, equals), text = set.substr(equals + 1);
  if (invalid_utf8(text) != std::string::npos) refuse(origin, path, "the value is not valid UTF-8");
  const Json value = Json::accept(text) ? parse_json(text, "--set: " + path) : Json(text);
  if (value.is_null() && find_option(options, path) != nullptr)
    given.erase(path);
  else
    collect(options, value, path, origin, given);
}

GivenByPath collect_all(const Options& options, const Json& json, const std::string& name,
                        const std::vector<std::string>& sets) {
  GivenByPath given;
  collect(options, json, "", {name, fs::absolute(name).parent_path()}, given);
  for (const auto& set : sets) collect_set(options, set, given);
  return given;
}

void assign_all(const Options& options, const GivenByPath& given) {
  for (const auto& option : options)
    if (given.count(option.path) != 0) assign(option, given.at(option.path));
  for (const auto& option : options)
    if (given.count(option.path) == 0) assign_default(options, option);
}

[[noreturn]] void refuse_inapplicable(const Options& options, const Option& option,
                                      const Origin& origin) {
  std::vector<std::string> values;
  for (const auto& path : option.condition->paths)
    values.push_back(path + " " + option_value(options, path).dump());
  throw Error(origin.name + ": " + option.path + " does not apply to " + joined(values, " and ") +
              "; it requires " + option.condition->text);
}

// Throws Error if one of the given options does not apply to the values of the others.
void check_applicable(const Options& options, const GivenByPath& given) {
  for (const auto& option : options)
    if (given.count(option.path) != 0 && !applies(options, option))
      refuse_inapplicable(options, option, given.at(option.path).origin);
}

}  // namespace

void read_options(const Options& options, const Json& json, const std::string& name,
                  const std::vector<std::string>& sets) {
  const GivenByPath given = collect_all(options, json, name, sets);
  assign_all(options, given);
  check_applicable(options, given);
}

void read_resolved_options(const Options& options, const Json& json, const std::string& name,
                           const std::vector<std::string>& sets) {
  assign_all(options, collect_all(options, json, name, sets));
  check_applicable(options, collect_all(options, Json::object(), name, sets));
}

}  // namespace attn

#include "base/options.h"

#include <algorithm>
#include <sstream>
#include <type_traits>

#include "base/error.h"
#include "base/strings.h"

namespace attn {
namespace {

using Options = std::vector<Option>;

std::string plain_value(const Options& options, const std::string& path) {
  return plain_text(option_value(options, path));
}

std::string condition_text(const std::string& path, const std::vector<std::string>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(Json::accept(value) ? value : in_quotes(value));
  return path + " " + joined(texts, " or ");
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::vector<std::string> merged(std::vector<std::string> a, const std::vector<std::string>& b) {
  for (const auto& path : b)
    if (!contains(a, path)) a.push_back(path);
  return a;
}

}  // namespace

std::string number_text(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  return static_cast<double>(whole) == x ? std::to_string(whole) : Json(x).dump();
}

Check any() {
  return {""};
}

Check one_of(std::vector<Choice> choices) {
  return {"", {}, std::move(choices)};
}

Check above(double low) {
  return {"above " + number_text(low), [=](double x) { return x > low; }};
}

Check at_least(double low) {
  return {"of at least " + number_text(low), [=](double x) { return x >= low; }};
}

Check below(double high) {
  return {"below " + number_text(high), [=](double x) { return x < high; }};
}

Check at_most(double high) {
  return {"at most " + number_text(high), [=](double x) { return x <= high; }};
}

Check between(double low, double high) {
  return {"from " + number_text(low) + " to " + number_text(high),
          [=](double x) { return low <= x && x <= high; }};
}

Check operator&&(const Check& a, const Check& b) {
  return {a.expected + " and " + b.expected,
          [f = a.holds, g = b.holds](double x) { return f(x) && g(x); }};
}

Condition when(const std::string& path, const std::vector<std::string>& values) {
  const std::string text =
      values == std::vector<std::string>{""} ? "an empty " + path : condition_text(path, values);
  return {text, {path}, [=](const auto& value_of) { return contains(values, value_of(path)); }};
}

Condition when_not(const std::string& path, const std::vector<std::string>& values) {
  const std::string text = values == std::vector<std::string>{""}
                               ? "a given " + path
                               : condition_text(path + " other than", values);
  return {text, {path}, [=](const auto& value_of) { return !contains(values, value_of(path)); }};
}

Condition operator&&(const Condition& a, const Condition& b) {
  return {a.text + " and " + b.text, merged(a.paths, b.paths),
          [=](const auto& value_of) { return a.holds(value_of) && b.holds(value_of); }};
}

Condition operator||(const Condition& a, const Condition& b) {
  const bool is_bare = a.text.find(" and ") != std::string::npos && !a.text.starts_with("(");
  return {(is_bare ? "(" + a.text + ")" : a.text) + " or " + b.text, merged(a.paths, b.paths),
          [=](const auto& value_of) { return a.holds(value_of) || b.holds(value_of); }};
}

std::string type_name(const Option& option) {
  static const char* const kNames[] = {"true or false", "whole number", "whole number",
                                       "number",        "text",         "path",
                                       "true or false", "number",       "list of texts"};
  return kNames[option.value.index()];
}

Json to_json(const Option& option) {
  return std::visit(
      [](auto* value) {
        if constexpr (std::is_same_v<decltype(value), std::filesystem::path*>)
          return Json(value->string());
        else if constexpr (requires { value->has_value(); })
          return value->has_value() ? Json(**value) : Json(nullptr);
        else
          return Json(*value);
      },
      option.value);
}

const Option* find_option(const Options& options, const std::string& path) {
  const auto at = std::find_if(options.begin(), options.end(),
                               [&](const Option& option) { return option.path == path; });
  return at == options.end() ? nullptr : &*at;
}

Json option_value(const Options& options, const std::string& path) {
  const Option* option = find_option(options, path);
  if (option == nullptr) throw Bug("a condition names \"" + path + "\", which is not an option");
  return to_json(*option);
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool applies(const Options& options, const Option& option) {
  return !option.condition || option.condition->holds([&](const std::string& path) {
    return plain_value(options, path);
  });
}

void assign_default(const Options& options, const Option& option) {
  if (!option.default_by) return;
  const std::string key = plain_value(options, option.default_by->path);
  for (const auto& [name, value] : option.default_by->values)
    if (name == key) *std::get<double*>(option.value) = value;
}

Json options_to_json(const Options& options, const std::function<bool(const Option&)>& is_wanted) {
  Json out = Json::object();
  for (const auto& option : options) {
    if (!applies(options, option) || !is_wanted(option)) continue;
    Json* at = &out;
    std::istringstream path(option.path);
    for (std::string key; std::getline(path, key, '.');) at = &(*at)[key];
    *at = to_json(option);
  }
  return out;
}

std::vector<std::string> changed_options(const Options& options, const Options& defaults) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Option &option = options[i], &other = defaults.at(i);
    assign_default(options, other);
    if (applies(options, option) && to_json(option) != to_json(other)) out.push_back(option.path);
  }
  return out;
}

}  // namespace attn

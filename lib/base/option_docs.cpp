#include "base/option_docs.h"

#include <algorithm>

#include "base/strings.h"

namespace attn {
namespace {

using Options = std::vector<Option>;

std::string default_text(const Option& option) {
  const auto depends = [&] {  // false if all defaults are equal
    const auto& values = option.default_by->values;
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& v) { return v.second != values[0].second; });
  };
  if (!option.default_by || !depends()) {
    const auto* real = std::get_if<double*>(&option.value);
    return real ? number_text(**real) : to_json(option).dump();
  }
  std::vector<std::string> rows;
  for (const auto& [name, value] : option.default_by->values)
    rows.push_back(number_text(value) + " (" + name + ")");
  return joined(rows, ", ");
}

std::string type_and_check(const Option& option) {
  return type_name(option) + (option.check.expected.empty() ? "" : " " + option.check.expected);
}

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string values_cell(const Option& option) {
  std::vector<std::string> out;
  for (const auto& choice : option.check.choices)
    out.push_back("`" + choice.name + "`: " + choice.doc);
  if (!out.empty()) return joined(out, "<br>");
  return type_and_check(option);
}

}  // namespace

std::string describe_text(const Options& options) {
  constexpr std::size_t kWidth = 92;
  std::string out;
  for (const auto& option : options) {
    out += (out.empty() ? "" : "\n") + option.path + " = " + default_text(option) + "\n";
    out += wrapped(option.text, kWidth, 4);
    if (option.condition) out += wrapped("only with " + option.condition->text, kWidth, 4);
    if (option.check.choices.empty()) out += wrapped(type_and_check(option), kWidth, 4);
    for (const auto& choice : option.check.choices)
      out += wrapped(choice.name + ": " + choice.doc, kWidth, 6, 4);
  }
  return out;
}

std::string describe_markdown(const Options& options) {
  std::string out = "| option | default | values | meaning |\n|---|---|---|---|\n";
  for (const auto& option : options)
    out += "| `" + option.path + "` | " + cell(default_text(option)) + " | " +
           cell(values_cell(option)) + " | " + cell(option.text) +
           (option.condition ? " (only with " + cell(option.condition->text) + ")" : "") + " |\n";
  return out;
}

}  // namespace attn

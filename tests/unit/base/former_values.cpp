// Values of options that had another name in earlier versions.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/config.h"

namespace attn::test {
namespace {

struct OptionOfValue {
  std::string path;
  FormerValue former;
};

std::vector<OptionOfValue> former_values() {
  Config config;
  std::vector<OptionOfValue> out;
  for (const Option& option : options(config))
    for (const FormerValue& former : option.former_values) out.push_back({option.path, former});
  return out;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

// Returns a config with one option: {"model": {"cell": VALUE}}.
std::string config_with(const std::string& path, const std::string& value) {
  std::string out = value;
  for (std::string rest = path; !rest.empty();) {
    const auto dot = rest.rfind('.');
    out = "{" + quoted(rest.substr(dot == std::string::npos ? 0 : dot + 1)) + ": " + out + "}";
    rest = dot == std::string::npos ? "" : rest.substr(0, dot);
  }
  return out;
}

}  // namespace

TEST_CASE("the former value of an option is an error that says what replaces it") {
  for (const OptionOfValue& entry : former_values()) {
    const std::string& path = entry.path;
    const FormerValue& former = entry.former;
    CAPTURE(path);
    CAPTURE(former.value);
    const std::string value = Json::accept(former.value) ? former.value : quoted(former.value);
    const std::string message =
        path + ": the value " + value +
        (former.advice.empty() ? " is now called " + quoted(former.replacement)
                               : " no longer exists; " + former.advice);
    CHECK(error_in(config_with(path, value)) == "c.json: " + message);
    CHECK(error_with_sets("{}", {path + "=" + former.value}) == "--set: " + message);
  }
}

TEST_CASE("a former value is not valid, and its replacement is") {
  Config config;
  const auto all = options(config);
  for (const OptionOfValue& entry : former_values()) {
    const std::string& path = entry.path;
    const FormerValue& former = entry.former;
    CAPTURE(path);
    CAPTURE(former.value);
    const auto option =
        std::ranges::find_if(all, [&](const Option& other) { return other.path == path; });
    std::vector<std::string> names;
    for (const Choice& choice : option->check.choices) names.push_back(choice.name);
    CHECK(std::ranges::count(names, former.value) == 0);
    if (former.advice.empty()) CHECK(std::ranges::count(names, former.replacement) == 1);
  }
}

TEST_CASE("each renamed value has an entry") {
  std::string entries;
  for (const auto& [path, former] : former_values())
    entries += path + " " + former.replacement + former.advice + "\n";
  CHECK(entries ==
        "model.cell gru_reset_before\n"
        "model.encoder.type transformer\n"
        "model.encoder.type recurrent_transformer\n"
        "model.attention.window local_m\n"
        "model.attention.window local_p\n"
        "model.attention.window set model.attention.coverage to true\n"
        "model.tie_embeddings decoder\n"
        "model.tie_embeddings none\n");
}

}  // namespace attn::test

// Options: each is declared once, by a line in the struct that holds it, its default being the
// member's initialiser:
//
//   struct TrainConfig {
//     double rho = 0.95;
//     static void fields(auto&& field) {
//       using C = TrainConfig;
//       field("rho", &C::rho, at_least(0) && below(1), "decay of the averages",
//             when("train.optimizer", {"adadelta"}));
//     }
//   };
//
// A member that has `fields` of its own is a section: field("decoder", &C::decoder). From these
// lines come strict reading, --set, the resolved config, and the documentation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/table.h"

namespace attn {

// Which values of its type an option may have.
struct Check {
  std::string expected;                    // "of at least 1"; empty: all
  std::function<bool(double)> holds = {};  // of a number; empty: always
  std::vector<Choice> choices = {};        // of a text; empty: any
};
Check any();
Check one_of(std::vector<Choice> choices);
Check above(double low);
Check at_least(double low);
Check below(double high);
Check at_most(double high);
Check between(double low, double high);  // both included
Check operator&&(const Check& a, const Check& b);

// Where an option applies; elsewhere it may not be given.
struct Condition {
  using ValueOf = std::function<std::string(const std::string& path)>;
  std::string text;                // train.optimizer "adam" or "adamw"
  std::vector<std::string> paths;  // the options it depends on
  std::function<bool(const ValueOf&)> holds;
};
// Values are as in JSON, texts without their quotes: "adam", "1", "true"; "" is a text or path that
// is not given.
Condition when(const std::string& path, const std::vector<std::string>& values);
Condition when_not(const std::string& path, const std::vector<std::string>& values);
Condition operator&&(const Condition& a, const Condition& b);
Condition operator||(const Condition& a, const Condition& b);

// A default that follows another option, as the learning rate follows the optimizer. Where no row
// matches, and outside of reading, the member's initialiser holds.
struct DefaultBy {
  std::string path;
  std::vector<std::pair<std::string, double>> values;
};

struct Option {
  std::string path;  // from the root: "train.rho"
  std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::filesystem::path*> value;
  Check check;
  std::string text;
  std::optional<Condition> condition = {};
  std::optional<DefaultBy> default_by = {};

  void add(const Condition& c) { condition = c; }
  void add(const DefaultBy& d) { default_by = d; }
};

template <class C>
void list_options(C& config, const std::string& prefix, std::vector<Option>& out) {
  C::fields([&](const std::string& name, auto member, const auto&... line) {
    auto& value = config.*member;
    if constexpr (sizeof...(line) == 0)
      list_options(value, prefix + name + ".", out);
    else
      [&](const Check& check, const std::string& text, const auto&... more) {
        out.push_back({prefix + name, &value, check, text});
        (out.back().add(more), ...);
      }(line...);
  });
}

// All options, in the order of their lines; they point into `config`.
template <class C>
std::vector<Option> options(C& config) {
  std::vector<Option> out;
  list_options(config, "", out);
  return out;
}

// Reads `json` (from the file `name`), then `sets`, each "path=value": JSON, or else a text. What
// is not given keeps its value. Relative paths in the file are relative to its folder, in `sets` to
// the current one; null in `sets` takes away what the file gives.
// Error, with the place (`name` or --set) and the path: an unknown key, a wrong type or value, an
// option that does not apply.
// resolved: `json` is options_to_json's: what `sets` make inapplicable in it is dropped.
void read_options(const std::vector<Option>& options, const Json& json, const std::string& name,
                  const std::vector<std::string>& sets, bool resolved = false);

// Every option that applies, with its value; reads again to the same values.
Json options_to_json(const std::vector<Option>& options);

// The paths of those that apply and whose value is not the default. `defaults`: those of another
// such config, which holds its defaults, and then also those that follow another option of the
// first.
std::vector<std::string> changed_options(const std::vector<Option>& options,
                                         const std::vector<Option>& defaults);

// All options, of a config that holds its defaults: for the terminal, and as a table in Markdown.
std::string describe_text(const std::vector<Option>& options);
std::string describe_markdown(const std::vector<Option>& options);

}  // namespace attn

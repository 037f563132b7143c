// Configuration options. Each option is declared once, by one line in the `fields` function of the
// struct that holds it; its default is the member's initializer:
//
//   struct TrainConfig {
//     double rho = 0.95;
//     static void fields(Fields<TrainConfig>& field) {
//       field("rho", &TrainConfig::rho, at_least(0) && below(1), "decay rate of the averages",
//             when("train.optimizer", {"adadelta"}));
//     }
//   };
//
// A member that has `fields` of its own is a section: field("decoder", &ModelConfig::decoder).
// Strict reading, --set, the resolved config, shell completion and the documentation are derived
// from these lines.
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
#include "base/registry.h"

namespace attn {

// The values that an option accepts, beyond its type.
struct Check {
  std::string expected;                    // for messages: "of at least 1"; empty: every value
  std::function<bool(double)> holds = {};  // test of a number; empty: always true
  std::vector<Choice> choices = {};        // allowed texts; empty: any text
};
Check any();
Check one_of(std::vector<Choice> choices);
Check above(double low);
Check at_least(double low);
Check below(double high);
Check at_most(double high);
Check between(double low, double high);  // both ends included
Check operator&&(const Check& a, const Check& b);

// States when an option applies. Setting an option that does not apply is an error.
struct Condition {
  using ValueOf = std::function<std::string(const std::string& path)>;
  std::string text;                // for messages: train.optimizer "adam" or "adamw"
  std::vector<std::string> paths;  // the options that it depends on
  std::function<bool(const ValueOf&)> holds;
};
// Returns a condition that holds if the option at `path` has (when) or does not have (when_not) one
// of `values`. Values are written as in JSON but without quotes: "adam", "1", "true"; "" is a text
// or path that was not given.
Condition when(const std::string& path, const std::vector<std::string>& values);
Condition when_not(const std::string& path, const std::vector<std::string>& values);
Condition operator&&(const Condition& a, const Condition& b);
Condition operator||(const Condition& a, const Condition& b);

// A default that depends on another option, as the learning rate depends on the optimizer. The
// member's initializer applies where no entry matches.
struct DefaultBy {
  std::string path;
  std::vector<std::pair<std::string, double>> values;
};

// The name that an option had in earlier versions, in the same section. A config that uses it gets
// an error that names the new option.
struct FormerName {
  std::string name;
};

struct Option {
  std::string path;  // from the root: "train.rho"
  std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::filesystem::path*> value;
  Check check;
  std::string text;
  std::optional<Condition> condition = {};
  std::optional<DefaultBy> default_by = {};
  std::string former_name = {};

  void add(const Condition& c) { condition = c; }
  void add(const DefaultBy& d) { default_by = d; }
  void add(const FormerName& f) { former_name = f.name; }
};

// Collects the options of one section. It is passed to the section's `fields` function.
template <class C>
class Fields {
 public:
  Fields(C& config, std::string prefix, std::vector<Option>& out)
      : config_(config), prefix_(std::move(prefix)), out_(out) {}

  // Declares a section.
  template <class Section>
  void operator()(const std::string& name, Section C::*member) {
    Fields<Section> fields(config_.*member, prefix_ + name + ".", out_);
    Section::fields(fields);
  }
  // Declares an option. `attributes` are a Condition, a DefaultBy or a FormerName.
  template <class Value>
  void operator()(const std::string& name, Value C::*member, const Check& check,
                  const std::string& text, const auto&... attributes) {
    out_.push_back({prefix_ + name, &(config_.*member), check, text});
    (out_.back().add(attributes), ...);
  }

 private:
  C& config_;
  std::string prefix_;
  std::vector<Option>& out_;
};

// Returns all options in the order of their declaration. They point into `config`.
template <class C>
std::vector<Option> options(C& config) {
  std::vector<Option> out;
  Fields<C> fields(config, "", out);
  C::fields(fields);
  return out;
}

// Reads `json` (the contents of the file `name`), then `sets`, each "path=value" with a JSON value
// or else a text. Options that are not given keep their values. Relative paths are relative to the
// file's directory, in `sets` to the current directory; null in `sets` removes the option. If
// `resolved` is true, `json` was written by options_to_json, and options in it that become
// inapplicable through `sets` are dropped. Throws Error, with the origin (`name` or --set) and the
// option, for an unknown key, a wrong type or value, and an option that does not apply.
void read_options(const std::vector<Option>& options, const Json& json, const std::string& name,
                  const std::vector<std::string>& sets, bool resolved = false);

// Returns every option that applies, with its value. Reading the result gives the same values.
Json options_to_json(const std::vector<Option>& options);

// Returns the paths of the options that apply and whose value is not the default. `defaults` are
// the options of another config object that holds the defaults; those that depend on another option
// are updated to follow it.
std::vector<std::string> changed_options(const std::vector<Option>& options,
                                         const std::vector<Option>& defaults);

// Describes all options of a config that holds its defaults: for the terminal, and as a Markdown
// table.
std::string describe_text(const std::vector<Option>& options);
std::string describe_markdown(const std::vector<Option>& options);

}  // namespace attn

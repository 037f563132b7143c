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
// Strict reading and --set (option_reader.h), the resolved config, shell completion and the
// documentation (option_docs.h) are derived from these lines.
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
// Return checks: any value, one of some texts, and a number in a range.
Check any();
Check one_of(std::vector<Choice> choices);
Check above(double low);
Check at_least(double low);
Check below(double high);
Check at_most(double high);
Check between(double low, double high);  // both ends included
// Returns a check that holds if both hold.
Check operator&&(const Check& a, const Check& b);

// States when an option applies. Setting an option that does not apply is an error.
struct Condition {
  using ValueOf = std::function<std::string(const std::string& path)>;
  std::string text;                // for messages: train.optimizer "adam" or "adamw"
  std::vector<std::string> paths;  // the options that it depends on
  std::function<bool(const ValueOf&)> holds;
};
// Returns a condition that holds if the option at `path` has (when) or does not have (when_not) one
// of `values`. Values are written as in JSON but without quotes: "adam", "1", "true"; "" is a
// string or path that was not given.
Condition when(const std::string& path, const std::vector<std::string>& values);
Condition when_not(const std::string& path, const std::vector<std::string>& values);
// Return a condition that holds if both, or at least one, of two conditions hold.
Condition operator&&(const Condition& a, const Condition& b);
Condition operator||(const Condition& a, const Condition& b);

// A default that depends on another option: that of the learning rate depends on the optimizer. If
// no entry matches, the member's initializer applies.
struct DefaultBy {
  std::string path;
  std::vector<std::pair<std::string, double>> values;
};

// The name that an option had in earlier versions, in the same section. A config that uses it gets
// an error that names the new option.
struct FormerName {
  std::string name;
};

// A value that an option had in earlier versions. A config that uses it gets an error that names
// the value that replaces it, or that gives `advice` if another option replaces it.
struct FormerValue {
  std::string value;  // as in JSON but without quotes: "gru", "true"
  std::string replacement;
  std::string advice = {};
};

struct Option {
  std::string path;  // from the root: "train.rho"
  std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::filesystem::path*,
               std::optional<bool>*, std::optional<double>*, std::vector<std::string>*>
      value;  // an optional one is null unless it is set
  Check check;
  std::string text;
  std::optional<Condition> condition = {};
  std::optional<DefaultBy> default_by = {};
  std::string former_name = {};
  std::vector<FormerValue> former_values = {};

  void add(const Condition& c) { condition = c; }
  void add(const DefaultBy& d) { default_by = d; }
  void add(const FormerName& f) { former_name = f.name; }
  void add(const FormerValue& f) { former_values.push_back(f); }
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
  // Declares an option. `attributes` are a Condition, a DefaultBy, a FormerName and FormerValues,
  // each of them optional.
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

// Returns the option at `path`, or null if there is none.
const Option* find_option(const std::vector<Option>& options, const std::string& path);

// Return the value of an option, given itself or its path. Throws Bug if no option has this path.
Json to_json(const Option& option);
Json option_value(const std::vector<Option>& options, const std::string& path);

// Returns whether the condition of an option, if it has one, holds for the values of the others.
bool applies(const std::vector<Option>& options, const Option& option);

// Sets an option with a DefaultBy to the default for the value of the other option.
void assign_default(const std::vector<Option>& options, const Option& option);

// Returns every option that applies and is wanted, with its value. Reading the result gives the
// same values.
Json options_to_json(
    const std::vector<Option>& options,
    const std::function<bool(const Option&)>& is_wanted = [](const Option&) { return true; });

// Returns the paths of the options that apply and whose value is not the default. `defaults` are
// the options of another config object that holds the defaults; those that depend on another option
// are updated to follow it.
std::vector<std::string> changed_options(const std::vector<Option>& options,
                                         const std::vector<Option>& defaults);

// Return parts of messages and of the documentation: the type of an option ("whole number"), a
// value without quotes, as conditions write it, and a number without ".0".
std::string type_name(const Option& option);
std::string plain_text(const Json& value);
std::string number_text(double x);

}  // namespace attn

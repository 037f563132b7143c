#include "usage_message.h"

#include <algorithm>

#include "base/registry.h"
#include "command_text.h"
#include "option_builder.h"

namespace attn {
namespace {

// An option that earlier versions had.
struct FormerOption {
  std::string name, now;
};
const FormerOption kFormerOptions[] = {
    FormerOption{"--combine", "--symmetrize"},
    FormerOption{"--heatmap-units", "--heatmap-tokens"},
};

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  for (const CLI::App* level : {&given_command(app), &app})
    if (const CLI::Option* option = level->get_option_no_throw(name)) return option;
  return nullptr;
}

std::string without_dashes(const std::string& name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

std::string unknown_option(const CLI::App& app, const std::string& name) {
  const std::string unknown = "unknown option " + name;
  for (const FormerOption& former : kFormerOptions)
    if (name == former.name && find_option(app, former.now) != nullptr)
      return unknown + "; it is now called " + former.now;
  const CLI::App& command = given_command(app);
  if (find_option(app, name) != nullptr)
    return name + " is an option of " + full_name(command) + "; write it after " +
           command.get_name();
  std::vector<std::string> names;
  for (const CLI::App* level : {&command, &app})
    for (const CLI::Option* option : level->get_options())
      if (!option->get_positional()) names.push_back(without_dashes(option->get_name()));
  // The dashes would make all names similar.
  const std::string near = nearest(without_dashes(name), names);
  return unknown + (near.empty() ? "" : "; did you mean --" + near + "?");
}

// Returns the message for the first word that is neither a command nor an option nor a value.
std::string unexpected(const CLI::App& app, const std::string& word) {
  if (word.starts_with("-")) return unknown_option(app, word.substr(0, word.find('=')));
  if (&given_command(app) != &app) return "unexpected argument " + word;
  const std::string near = nearest(word, command_names(app));
  return "unknown command " + word + (near.empty() ? "" : "; did you mean " + near + "?");
}

// Returns how to write an option with its value: "--config FILE".
std::string usage_of(const CLI::Option& option) {
  const OptionText text = describe(option);
  if (text.names.empty()) return text.choices.empty() ? text.value : listed(text.choices);
  return text.names.back() + (text.value.empty() ? "" : " " + text.value);
}

std::string missing_option(const CLI::App& app) {
  for (const CLI::Option* option : given_command(app).get_options())
    if (option->get_required() && option->count() == 0)
      return option->get_name() + " is required; give " + usage_of(*option);
  return "";
}

std::string missing_other_option(const CLI::App& app) {
  for (const CLI::Option* option : given_command(app).get_options())
    for (const CLI::Option* other : option->get_needs())
      if (option->count() > 0 && other->count() == 0)
        return option->get_name() + " has no effect without " + other->get_name() + "; add " +
               other->get_name() + " or leave out " + option->get_name();
  return "";
}

std::string excluded_option(const CLI::App& app) {
  for (const CLI::App* level : {&given_command(app), &app})
    for (const CLI::Option* option : level->get_options())
      for (const CLI::Option* other : option->get_excludes())
        if (option->count() > 0 && other->count() > 0)
          return option->get_name() + " and " + other->get_name() +
                 " cannot be combined; leave out one of them";
  return "";
}

// Returns the message for an option without a value, or with too many. CLI11's message begins with
// its name, for a flag without dashes.
std::string wrong_number_of_values(const CLI::App& app, const std::string& original) {
  const std::string written = original.substr(0, original.find_first_of(": "));
  const CLI::Option* option = find_option(app, "--" + without_dashes(written));
  if (option == nullptr) return "";
  const std::string name = option->get_name();
  const OptionText text = describe(*option);
  if (text.value.empty()) return name + " takes no value; write " + name + " alone";
  if (option->count() > 1 && !text.repeated)
    return name + " is given " + std::to_string(option->count()) + " times; give it once";
  return name + " requires a value; give " + usage_of(*option);
}

// Returns the message for an error of this kind, or "" to use CLI11's.
std::string message_for(const CLI::App& app, const CLI::ParseError& error) {
  switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
    case CLI::ExitCodes::RequiredError:
      return missing_option(app);
    case CLI::ExitCodes::RequiresError:
      return missing_other_option(app);
    case CLI::ExitCodes::ExcludesError:
      return excluded_option(app);
    case CLI::ExitCodes::ArgumentMismatch:
      return wrong_number_of_values(app, error.what());
    default:
      return "";
  }
}

}  // namespace

const CLI::App& given_command(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? app : *given.front();
}

std::string full_name(const CLI::App& command) {
  const CLI::App* program = command.get_parent();
  return (program == nullptr ? "" : program->get_name() + " ") + command.get_name();
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  if (const auto words = app.remaining(true); !words.empty()) return unexpected(app, words.front());
  const std::string message = message_for(app, error);
  return message.empty() ? error.what() : message;
}

}  // namespace attn

#include "help.h"

#include <iostream>
#include <memory>

#include "base/strings.h"
#include "command_text.h"
#include "commands.h"
#include "exit_code.h"
#include "option_builder.h"

namespace attn {
namespace {

constexpr std::size_t kWidth = 100, kIndent = 2;

// Returns a name and, from column `at` on, its description.
std::string entry(const std::string& name, const std::string& text, std::size_t at) {
  const std::string indented = std::string(kIndent, ' ') + name, lines = wrapped(text, kWidth, at);
  const std::size_t taken = columns(indented);
  if (taken + kIndent > at) return indented + "\n" + lines;
  return indented + lines.substr(taken);
}

std::string option_entry(const OptionText& option) {
  constexpr std::size_t kTextColumn = 30;
  std::string name;
  for (const auto& form : option.names) name += (name.empty() ? "" : ", ") + form;
  if (!option.value.empty()) name += (name.empty() ? "" : " ") + option.value;
  return entry(name, meaning(option), kTextColumn);
}

std::string heading(const std::string& title) {
  return "\n" + title + ":\n";
}

std::string option_groups(const CommandText& command) {
  std::string out;
  for (const OptionGroup& group : command.groups) {
    out += heading(group.title);
    for (const OptionText& option : group.options) out += option_entry(option);
  }
  return out;
}

// Returns the names of the options of the program in one line; its own help describes them.
std::string common_options(const CommandText& program) {
  std::vector<std::string> names;
  for (const OptionGroup& group : program.groups)
    for (const OptionText& option : group.options) names.push_back(option.names.back());
  return "\n" +
         wrapped("Common options: " + joined(names, ", ") + " (see " + program.name + " --help)",
                 kWidth, 0);
}

std::string command_groups(const CLI::App& app) {
  constexpr std::size_t kTextColumn = 14;
  std::string out, title;
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_group() != title) out += heading(title = command->get_group());
    out += entry(command->get_name(), command->get_description(), kTextColumn);
  }
  return out;
}

std::string arguments(const CommandText& command) {
  std::string out = command.positionals.empty() ? "" : heading("Arguments");
  for (const OptionText& argument : command.positionals) out += option_entry(argument);
  return out;
}

std::string exit_codes() {
  constexpr std::size_t kTextColumn = 14;
  std::string out = heading("Exit codes");
  for (const ExitCodeText& row : kExitCodeTexts) out += entry(row.shown, row.text, kTextColumn);
  return out;
}

int show(const CLI::App& app, const std::string& name) {
  std::cout << (name.empty() ? app.get_formatter()->make_help(&app, "", CLI::AppFormatMode::Normal)
                             : app.get_subcommand(name)->help(app.get_name()));
  return 0;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* command, std::string,
                                     CLI::AppFormatMode) const {
  const CLI::App* program = command->get_parent();
  const CommandText text = describe(*command);
  std::string out = "Usage: " + synopsis(*command) + "\n\n" + wrapped(text.text + ".", kWidth, 0);
  if (program == nullptr)
    out += command_groups(*command) + option_groups(text) + exit_codes();
  else
    out += arguments(text) + option_groups(text) + common_options(describe(*program));
  return out + (text.notes.empty() ? "" : "\n" + text.notes + "\n");
}

void add_help(CLI::App& app, Command& command) {
  auto name = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("help", "Show help for a command");
  sub->add_option("command", *name, "Name of the command; without it, list all commands")
      ->type_name("COMMAND")
      ->check(is_one_of(command_names(app)));
  sub->footer("Examples:\n  attn help\n  attn help translate");
  sub->callback([&app, &command, name] { command = [&app, name] { return show(app, *name); }; });
}

}  // namespace attn

#include "command_text.h"

#include <sstream>

#include "base/strings.h"

namespace attn {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// Returns the allowed values of an option. CLI11 shows them only in the name of its type, as in
// "LEVEL:{info,warning}".
std::vector<std::string> choices_in(const std::string& type) {
  const auto begin = type.find('{'), end = type.find('}', begin);
  if (end == std::string::npos) return {};
  return split(type.substr(begin + 1, end - begin - 1), ',');
}

// Returns whether the option belongs to the command itself. --help is common to all commands.
bool is_own(const CLI::App& command, const CLI::Option* option) {
  return command.get_parent() == nullptr || option != command.get_help_ptr();
}

}  // namespace

OptionText describe(const CLI::Option& option) {
  OptionText out;
  for (const auto& name : option.get_snames()) out.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    out.value = type.substr(0, type.find(':'));
    out.choices = choices_in(type);
    out.default_value = option.get_default_str();
  }
  out.text = option.get_description();
  out.required = option.get_required();
  out.repeated = option.get_expected_max() == CLI::detail::expected_max_vector_size;
  return out;
}

CommandText describe(const CLI::App& command) {
  CommandText out = {command.get_name(), command.get_description(), {}, {}, command.get_footer()};
  for (const std::string& title : command.get_groups()) {
    OptionGroup group = {title, {}};
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_group() != title || title.empty()) continue;  // no title: a hidden option
      if (option->get_positional())
        out.positionals.push_back(describe(*option));
      else if (is_own(command, option))
        group.options.push_back(describe(*option));
    }
    if (!group.options.empty()) out.groups.push_back(group);
  }
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  return names;
}

std::string synopsis(const CLI::App& command) {
  if (!commands_of(command).empty()) return command.get_name() + " COMMAND [OPTION]...";
  const CommandText text = describe(command);
  std::string out = command.get_parent()->get_name() + " " + text.name;
  for (const auto& group : text.groups)
    for (const auto& option : group.options)
      if (option.required) out += " " + option.names.back() + " " + option.value;
  for (const auto& argument : text.positionals)
    out += argument.required ? " " + argument.value : " [" + argument.value + "]";
  return out + " [OPTION]...";
}

std::string meaning(const OptionText& option) {
  std::vector<std::string> more;
  if (!option.choices.empty()) more.push_back(joined(option.choices, ", "));
  if (!option.default_value.empty()) more.push_back("default " + option.default_value);
  if (option.required) more.push_back("required");
  return option.text + (more.empty() ? "" : " (" + joined(more, "; ") + ")");
}

}  // namespace attn

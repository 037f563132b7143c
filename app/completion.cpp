// Completion scripts for bash and zsh: commands, options, files, directories, fixed choices, and
// for --set the options of a configuration with their choices.
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "base/registry.h"
#include "base/strings.h"
#include "command_text.h"
#include "commands.h"
#include "option_builder.h"
#include "train/config.h"

namespace attn {
namespace {

using ShellWords = std::vector<std::string>;

std::string replaced(const std::string& text, char from, const std::string& to) {
  std::string out;
  for (const char c : text) out += c == from ? to : std::string(1, c);
  return out;
}

// Quotes text as one word for a shell.
std::string quoted(const std::string& text) {
  return "'" + replaced(text, '\'', "'\\''") + "'";
}

// An option of a configuration, for --set.
struct Setting {
  std::string key;
  ShellWords values;  // empty: not a fixed list
  bool is_path;
};

std::vector<Setting> settings() {
  Config config;
  std::vector<Setting> out;
  for (const Option& option : options(config)) {
    Setting setting = {.key = option.path,
                       .values = names_of(option.check.choices),
                       .is_path = std::holds_alternative<std::filesystem::path*>(option.value)};
    if (std::holds_alternative<bool*>(option.value) ||
        std::holds_alternative<std::optional<bool>*>(option.value))
      setting.values = {"true", "false"};
    out.push_back(setting);
  }
  return out;
}

ShellWords setting_keys() {
  ShellWords out;
  for (const Setting& setting : settings()) out.push_back(setting.key + "=");
  return out;
}

std::vector<OptionText> options_of(const CommandText& command) {
  std::vector<OptionText> out;
  for (const OptionGroup& group : command.groups)
    out.insert(out.end(), group.options.begin(), group.options.end());
  return out;
}

ShellWords option_names(const std::vector<OptionText>& options) {
  ShellWords out;
  for (const OptionText& option : options)
    out.insert(out.end(), option.names.begin(), option.names.end());
  return out;
}

// bash.

std::string bash_words(const ShellWords& words) {
  return "_attn_words " + quoted(joined(words, " "));
}

// Returns the shell command that completes the value of an option, or "" if there is none.
std::string bash_action(const OptionText& option) {
  if (!option.choices.empty()) return bash_words(option.choices);
  if (option.value == "FILE") return "_attn_files -f";
  if (option.value == "MODEL") return "_attn_files -f";
  return option.value == kSetting ? "_attn_keys" : "";
}

// Returns the cases of "COMMAND --option" for options with a value, grouped by action.
std::string bash_values(const CLI::App& app) {
  std::map<std::string, ShellWords> patterns;
  const auto add = [&](const CLI::App& command, const std::string& prefix) {
    for (const OptionText& option : options_of(describe(command)))
      if (!option.value.empty())
        for (const auto& name : option.names)
          patterns[bash_action(option)].push_back(prefix + "\" " + name + "\"");
  };
  add(app, "*");
  for (const CLI::App* command : commands_of(app)) add(*command, command->get_name());
  std::string out;
  for (const auto& [action, cases] : patterns)
    out += "    " + joined(cases, " | ") + ")\n      " + action +
           (action.empty() ? "" : "\n      ") + "return\n      ;;\n";
  return out;
}

std::string bash_settings() {
  std::string out;
  for (const Setting& setting : settings())
    if (setting.is_path)
      out += "    " + setting.key + ") _attn_files -f ;;\n";
    else if (!setting.values.empty())
      out += "    " + setting.key + ") " + bash_words(setting.values) + " ;;\n";
  return out;
}

std::string bash_commands(const CLI::App& app) {
  const auto common = option_names(options_of(describe(app)));
  std::string out;
  for (const CLI::App* command : commands_of(app)) {
    const CommandText text = describe(*command);
    ShellWords own = option_names(options_of(text)), arguments;
    own.insert(own.end(), common.begin(), common.end());
    for (const OptionText& argument : text.positionals)
      arguments.insert(arguments.end(), argument.choices.begin(), argument.choices.end());
    out += "    " + text.name + ") options=" + quoted(joined(own, " ")) +
           " arguments=" + quoted(joined(arguments, " ")) + " ;;\n";
  }
  return out + "    *) options=" + quoted(joined(common, " ")) +
         " arguments=" + quoted(joined(command_names(app), " ")) + " ;;\n";
}

// The functions that complete a word: $current is the word up to the cursor.
std::string bash_helpers() {
  return R"(_attn_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

_attn_files() {
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
  compopt -o filenames 2>/dev/null
}

_attn_keys() {
  _attn_words ')" +
         joined(setting_keys(), " ") + R"('
  compopt -o nospace 2>/dev/null
}

_attn_setting() {
  case $1 in
)" + bash_settings() +
         R"(  esac
}
)";
}

// Finds the command, and the word before the cursor. bash splits a word with "=" into three: --set,
// key, =, value.
std::string bash_context(const CLI::App& app) {
  return R"(  local current=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) command='' options arguments i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
    )" + joined(command_names(app), " | ") +
         R"()
      command=${COMP_WORDS[i]}
      break
      ;;
    esac
  done
  if [[ $current == = ]]; then
    current=''
    at=$((at + 1))
  fi
  if [[ ${COMP_WORDS[at]} == = ]] && ((at > 1)); then
    at=$((at - 1))
    if [[ ${COMP_WORDS[at - 1]} == --set ]]; then
      _attn_setting "${COMP_WORDS[at]}"
      return
    fi
  fi
)";
}

std::string bash_script(const CLI::App& app) {
  return "# bash completion for attn, generated by \"attn completion bash\"\n\n" + bash_helpers() +
         "\n_attn() {\n" + bash_context(app) +
         R"(  case "$command ${COMP_WORDS[at]}" in
)" + bash_values(app) +
         R"(  esac
  case $command in
)" + bash_commands(app) +
         R"(  esac
  if [[ $current == -* || -z $arguments ]]; then
    _attn_words "$options"
  else
    _attn_words "$arguments"
  fi
}

complete -F _attn attn
)";
}

// zsh.

std::string zsh_text(const std::string& text) {
  return replaced(replaced(replaced(text, '\\', "\\\\"), '[', "\\["), ']', "\\]");
}

std::string zsh_action(const OptionText& option) {
  if (!option.choices.empty()) return "(" + joined(option.choices, " ") + ")";
  if (option.value == "FILE") return "_files";
  if (option.value == "MODEL") return "_files";
  return option.value == kSetting ? "_attn_setting" : " ";
}

// Returns one line per name, in the format of zsh's _arguments.
std::string zsh_options(const std::vector<OptionText>& options, const std::string& indent) {
  std::string out;
  for (const OptionText& option : options)
    for (const auto& name : option.names)
      out += indent +
             quoted((option.repeated ? "*" : "") + name + "[" + zsh_text(option.text) + "]" +
                    (option.value.empty() ? "" : ":" + option.value + ":" + zsh_action(option))) +
             "\n";
  return out;
}

std::string zsh_settings() {
  std::string out;
  for (const Setting& setting : settings())
    if (setting.is_path)
      out += "      *" + setting.key + "=) _files ;;\n";
    else if (!setting.values.empty())
      out += "      *" + setting.key + "=) compadd -- " + joined(setting.values, " ") + " ;;\n";
  return out;
}

std::string zsh_commands(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : commands_of(app))
    out += "    " +
           quoted(command->get_name() + ":" + replaced(command->get_description(), ':', "\\:")) +
           "\n";
  return out;
}

std::string zsh_cases(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : commands_of(app)) {
    const CommandText text = describe(*command);
    out += "    " + text.name + ")\n      own=(\n" + zsh_options(options_of(text), "        ");
    for (const OptionText& argument : text.positionals)
      out += "        " + quoted(":" + argument.value + ":" + zsh_action(argument)) + "\n";
    out += "      )\n      ;;\n";
  }
  return out;
}

std::string zsh_script(const CLI::App& app) {
  return R"(#compdef attn
# zsh completion for attn, generated by "attn completion zsh"

_attn_setting() {
  if compset -P 1 '*='; then
    case $IPREFIX in
)" + zsh_settings() +
         R"(    esac
  else
    compadd -S '' -- )" +
         joined(setting_keys(), " ") + R"(
  fi
}

_attn() {
  local curcontext=$curcontext state
  local -a line own
  local -A opt_args
  local -a common=(
)" + zsh_options(options_of(describe(app)), "    ") +
         R"(  )
  local -a commands=(
)" + zsh_commands(app) +
         R"(  )
  _arguments -C "$common[@]" ':command:->command' '*::argument:->argument' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $line[1] in
)" + zsh_cases(app) +
         R"(  esac
  _arguments "$own[@]" "$common[@]"
}

if [[ $funcstack[1] == _attn ]]; then
  _attn "$@"
else
  compdef _attn attn
fi
)";
}

using Script = std::string (*)(const CLI::App&);

const Registry<Script>& shells() {
  static const Registry<Script> table = {{"bash", "", bash_script}, {"zsh", "", zsh_script}};
  return table;
}

}  // namespace

void add_completion(CLI::App& app, Command& command) {
  auto shell = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("completion", "Print a completion script for a shell");
  sub->add_option("shell", *shell, "Name of the shell")
      ->type_name("SHELL")
      ->required()
      ->check(is_one_of(names_of(shells().choices())));
  sub->footer(
      "Examples:\n"
      "  source <(attn completion bash)         # put this into ~/.bashrc for all shells\n"
      "  attn completion zsh > ~/.zfunc/_attn   # a directory of $fpath");
  sub->callback([&app, &command, shell] {
    command = [&app, shell] {
      std::cout << shells().at(*shell)(app);
      return 0;
    };
  });
}

}  // namespace attn

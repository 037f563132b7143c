// The manual page: the texts of --help in the format of man(7).
#include <iostream>
#include <sstream>

#include "command_text.h"
#include "commands.h"
#include "exit_code.h"

namespace attn {
namespace {

// Escapes text for roff, so that it appears unchanged and hyphens can be searched and copied.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}

std::string section(const std::string& title) {
  return ".SH \"" + plain(title) + "\"\n";
}

std::string page_entry(const std::string& name, const std::string& text) {
  return ".TP\n" + name + "\n" + plain(text) + "\n";
}

std::string page_option(const OptionText& option) {
  std::string name;
  for (const auto& form : option.names) name += (name.empty() ? "" : ", ") + bold(form);
  if (!option.value.empty()) name += (name.empty() ? "" : " ") + italic(option.value);
  return page_entry(name, meaning(option));
}

std::string page_groups(const CommandText& command) {
  std::string out;
  for (const OptionText& argument : command.positionals) out += page_option(argument);
  for (const OptionGroup& group : command.groups) {
    out += ".SS \"" + plain(group.title) + "\"\n";
    for (const OptionText& option : group.options) out += page_option(option);
  }
  return out;
}

// Returns roff in which the lines of the text are not joined.
std::string verbatim(const std::string& text) {
  if (text.empty()) return "";
  std::string out = ".PP\n.nf\n", line;
  for (std::istringstream lines(text); std::getline(lines, line);) out += plain(line) + "\n";
  return out + ".fi\n";
}

std::string command_list(const CLI::App& app) {
  std::string out = section("COMMANDS");
  for (const CLI::App* command : commands_of(app))
    out += page_entry(bold(command->get_name()), command->get_description() + ".");
  return out;
}

std::string command_section(const CLI::App& command) {
  const CommandText text = describe(command);
  return section(command.get_parent()->get_name() + " " + text.name) + bold(synopsis(command)) +
         "\n.PP\n" + plain(text.text) + ".\n" + page_groups(text) + verbatim(text.notes);
}

std::string exit_status() {
  std::string out = section("EXIT STATUS");
  for (const ExitCodeText& row : kExitCodeTexts) out += page_entry(bold(row.shown), row.text);
  return out;
}

std::string manual(const CLI::App& app) {
  const CommandText text = describe(app);
  std::string out = "'\\\" -*- coding: UTF-8 -*-\n.TH ATTN 1 \"\" \"attn " ATTN_VERSION
                    "\" \"User commands\"\n.nh\n.ad l\n";
  out += section("NAME") + "attn \\- " + plain(ATTN_SUMMARY) + "\n";
  out += section("SYNOPSIS") + bold(synopsis(app)) + "\n";
  out += section("DESCRIPTION") + plain(text.text) + ".\n";
  out += command_list(app) + section("OPTIONS") + page_groups(text);
  for (const CLI::App* command : commands_of(app)) out += command_section(*command);
  out += exit_status() + section("ENVIRONMENT") +
         page_entry(bold("NO_COLOR"), "If it is set and not empty, there are no colors.") +
         page_entry(bold("TERM"), "If it is \"dumb\", there are no colors and no progress lines.");
  return out + section("NOTES") + verbatim(text.notes);
}

}  // namespace

void add_man(CLI::App& app, Command& command) {
  CLI::App* sub = app.add_subcommand("man", "Print the manual page in the format of man(7)");
  sub->footer("Examples:\n  attn man | man -l -\n  attn man > attn.1");
  sub->callback([&app, &command] {
    command = [&app] {
      std::cout << manual(app);
      return 0;
    };
  });
}

}  // namespace attn

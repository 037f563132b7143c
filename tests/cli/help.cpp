// Help, manual page, completions and version. They are generated from the tree of commands; the
// tests compare them with the source files and run them in the shells.
#include <algorithm>
#include <regex>
#include <set>

#include "base/file.h"
#include "base/strings.h"
#include "program.h"
#include "shell.h"
#include "train/config.h"

namespace fs = std::filesystem;
using Names = std::multiset<std::string>;

namespace {

Names matches(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern, std::regex::multiline);
  Names out;
  for (std::sregex_iterator i(text.begin(), text.end(), wanted), end; i != end; ++i)
    out.insert((*i)[1].str());
  return out;
}

Names once_each(const Names& names) {
  const std::set<std::string> once(names.begin(), names.end());
  return {once.begin(), once.end()};
}

// Returns the names in order, for comparison and output.
std::string list(const Names& names) {
  return attn::joined({names.begin(), names.end()}, " ");
}

// Returns the commands that attn --help lists.
std::vector<std::string> commands() {
  const std::string help = attn_ok({"--help"}).out;
  const Names names = matches(help.substr(0, help.find("\nCommon options")), "^  ([a-z]+) ");
  return {names.begin(), names.end()};
}

// Returns the options that the help of a command lists, and the common ones that it names in one
// line.
Names options_in_help(const std::string& command) {
  const std::string help = attn_ok({command, "--help"}).out;
  const auto common = help.find("\nCommon options: ");
  REQUIRE(common != std::string::npos);
  Names out = matches(help, "^  (?:-., )?(--[a-z][a-z-]*)");
  out.merge(matches(help.substr(common, help.find("(see", common) - common), "(--[a-z][a-z-]*)"));
  return out;
}

// Returns the options that the source file of a command adds.
Names options_in_source(const std::string& command) {
  fs::path source = ATTN_SOURCE_DIR "/app/" + command + ".cpp";
  if (!fs::exists(source)) source = ATTN_SOURCE_DIR "/app/" + command + "_command.cpp";
  if (!fs::exists(source)) return {};
  return once_each(matches(attn::read_file(source), R"rx(\(\s*"(--[a-z][a-z-]*)")rx"));
}

}  // namespace

TEST_CASE("help of each command lists each of its options and the common ones once") {
  const auto all = commands();
  for (const char* name : {"train", "eval", "translate", "check", "bench", "completion", "help"})
    CHECK_MESSAGE(std::count(all.begin(), all.end(), name) == 1, name);
  std::size_t added = 0;
  for (const auto& command : all) {
    CAPTURE(command);
    const Names listed = options_in_help(command);
    CHECK(list(listed) == list(once_each(listed)));
    for (const auto& name : options_in_source(command)) {
      CHECK_MESSAGE(listed.count(name) == 1, name);
      ++added;
    }
    for (const char* name : {"--help", "--version", "--quiet", "--log-level", "--log-json"})
      CHECK_MESSAGE(listed.count(name) == 1, name);
  }
  CHECK(added > 30);  // otherwise the pattern has found nothing
}

TEST_CASE("help has a usage line, at least two examples, and lines of at most 100 columns") {
  for (const auto& command : commands()) {
    CAPTURE(command);
    const std::string help = attn_ok({command, "-h"}).out;
    CHECK(help.starts_with("Usage: attn " + command));
    const auto examples = help.find("\nExamples:\n");
    REQUIRE(examples != std::string::npos);
    CHECK(matches(help.substr(examples), "^  (.*attn )").size() >= 2);
    for (const auto& line : lines_of(help)) CHECK_MESSAGE(attn::columns(line) <= 100, line);
    CHECK(attn_ok({"help", command}).out == help);
  }
  const std::string help = attn_ok({"help"}).out;
  CHECK(help == attn_ok({"--help"}).out);
  CHECK(matches(help.substr(help.find("\nExamples:\n")), "^  (.*attn )").size() >= 2);
  attn_fails(2, {"help", "trian"}, {"trian", "attn help --help"});
}

TEST_CASE("each help page has at most 50 lines") {
  CHECK(lines_of(attn_ok({"--help"}).out).size() <= 50);
  for (const auto& command : commands()) {
    CAPTURE(command);
    CHECK(lines_of(attn_ok({command, "--help"}).out).size() <= 50);
  }
}

TEST_CASE("the program's help describes the options that the help of a command only names") {
  const std::string help = attn_ok({"--help"}).out;
  for (const char* name : {"--help", "--version", "--quiet", "--log-level", "--log-json"})
    CHECK(matches(help, "^  (?:-., )?(" + std::string(name) + ") ").size() == 1);
}

TEST_CASE("help shows each default once, after the description") {
  CHECK(matches(attn_ok({"eval", "--help"}).out, "(default 1000\\))").size() == 1);
  CHECK(matches(attn_ok({"--help"}).out, "(default\\s+info\\))").size() == 1);
  CHECK(matches(attn_ok({"translate", "--help"}).out, "(\\(default\\s+-\\))").size() == 2);
}

TEST_CASE("help and manual list the exit codes") {
  const std::string help = attn_ok({"--help"}).out, manual = attn_ok({"man"}).out;
  for (const char* code : {"0", "1", "2", "3", "70", "128 \\+ n"}) {
    CAPTURE(code);
    CHECK(matches(help, "^  (" + std::string(code) + ")  ").size() == 1);
    CHECK(matches(manual, "^\\\\fB(" + std::string(code) + ")\\\\fR$").size() == 1);
  }
}

TEST_CASE("the manual has a section for every command, with the options of its help") {
  const std::string manual = attn_ok({"man"}).out;
  const std::string common = manual.substr(0, manual.find(".SH \"attn "));
  const std::regex hyphen("\\\\-");
  for (const auto& command : commands()) {
    CAPTURE(command);
    const auto begin = manual.find("\n.SH \"attn " + command + "\"\n");
    REQUIRE(begin != std::string::npos);
    const std::string text =
        common + manual.substr(begin, manual.find("\n.SH ", begin + 1) - begin);
    const std::string option = R"rx(^\\fB.*(--[a-z][a-z-]*)\\fR)rx";
    CHECK(list(matches(std::regex_replace(text, hyphen, "-"), option)) ==
          list(options_in_help(command)));
  }
}

TEST_CASE("groff formats the manual without warnings" * doctest::test_suite("needs groff")) {
  CHECK(shell("$attn man | groff -k -man -Tutf8 -ww > /dev/null") == "");
  CHECK(shell("$attn man | groff -k -man -Tutf8").find("attn translate") != std::string::npos);
}

namespace {

// Returns the completions that bash offers for the last of the words.
std::string offered(const std::string& words, const std::string& before = "true") {
  const std::string out = shell(before + "\nsource <($attn completion bash)\nCOMP_WORDS=(" + words +
                                ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_attn\n"
                                "printf '%s\\n' \"${COMPREPLY[@]}\"");
  const auto lines = lines_of(out);
  return list({lines.begin(), lines.end()});
}

}  // namespace

TEST_CASE("bash loads its completion script") {
  CHECK(shell("$attn completion bash | bash -n") == "");
  CHECK(shell("source <($attn completion bash)\ncomplete -p attn") == "complete -F _attn attn\n");
}

TEST_CASE("bash completes commands, and the options of each") {
  const auto all = commands();
  CHECK(offered("attn ''") == list({all.begin(), all.end()}));
  CHECK(offered("attn tra") == list({"train", "translate"}));
  CHECK(offered("attn --quiet tra") == list({"train", "translate"}));
  for (const auto& command : all) {
    CAPTURE(command);
    CHECK(offered("attn " + command + " --") == list(options_in_help(command)));
  }
  CHECK(offered("attn help tra") == list({"train", "translate"}));
  CHECK(offered("attn completion ''") == list({"bash", "zsh"}));
}

TEST_CASE("bash completes files, directories and fixed choices") {
  const Scratch scratch;
  scratch.file("a file.json", "");
  fs::create_directory(scratch / "a folder");
  const std::string there = "cd '" + scratch.path().string() + "'";
  CHECK(offered("attn train --config 'a '", there) == list({"a file.json", "a folder"}));
  CHECK(offered("attn train --config = 'a '", there) == list({"a file.json", "a folder"}));
  CHECK(offered("attn translate --model ''", there) == list({"a file.json", "a folder"}));
  CHECK(offered("attn check --log-level w") == list({"warning"}));
  CHECK(offered("attn --log-level ''") ==
        list({"trace", "debug", "info", "warning", "error", "critical", "off"}));
  CHECK(offered("attn eval --samples ''") == list({""}));
}

TEST_CASE("bash completes the options of a configuration and their values after --set") {
  attn::Config config;
  Names keys;
  for (const auto& option : attn::options(config)) keys.insert(option.path + "=");
  CHECK(offered("attn train --set ''") == list(keys));
  CHECK(offered("attn train --set train.optimizer =") ==
        list({"adam", "adamw", "adadelta", "adagrad", "sgd"}));
  CHECK(offered("attn train --set train.optimizer = adag") == list({"adagrad"}));
  CHECK(offered("attn train --set model.residual = t") == list({"true"}));
  const Scratch scratch;
  scratch.file("text.en", "");
  CHECK(offered("attn train --set data.train_source = te", "cd " + scratch.path().string()) ==
        list({"text.en"}));
}

TEST_CASE("zsh loads its completion script" * doctest::test_suite("needs zsh")) {
  CHECK(shell("$attn completion zsh | zsh -n") == "");
  CHECK(shell("zsh -fc 'autoload -U compinit; compinit -u -D; source <('$attn' completion zsh); "
              "print $_comps[attn]'") == "_attn\n");
}

TEST_CASE("--version prints version, build, libraries and processor") {
  const auto lines = lines_of(attn_ok({"--version"}).out);
  REQUIRE(lines.size() == 6);
  CHECK(std::regex_match(lines[0],
                         std::regex(R"(attn \d+\.\d+\.\d+( \(commit [0-9a-f]+(-changed)?\))?)")));
  CHECK(lines[1].find("32-bit weights") != std::string::npos);
  CHECK(lines[2].find("Eigen 3.") != std::string::npos);
  CHECK(lines[2].find("SentencePiece ") != std::string::npos);
  CHECK(lines[5].starts_with("processes   "));
  CHECK(attn_ok({"train", "--version"}).out == attn_ok({"--version"}).out);
}

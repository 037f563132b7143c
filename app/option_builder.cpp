#include "option_builder.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <regex>

#include "base/strings.h"
#include "command_text.h"

namespace attn {
namespace {

constexpr int kMaxThreads = 256;

// Returns whether the whole text is a finite number of the type Number that passes the check.
template <class Number>
bool is_valid(const std::string& text, const Check& check) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const auto value = static_cast<double>(number);
  return error == std::errc() && rest == end && std::isfinite(value) &&
         (!check.holds || check.holds(value));
}

std::string must_be(const std::string& expected, const std::string& got) {
  return "must " + expected + ", got " + (got.empty() ? "an empty value" : got);
}

template <class Number>
CLI::Validator number_validator(const std::string& type, const Check& check) {
  const std::string expected =
      "be a " + type + (check.expected.empty() ? "" : " ") + check.expected;
  return {[=](std::string& text) {
            return is_valid<Number>(text, check) ? "" : must_be(expected, text);
          },
          ""};
}

std::string check_setting(const std::string& text) {
  const auto equals = text.find('=');
  return equals != std::string::npos && equals > 0
             ? ""
             : must_be("have the form KEY=VALUE, as in train.learning_rate=5e-4", text);
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  if (names.size() < 2) return joined(names, "");
  return joined({names.begin(), names.end() - 1}, ", ") + " or " + names.back();
}

CLI::Validator is_one_of(const std::vector<std::string>& names) {
  const std::string expected = (names.size() > 2 ? "be one of " : "be ") + listed(names);
  return {[=](std::string& text) {
            const bool is_listed = std::find(names.begin(), names.end(), text) != names.end();
            return is_listed ? "" : must_be(expected, text);
          },
          "{" + joined(names, ",") + "}"};
}

CLI::Validator is_whole_number(const Check& check) {
  return number_validator<std::int64_t>("whole number", check);
}

CLI::Validator is_number(const Check& check) {
  return number_validator<double>("number", check);
}

CLI::Validator ends_in(const std::vector<std::string>& extensions) {
  return {[=](std::string& text) {
            const std::string extension = fs::path(text).extension();
            const bool is_listed =
                std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
            return is_listed ? "" : must_be("end in " + listed(extensions), text);
          },
          ""};
}

CLI::Option* OptionBuilder::file(const std::string& name, fs::path& path, const std::string& text) {
  return command_.add_option(name, path, text)->type_name("FILE")->default_str(path.string());
}

CLI::Option* OptionBuilder::model(const std::string& name, fs::path& path,
                                  const std::string& text) {
  return command_.add_option(name, path, text)->type_name("MODEL")->default_str(path.string());
}

CLI::Option* OptionBuilder::files(const std::string& name, std::vector<fs::path>& paths,
                                  const std::string& text) {
  return command_.add_option(name, paths, text)->type_name("FILE")->allow_extra_args(false);
}

CLI::Option* OptionBuilder::models(const std::string& name, std::vector<fs::path>& paths,
                                   const std::string& text) {
  return command_.add_option(name, paths, text)->type_name("MODEL")->allow_extra_args(false);
}

CLI::Option* OptionBuilder::text_output(const std::string& name, fs::path& path,
                                        const std::string& text) {
  return file(name, path, text)->check([](const std::string& value) {
    return fs::path(value).extension() == ".gz"
               ? must_be("not end in .gz, because the output is plain text", value)
               : "";
  });
}

CLI::Option* OptionBuilder::flag(const std::string& name, bool& value, const std::string& text) {
  return command_.add_flag(name, value, text)->disable_flag_override();
}

void OptionBuilder::set(std::vector<std::string>& settings, const std::string& text) {
  command_.add_option("--set", settings, text + "; null removes it; may be repeated")
      ->type_name(kSetting)
      ->allow_extra_args(false)
      ->check(check_setting);
}

void OptionBuilder::threads(int& threads) {
  command_.add_option("--threads", threads, "Number of worker threads; 0: one per processor")
      ->type_name("N")
      ->capture_default_str()
      ->check(is_whole_number(between(0, kMaxThreads)));
}

void OptionBuilder::threads_instead_of_config(int& threads) {
  command_.add_option("--threads", threads, "Number of worker threads, instead of train.threads")
      ->type_name("N")
      ->check(is_whole_number(between(0, kMaxThreads)));
}

void OptionBuilder::part(Part& part) {
  command_
      .add_option_function<std::string>(
          "--part",
          [&part](const std::string& text) {
            std::smatch match;
            const bool fits = std::regex_match(text, match, std::regex(R"((\d{1,6})/(\d{1,6}))"));
            const std::size_t number = fits ? std::stoul(match[1]) : 0;
            const std::size_t count = fits ? std::stoul(match[2]) : 0;
            if (number < 1 || number > count)
              throw CLI::ValidationError("--part", "must be I/N, with I from 1 to N, got " + text);
            part = {number - 1, count};
          },
          "Take only every N-th block of " + std::to_string(Part::kLinesPerBlock) +
              " lines, from block I on")
      ->type_name("I/N");
}

void OptionBuilder::index_base(int& base, const std::string& what) {
  command_.add_option("--index-base", base, "Number of the first word in " + what)
      ->type_name("N")
      ->check(is_one_of({"0", "1"}))
      ->capture_default_str();
}

std::vector<std::string> names_of(const std::vector<Choice>& choices) {
  std::vector<std::string> names;
  for (const Choice& choice : choices) names.push_back(choice.name);
  return names;
}

void usage_error(const std::string& command, const std::string& message) {
  throw CLI::ValidationError("attn " + command, message);
}

}  // namespace attn

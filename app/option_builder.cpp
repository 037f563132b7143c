#include "option_builder.h"

#include "command_text.h"

namespace attn {

CLI::Option* OptionBuilder::file(const std::string& name, fs::path& path, const std::string& text) {
  return command_.add_option(name, path, text)->type_name("FILE")->default_str(path.string());
}

CLI::Option* OptionBuilder::directory(const std::string& name, fs::path& path,
                                      const std::string& text) {
  return command_.add_option(name, path, text)->type_name("DIR")->default_str(path.string());
}

CLI::Option* OptionBuilder::files(const std::string& name, std::vector<fs::path>& paths,
                                  const std::string& text) {
  return command_.add_option(name, paths, text)->type_name("FILE")->allow_extra_args(false);
}

CLI::Option* OptionBuilder::directories(const std::string& name, std::vector<fs::path>& paths,
                                        const std::string& text) {
  return command_.add_option(name, paths, text)->type_name("DIR")->allow_extra_args(false);
}

CLI::Option* OptionBuilder::flag(const std::string& name, bool& value, const std::string& text) {
  return command_.add_flag(name, value, text);
}

void OptionBuilder::set(std::vector<std::string>& settings, const std::string& text) {
  command_.add_option("--set", settings, text + "; null removes it; may be repeated")
      ->type_name(kSetting)
      ->allow_extra_args(false);
}

void OptionBuilder::threads(int& threads) {
  command_.add_option("--threads", threads, "Number of worker threads; 0: one per processor")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 256).description(""));
}

void OptionBuilder::index_base(int& base, const std::string& what) {
  command_.add_option("--index-base", base, "Number of the first word in " + what)
      ->type_name("N")
      ->check(CLI::IsMember({0, 1}))
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

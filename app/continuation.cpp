#include "continuation.h"

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace attn {
namespace {

// Returns the number at the beginning of an output line. `where` is the name of the file.
std::size_t number_of(std::string_view line, const std::string& where) {
  constexpr std::string_view kJson = "{\"line\":";
  if (line.starts_with(kJson)) line.remove_prefix(kJson.size());
  std::size_t number = 0;
  const auto end = std::from_chars(line.data(), line.data() + line.size(), number);
  if (end.ec != std::errc())
    throw Error(where +
                ": cannot be continued: a line does not begin with the number of its input line; "
                "remove the file, and translate again without --continue");
  return number;
}

}  // namespace

Answered answered_lines(const fs::path& partial, OutputLines format, std::size_t max_lines) {
  Answered out;
  std::ifstream file(partial, std::ios::binary);
  std::uint64_t before = 0;  // bytes before the current line
  for (std::string line; out.lines < max_lines && std::getline(file, line) && !file.eof();) {
    const std::uint64_t after = before + line.size() + 1;
    if (format == OutputLines::one_each)
      out = {out.lines + 1, after};
    else if (const auto number = number_of(line, partial.string()); number > out.lines)
      out = {number, before};
    before = after;
  }
  return out;
}

std::size_t count_errors(const fs::path& partial, std::size_t max_lines) {
  std::size_t errors = 0;
  std::ifstream file(partial, std::ios::binary);
  std::string line;
  for (std::size_t i = 0; i < max_lines && std::getline(file, line); ++i) {
    if (line.find("\"error\":") == std::string::npos) continue;
    const auto json = whole_json_line(line);
    if (json && json->is_object() && json->contains("error")) ++errors;
  }
  return errors;
}

}  // namespace attn

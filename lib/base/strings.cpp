#include "base/strings.h"

#include <algorithm>
#include <sstream>

namespace attn {

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : separator) + part;
  return out;
}

std::string table_field(const std::string& text) {
  if (text.find('"') == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent,
                    std::size_t hanging) {
  std::istringstream words(text);
  std::string out, line(indent, ' '), word;
  bool empty = true;
  while (words >> word) {
    if (!empty && columns(line) + 1 + columns(word) > width) {
      out += line + "\n";
      line = std::string(indent + hanging, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return out + line + "\n";
}

}  // namespace attn

#include "base/strings.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <sstream>

#include "base/index_span.h"

namespace attn {

std::string format(const char* pattern, ...) {
  std::va_list arguments, again;
  va_start(arguments, pattern);
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, pattern, arguments);
  va_end(arguments);
  std::string out;
  resize(out, std::max(size, 0) + 1);  // vsnprintf also writes a null character
  std::vsnprintf(out.data(), out.size(), pattern, again);
  va_end(again);
  out.pop_back();
  return out;
}

std::string joined(const std::vector<std::string>& texts, const std::string& separator) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : separator) + text;
  return out;
}

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

std::string table_field(const std::string& text) {
  if (text.find('"') == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::size_t columns(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

std::string pad_right(const std::string& text, std::size_t width, std::size_t text_width) {
  return text + std::string(width - std::min(width, text_width), ' ');
}

std::string pad_right(const std::string& text, std::size_t width) {
  return pad_right(text, width, text.size());
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

#include "base/json.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"

namespace attn {
namespace {

struct Position {
  std::size_t line, column;  // both from 1; a column is a character, not a byte
};

// Returns the position of the character that follows `text`.
Position end_position(std::string_view text) {
  Position end = {1, 1};
  for (const char c : text) {
    const bool is_first_byte = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (c == '\n')
      ++end.line, end.column = 1;
    else if (is_first_byte)
      ++end.column;
  }
  return end;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

// Returns the library's message without its location and context, in the style of our messages.
std::string reason(const std::string& message) {
  const auto context = message.find(" - ");
  std::string out = context == std::string::npos ? message.substr(message.find("] ") + 2)
                                                 : message.substr(context + 3);
  replace(out, "; last read: ", " at ");
  replace(out, "; expected ", ", expected ");
  replace(out, ", expected '}'", ", expected ',' or '}'");
  replace(out, ", expected ']'", ", expected ',' or ']'");
  return out;
}

constexpr int kMaxDepth = 100;  // the library's copies and comparisons are recursive

enum class Source { file, line };

// A parser callback that throws Error for what the library accepts but we do not.
class ParseCheck {
 public:
  ParseCheck(std::istringstream& in, std::string_view text, const std::string& name, Source source)
      : in_(in), text_(text), name_(name), source_(source) {}

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= kMaxDepth)
      fail(where(), "more than " + std::to_string(kMaxDepth) + " levels of arrays and objects");
    if (event == Event::object_start) open_.emplace_back();
    if (event == Event::object_end) open_.pop_back();
    if (event == Event::key) enter(parsed.get<std::string>());
    if (event == Event::value && source_ == Source::line && parsed.is_number_float())
      check_whole_number();
    return true;
  }

 private:
  struct Object {
    std::set<std::string> keys;
    std::string last;
  };

  void enter(const std::string& key) {
    open_.back().last = key;
    if (!open_.back().keys.insert(key).second) refuse(" is given twice; remove one of them");
  }

  // The library reads a whole number of more than 64 bits as a floating-point number.
  void check_whole_number() const {
    const std::string_view number = last_number();
    if (number.find_first_of(".eE") == std::string_view::npos)
      refuse(": the number " + std::string(number) +
             " has more than 64 bits and would be rounded; write it as a string");
  }

  // Returns the number that was read last. The library has read up to one character more.
  std::string_view last_number() const {
    constexpr std::string_view kCharacters = "0123456789+-.eE";
    const std::string_view read = text_.substr(0, bytes_read());
    const auto last = read.find_last_of(kCharacters);
    const auto before = read.find_last_not_of(kCharacters, last);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    return read.substr(begin, last + 1 - begin);
  }

  std::size_t bytes_read() const {
    const std::streamoff read = in_.tellg();
    return read < 0 ? text_.size() : static_cast<std::size_t>(read);
  }

  std::string where() const {
    if (source_ == Source::line) return name_;
    return name_ + ": line " + std::to_string(end_position(text_.substr(0, bytes_read())).line);
  }

  [[noreturn]] void refuse(const std::string& what) const {
    std::string path;
    for (const auto& object : open_) path += (path.empty() ? "" : ".") + object.last;
    throw Error(where() + ": \"" + path + "\"" + what);
  }

  std::istringstream& in_;
  std::string_view text_;
  const std::string& name_;
  Source source_;
  std::vector<Object> open_;
};

Json parse(std::string_view text, const std::string& name, Source source) {
  std::istringstream in{std::string(text)};
  const bool exceptions = true, comments = source == Source::file;
  try {
    return Json::parse(in, ParseCheck(in, text, name, source), exceptions, comments);
  } catch (const Json::parse_error& e) {
    const auto [line, column] = end_position(text.substr(0, e.byte == 0 ? 0 : e.byte - 1));
    throw Error(name + (source == Source::file ? ": line " + std::to_string(line) + "," : ":") +
                " column " + std::to_string(column) + ": not valid JSON: " + reason(e.what()));
  } catch (const Json::exception& e) {
    throw Error(name + ": not valid JSON: " + reason(e.what()));
  }
}

std::string dump(const Json& json, int indent) {
  try {
    return json.dump(indent);
  } catch (const Json::type_error& e) {
    throw Error("cannot write JSON, because a text is not valid UTF-8: " + reason(e.what()));
  }
}

void flatten(const Json& json, const std::string& path, std::map<std::string, Json>& out) {
  if (!json.is_object()) {
    out[path] = json;
    return;
  }
  for (const auto& [key, value] : json.items())
    flatten(value, path.empty() ? key : path + "." + key, out);
}

}  // namespace

Json parse_json(std::string_view text, const std::string& name) {
  return parse(text, name, Source::file);
}

Json parse_json_line(std::string_view text, const std::string& name) {
  return parse(text, name, Source::line);
}

std::optional<Json> whole_json_line(std::string_view text) {
  try {
    return parse_json_line(text, "");
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string to_line(const Json& json) {
  return dump(json, -1);
}

std::string to_text(const Json& json) {
  return dump(json, 2) + "\n";
}

std::string excerpt(const Json& value) {
  const std::string text = value.dump(-1, ' ', true);  // ASCII can be truncated anywhere
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

std::vector<std::string> differing_keys(const Json& a, const Json& b) {
  std::map<std::string, Json> left, right;
  flatten(a, "", left);
  flatten(b, "", right);
  std::vector<std::string> out;
  for (const auto& [path, value] : left) {
    const auto other = right.find(path);
    if (other == right.end() || other->second != value) out.push_back(path);
  }
  for (const auto& [path, value] : right)
    if (left.count(path) == 0) out.push_back(path);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace attn

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

// A parser callback that throws Error for a key that appears twice in an object.
class DuplicateKeyCheck {
 public:
  DuplicateKeyCheck(std::istringstream& in, std::string_view text, const std::string& name)
      : in_(in), text_(text), name_(name) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_.pop_back();
    if (event == Json::parse_event_t::key) enter(parsed.get<std::string>());
    return true;
  }

 private:
  struct Object {
    std::set<std::string> keys;
    std::string last;
  };

  void enter(const std::string& key) {
    open_.back().last = key;
    if (!open_.back().keys.insert(key).second) refuse();
  }

  [[noreturn]] void refuse() const {
    std::string path;
    for (const auto& object : open_) path += (path.empty() ? "" : ".") + object.last;
    const std::streamoff read = in_.tellg();
    const Position end = end_position({text_.begin(), text_.begin() + read});
    throw Error(name_ + ": line " + std::to_string(end.line) + ": \"" + path +
                "\" is given twice; remove one of them");
  }

  std::istringstream& in_;
  std::string_view text_;
  const std::string& name_;
  std::vector<Object> open_;
};

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
  std::istringstream in{std::string(text)};
  try {
    const bool exceptions = true, comments = true;
    return Json::parse(in, DuplicateKeyCheck(in, text, name), exceptions, comments);
  } catch (const Json::parse_error& e) {
    const auto [line, column] = end_position(text.substr(0, e.byte == 0 ? 0 : e.byte - 1));
    throw Error(name + ": line " + std::to_string(line) + ", column " + std::to_string(column) +
                ": not valid JSON: " + reason(e.what()));
  } catch (const Json::exception& e) {
    throw Error(name + ": not valid JSON: " + reason(e.what()));
  }
}

std::string to_line(const Json& json) {
  return dump(json, -1);
}

std::string to_text(const Json& json) {
  return dump(json, 2) + "\n";
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

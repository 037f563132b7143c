// JSON: read strictly, with comments; written in one line or indented.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace attn {

using Json = nlohmann::ordered_json;  // keys keep their order

// JSON with // and /* */ comments; `name` is the file's, for messages. Error: a syntax error, with
// line and column; a key given twice in one object, with line and path.
Json parse_json(std::string_view text, const std::string& name);

// In one line, as a log has it. Error: a text that is not UTF-8.
std::string to_line(const Json& json);

// Indented, and ended by a newline, as a file has it. Error: a text that is not UTF-8.
std::string to_text(const Json& json);

// Paths ("train.seed") of the values that differ or that only one of the two has, sorted.
std::vector<std::string> differing_keys(const Json& a, const Json& b);

}  // namespace attn

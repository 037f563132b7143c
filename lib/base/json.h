// JSON: strict parsing with comments, and output on one line or indented.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace attn {

using Json = nlohmann::ordered_json;  // keys keep their order

// Parses JSON with // and /* */ comments; `name` is the file name for messages. Throws Error for a
// syntax error, with line and column, for a duplicate key, with line and path, and for more than
// 100 levels of arrays and objects.
Json parse_json(std::string_view text, const std::string& name);
// Parses JSON without comments, written by another program: one value on one line. Throws Error as
// parse_json does, without line numbers, and for a whole number that has no exact representation.
Json parse_json_line(std::string_view text, const std::string& name);

// Returns the value of a line as parse_json_line does, or nothing where that throws Error: the
// writer may have been killed.
std::optional<Json> whole_json_line(std::string_view text);

// Returns the JSON on one line. Throws Error for a text that is not UTF-8.
std::string to_line(const Json& json);

// Returns the JSON indented, with a final newline. Throws Error for a text that is not UTF-8.
std::string to_text(const Json& json);

// Returns the JSON on one line for a message, shortened if it is long.
std::string excerpt(const Json& json);

// Returns the sorted paths ("train.seed") of the values that differ or that only one side has.
std::vector<std::string> differing_keys(const Json& a, const Json& b);

}  // namespace attn

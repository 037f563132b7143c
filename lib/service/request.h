// Requests to translate a line, in the form that JSON lines, the server and the C library share:
//   {"source": "a sentence", "prefix": "une", "beam_size": 12, "id": 7}
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "search/search_config.h"

namespace attn {

struct Request {
  std::string text;
  std::string prefix = {};  // beginning of the translation
  SearchConfig search;
  std::uint64_t number = 0;      // number of the line, the key of random sampling
  bool wants_attention = false;  // whether the answer has the attention weights
};

// Reads a request: the text as "source" or "text", "prefix", and options of `search`, which
// override `defaults`. Other fields are the caller's and are not read. Throws Error, whose message
// begins with `where`, for a wrong type or value, and for a field that only an answer has.
Request parse_request(const Json& object, const SearchConfig& defaults, const std::string& where);

// Returns the names of the search options that a request can contain: all that concern a single
// line.
const std::vector<std::string>& request_options();

}  // namespace attn

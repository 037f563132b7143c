// The fields of requests to the HTTP interface, and the answers for their errors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "service/http_server.h"

namespace attn {

// The error of a request, with its HTTP status.
struct ApiError : Error {
  ApiError(int s, const std::string& message) : Error(message), status(s) {}
  int status;
};

HttpResponse json_response(const Json& json);

// Calls f and returns its answer, or the answer for its error: the status of an ApiError, 429 for
// Overloaded, 504 for TimedOut, and 400 for any other Error.
HttpResponse answered(const std::function<HttpResponse()>& f);

// Returns the fields of a request, whose body is a JSON object or a form. The functions below
// return fields; they throw ApiError for one that is missing or wrong.
Json fields_of(const HttpRequest& request);
std::string text_of(const Json& fields, const char* name);
// Returns the text or the texts of "q".
std::vector<std::string> texts_of(const Json& fields);
// Returns "format": "text", the default, or "html".
std::string format_of(const Json& fields);
// Returns the number of alternatives, 0 by default.
int alternatives_of(const Json& fields);

}  // namespace attn

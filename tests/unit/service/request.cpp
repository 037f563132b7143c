#include "service/request.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/scratch.h"

namespace attn::test {
namespace {

Request parsed(const std::string& text, const SearchConfig& defaults = {}) {
  return parse_request(parse_json_line(text, "x"), defaults, "x");
}

}  // namespace

TEST_CASE("a request has a text, and options of search that override the defaults") {
  SearchConfig defaults;
  defaults.beam_size = 3, defaults.no_repeat_ngram = 2;
  CHECK(parsed(R"({"source": "a b"})", defaults).text == "a b");
  CHECK(parsed(R"({"text": "a b", "id": 1})", defaults).search == defaults);
  const Request request =
      parsed(R"({"text": "a", "prefix": "b", "n_best": 2, "length_penalty_alpha": 0.5})", defaults);
  CHECK(request.prefix == "b");
  SearchConfig expected = defaults;
  expected.n_best = 2, expected.length_penalty_alpha = 0.5;
  CHECK(request.search == expected);
}

TEST_CASE("every search option that concerns one line is an option of requests") {
  const auto& names = request_options();
  for (const char* name : {"method", "beam_size", "n_best", "seed", "max_length", "top_p"})
    CHECK(std::ranges::count(names, name) == 1);
  for (const char* name : {"batch_size", "precision"}) CHECK(std::ranges::count(names, name) == 0);
  // Fields with such a name belong to the caller.
  CHECK(parsed(R"({"text": "a", "precision": [], "batch_size": 0})").search == SearchConfig{});
}

TEST_CASE("errors of requests say which field is wrong") {
  const auto error = [](const std::string& text) { return error_of([&] { parsed(text); }); };
  CHECK(error(R"({"text": "a", "n_best": "2"})") ==
        "x: search.n_best: expected a whole number of at least 1, got \"2\"");
  CHECK(error(R"({"text": "a", "error": ""})") ==
        "x: \"error\" is a field of the answer and would be replaced; rename it");
  CHECK(error(R"({"text": "a", "temperature": 2})").find("search.method \"sample\"") !=
        std::string::npos);
}

}  // namespace attn::test

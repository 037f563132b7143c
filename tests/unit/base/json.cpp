#include "base/json.h"

#include <doctest/doctest.h>

#include "support/scratch.h"

namespace attn::test {

TEST_CASE("JSON may contain comments") {
  const Json json = parse_json("// a\n{\"a\": /* b */ 1, // c\n \"b\": \"// no comment\"}", "x");
  CHECK(json["a"] == 1);
  CHECK(json["b"] == "// no comment");
}

TEST_CASE("the message of a JSON syntax error is one sentence with file, line and column") {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_json(text, "x.json"); });
  };
  CHECK(error("{\n  \"a\": 1,\n}") ==
        "x.json: line 3, column 1: not valid JSON: unexpected '}', expected string literal");
  CHECK(
      error("{\"é\": 1 \"b\": 2}") ==
      "x.json: line 1, column 11: not valid JSON: unexpected string literal, expected ',' or '}'");
  CHECK(error("") ==
        "x.json: line 1, column 1: not valid JSON: unexpected end of input, expected '[', '{', or "
        "a literal");
  CHECK(error("{\"a\": nul}")
            .starts_with("x.json: line 1, column 10: not valid JSON: invalid literal at"));
  CHECK(error("{} {}").starts_with("x.json: line 1, column 4: not valid JSON: unexpected '{'"));
  CHECK(error("[1e999]").starts_with("x.json: not valid JSON: number overflow"));
  CHECK(error("\"\xff\"")
            .starts_with(
                "x.json: line 1, column 2: not valid JSON: invalid string: ill-formed UTF-8"));
}

TEST_CASE("a JSON key that occurs twice in one object is an error with its line and path") {
  CHECK(error_of([] {
          parse_json("{\"train\": {\"seed\": 1,\n// again:\n\"rho\": {\"x\": [{}]},\n\"seed\": 2}}",
                     "x.json");
        }) == "x.json: line 4: \"train.seed\" is given twice; remove one of them");
  CHECK(parse_json("{\"a\": {\"n\": 1}, \"b\": [{\"n\": 1}, {\"n\": 2}], \"n\": 3}", "x")["n"] ==
        3);
}

TEST_CASE("deeply nested JSON is an error") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(parse_json(nested(100), "x").dump() == nested(100));
  const std::string error = ": more than 100 levels of arrays and objects";
  CHECK(error_of([&] { parse_json("\n" + nested(101), "x"); }) == "x: line 2" + error);
  CHECK(error_of([&] { parse_json_line(nested(200000), "x:1"); }) == "x:1" + error);
  std::string objects;
  for (int i = 0; i < 200000; ++i) objects += "{\"a\":";
  CHECK(error_of([&] { parse_json_line(objects, "x:1"); }) == "x:1" + error);
}

TEST_CASE("JSON lines have no comments and no whole numbers that would be rounded") {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_json_line(text, "x:7"); });
  };
  CHECK(error("{} // a").starts_with("x:7: column 4: not valid JSON: "));
  CHECK(error("{\"a\": {\"id\": 12345678901234567890123}}") ==
        "x:7: \"a.id\": the number 12345678901234567890123 has more than 64 bits and would be "
        "rounded; write it as a string");
  CHECK(error("{\"id\":-9223372036854775809}").find("-9223372036854775809 has") !=
        std::string::npos);
  CHECK(error("{\"a\": 1, \"a\": 2}") == "x:7: \"a\" is given twice; remove one of them");
  for (const std::string text :
       {"18446744073709551615", "-9223372036854775808", "[1.5,-2e3]", "{\"a\":0.25}"})
    CHECK(parse_json_line(text, "x").dump() == Json::parse(text).dump());
}

TEST_CASE("JSON is written on one line or indented, and text that is not UTF-8 is an error") {
  const Json json = {{"b", 1}, {"a", {0.001, true}}};
  CHECK(to_line(json) == R"({"b":1,"a":[0.001,true]})");
  CHECK(to_text(Json{{"a", "é"}}) == "{\n  \"a\": \"é\"\n}\n");
  CHECK(error_of([] { to_line("\xff"); }).find("UTF-8") != std::string::npos);
}

TEST_CASE("differing_keys returns sorted full paths") {
  const Json a = {{"train", {{"seed", 1}, {"rho", 0.5}, {"same", 1}}}, {"data", {{"x", "y"}}}};
  const Json b = {{"train", {{"same", 1.0}, {"seed", 2}, {"warmup", 3}}}, {"data", {{"x", "z"}}}};
  CHECK(differing_keys(a, b) ==
        std::vector<std::string>{"data.x", "train.rho", "train.seed", "train.warmup"});
  CHECK(differing_keys(a, a).empty());
}

}  // namespace attn::test

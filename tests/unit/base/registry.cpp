#include "base/registry.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

const Registry<int>& three() {
  static const Registry<int> table = {{"one", "the first", 1}, {"two", "", 2}, {"six", "", 6}};
  return table;
}

}  // namespace

TEST_CASE("nearest returns the name with the smallest edit distance") {
  const std::vector<std::string> names = {"adam", "adamw", "adadelta", "adagrad", "sgd"};
  CHECK(nearest("adm", names) == "adam");           // a missing letter
  CHECK(nearest("adamm", names) == "adam");         // 1 from "adam" and from "adamw": the first
  CHECK(nearest("adamww", names) == "adamw");       // an additional letter
  CHECK(nearest("adagrat", names) == "adagrad");    // a wrong letter
  CHECK(nearest("adadleta", names) == "adadelta");  // two transposed letters
  CHECK(nearest("sdg", names) == "sgd");
  CHECK(nearest("sgd", names) == "sgd");
}

TEST_CASE("nearest returns nothing for a name that is not similar to any") {
  // The largest distance is half the length of the wrong name, or 2.
  CHECK(nearest("rmsprop", {"adam", "sgd"}).empty());
  CHECK(nearest("ab", {"cd"}) == "cd");              // distance 2
  CHECK(nearest("ab", {"cde"}).empty());             // distance 3
  CHECK(nearest("abcdef", {"abcxyz"}) == "abcxyz");  // distance 3 of 6 letters
  CHECK(nearest("abcdef", {"abwxyz"}).empty());      // distance 4
  CHECK(nearest("", {"abc"}).empty());
  CHECK(nearest("adam", {}).empty());
}

TEST_CASE("a registry finds rows by name and returns its choices in order") {
  CHECK(three().at("one") == 1);
  CHECK(three().at("six") == 6);
  std::vector<std::string> names;
  for (const Choice& choice : three().choices()) names.push_back(choice.name);
  CHECK(names == std::vector<std::string>{"one", "two", "six"});
  CHECK(three().choices()[0].doc == "the first");
}

TEST_CASE("a name that a registry does not have is an internal error with the name") {
  CHECK_THROWS_AS(three().at("seven"), Bug);
  std::string message;
  try {
    three().at("seven");
  } catch (const Bug& bug) {
    message = bug.what();
  }
  CHECK(message.find("\"seven\"") != std::string::npos);
}

}  // namespace attn::test

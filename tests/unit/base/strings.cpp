#include "base/strings.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("format works as printf and has no limit on the length") {
  CHECK(format("%d of %s: %.2f", 3, "ten", 0.125) == "3 of ten: 0.12");
  CHECK(format("%%") == "%");
  CHECK(format("%s", "").empty());
  const std::string large(100000, 'x');
  CHECK(format("<%s>", large.c_str()) == "<" + large + ">");
}

TEST_CASE("joined puts the separator between neighbors only") {
  CHECK(joined({}, ", ").empty());
  CHECK(joined({"a"}, ", ") == "a");
  CHECK(joined({"a", "b", "c"}, " or ") == "a or b or c");
}

TEST_CASE("in_quotes encloses any text") {
  CHECK(in_quotes("a b") == "\"a b\"");
  CHECK(in_quotes("").size() == 2);
}

TEST_CASE("a table field is quoted only if it has quotation marks, which are doubled") {
  CHECK(table_field("plain text, with a comma") == "plain text, with a comma");
  CHECK(table_field("").empty());
  CHECK(table_field("\"") == "\"\"\"\"");
  CHECK(table_field("he said \"no\"") == "\"he said \"\"no\"\"\"");
}

TEST_CASE("columns counts code points, not bytes") {
  CHECK(columns("") == 0);
  CHECK(columns("abc") == 3);
  CHECK(columns("né") == 2);
  CHECK(columns("→∞") == 2);       // 3 bytes each
  CHECK(columns("𝛼") == 1);        // 4 bytes
  CHECK(columns("e\u0301") == 2);  // a letter and a combining accent
}

TEST_CASE("pad_right fills up to the width and never truncates") {
  CHECK(pad_right("ab", 5) == "ab   ");
  CHECK(pad_right("ab", 2) == "ab");
  CHECK(pad_right("abc", 2) == "abc");
  CHECK(pad_right("né", 4, 2) == "né  ");
}

TEST_CASE("wrapped breaks lines at spaces, within the width") {
  CHECK(wrapped("one two three", 100, 0) == "one two three\n");
  CHECK(wrapped("one two three", 7, 0) == "one two\nthree\n");
  CHECK(wrapped("one two three", 6, 0) == "one\ntwo\nthree\n");
  CHECK(wrapped("  one \n two\t", 100, 0) == "one two\n");
  CHECK(wrapped("", 10, 0) == "\n");
}

TEST_CASE("wrapped indents the first line and the others") {
  CHECK(wrapped("one two three", 9, 2) == "  one two\n  three\n");
  CHECK(wrapped("one two three", 8, 2) == "  one\n  two\n  three\n");
  CHECK(wrapped("one two three", 9, 2, 2) == "  one two\n    three\n");
}

TEST_CASE("wrapped puts a word that is too long on a line of its own") {
  CHECK(wrapped("a incomprehensible b", 6, 0) == "a\nincomprehensible\nb\n");
  CHECK(wrapped("incomprehensible", 6, 2) == "  incomprehensible\n");
}

TEST_CASE("wrapped counts code points") {
  CHECK(wrapped("né né né", 5, 0) == "né né\nné\n");
}

}  // namespace attn::test

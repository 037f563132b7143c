#include "service/html.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/random.h"
#include "support/scratch.h"
#include "text/tokenizer.h"

namespace attn::test {
namespace {

// Translates by a function of the words, with links from each word of the translation.
std::string translated(const std::string& html,
                       const std::function<HtmlTranslation(const std::string&)>& line) {
  return translate_html(html, [&](const std::vector<std::string>& lines) {
    std::vector<HtmlTranslation> out;
    for (const std::string& text : lines) out.push_back(line(text));
    return out;
  });
}

// Writes the words in capitals, in the same order.
HtmlTranslation capitals(const std::string& text) {
  HtmlTranslation out;
  for (const std::string& word : split_words(text)) {
    const int i = static_cast<int>(out.links.size());
    out.links.push_back({i, i});
    out.text += (i == 0 ? "" : " ") + word;
  }
  for (char& c : out.text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// Returns the words in reverse order.
HtmlTranslation reversed(const std::string& text) {
  const auto words = split_words(text);
  HtmlTranslation out;
  for (int t = 0, n = static_cast<int>(words.size()); t < n; ++t) {
    out.links.push_back({n - 1 - t, t});
    out.text += (t == 0 ? "" : " ") + words[static_cast<std::size_t>(n - 1 - t)];
  }
  return out;
}

std::string in_capitals(const std::string& html) {
  return translated(html, capitals);
}
std::string in_reverse(const std::string& html) {
  return translated(html, reversed);
}

// Returns the lines that are translated.
std::vector<std::string> lines_of(const std::string& html) {
  std::vector<std::string> all;
  translate_html(html, [&](const std::vector<std::string>& lines) {
    all = lines;
    return std::vector<HtmlTranslation>(lines.size());
  });
  return all;
}

// Returns whether every end tag closes the element that was opened last.
bool is_well_formed(const std::string& html) {
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::string tag = html.substr(at, html.find('>', at) - at);
    if (tag.starts_with("<img") || tag.starts_with("<br") || tag.ends_with("/")) continue;
    if (!tag.starts_with("</")) {
      open.push_back(tag.substr(1, tag.find(' ') - 1));
      continue;
    }
    if (open.empty() || open.back() != tag.substr(2)) return false;
    open.pop_back();
  }
  return open.empty();
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("blocks of HTML are translated by themselves") {
  CHECK(lines_of("<p>one two</p><p>three</p>") == Lines{"one two", "three"});
  CHECK(lines_of("one<br>two") == Lines{"one", "two"});
  CHECK(lines_of("<ul><li>one<li>two <b>three</b></ul>") == Lines{"one", "two three"});
  CHECK(lines_of("<table><tr><td>one</td><th>two</th></tr></table>") == Lines{"one", "two"});
  CHECK(lines_of("<h1> one\n\t two </h1>") == Lines{"one two"});
  CHECK(lines_of("<title>one</title><body>two<div>three</div>four") ==
        Lines{"one", "two", "three", "four"});
  CHECK(lines_of("<a href=x><div>one</div></a>two") == Lines{"one", "two"});
  CHECK(lines_of("<blockquote>one<footer>two</footer></blockquote>") == Lines{"one", "two"});
  CHECK(lines_of("").empty());
  CHECK(lines_of("<p> </p><hr>").empty());
}

TEST_CASE("a fragment stays a fragment, and a document a document") {
  CHECK(in_capitals("one") == "ONE");
  CHECK(in_capitals("<p>one</p>") == "<p>ONE</p>");
  CHECK(in_capitals("<p>one") == "<p>ONE</p>");
  CHECK(in_capitals("<td>one</td><td>two</td>") == "<td>ONE</td><td>TWO</td>");
  CHECK(in_capitals("<tr><td>one</td></tr>") == "<tr><td>ONE</td></tr>");
  CHECK(
      in_capitals(
          "<!DOCTYPE html><html lang=en><head><title>one</title></head><body>two</body></html>") ==
      "<!DOCTYPE html>\n<html lang=en><head><title>ONE</title></head><body>TWO</body></html>");
  CHECK(in_capitals("<UL CLASS=a><LI>one</UL>") == "<UL CLASS=a><LI>ONE</LI></UL>");
  CHECK(in_capitals("<p>one</p> <!-- two --> <p>three</p>") ==
        "<p>ONE</p> <!-- two --> <p>THREE</p>");
}

TEST_CASE("inline elements are around the words that are aligned with their words") {
  CHECK(in_capitals("<b>one</b> two") == "<b>ONE</b> TWO");
  CHECK(in_reverse("<b>one</b> two") == "two <b>one</b>");
  CHECK(in_reverse("one <a href=\"x\">two three</a> four") ==
        "four <a href=\"x\">three two</a> one");
  CHECK(in_reverse("<i>one <b>two</b></i> three") == "three <i><b>two</b> one</i>");
  CHECK(in_capitals("<em><strong>one</strong></em>") == "<em><strong>ONE</strong></em>");
  CHECK(in_reverse("<font color=red>one</font> <FONT color=blue>two</FONT>") ==
        "<FONT color=blue>two</FONT> <font color=red>one</font>");
  CHECK(in_capitals("<x-tag>one</x-tag> two") == "<x-tag>ONE</x-tag> TWO");
}

TEST_CASE("an element whose words are apart is repeated, but not one with an id") {
  const auto apart = [](const std::string&) {
    return HtmlTranslation{"a b c d", {{0, 0}, {1, 1}, {0, 2}, {0, 3}}};
  };
  CHECK(translated("<b>one</b> two", apart) == "<b>a</b> b <b>c d</b>");
  CHECK(translated("<b id=x>one</b> two", apart) == "a b <b id=x>c d</b>");
}

TEST_CASE("a word without a link belongs to the elements around both its neighbors") {
  const auto gap = [](const std::string&) { return HtmlTranslation{"a b c", {{0, 0}, {1, 2}}}; };
  CHECK(translated("<b>one two</b>", gap) == "<b>a b c</b>");
  CHECK(translated("<b>one</b> two", gap) == "<b>a</b> b c");
  const auto none = [](const std::string&) { return HtmlTranslation{"a b c d", {}}; };
  CHECK(translated("<b>one</b> two", none) == "<b>a b</b> c d");  // words in the same order
}

TEST_CASE("no tag is lost") {
  const auto first = [](const std::string&) { return HtmlTranslation{"a", {{0, 0}}}; };
  CHECK(translated("one <b>two</b>", first) == "a <b></b>");
  CHECK(translated("one <a href=x><i>two</i></a> three", first) == "a <a href=x><i></i></a>");
  CHECK(translated("one <img src=x> two", first) == "a <img src=x>");
  CHECK(in_capitals("<img src=x> one") == "<img src=x> ONE");
  CHECK(in_capitals("one<img src=x>") == "ONE<img src=x>");
  CHECK(in_reverse("one <img src=x> two") == "two one <img src=x>");
  CHECK(in_capitals("<a href=x><img src=y></a> one") == "<a href=x><img src=y></a> ONE");
  CHECK(in_capitals("<p><b></b>one</p>") == "<p><b></b>ONE</p>");
  const auto nothing = [](const std::string&) { return HtmlTranslation{}; };
  CHECK(translated("<p>one <b>two</b></p>", nothing) == "<p><b></b></p>");
}

TEST_CASE("white space beside elements without words is kept") {
  for (const std::string html :
       {" <img src=x> w ", "<p> <b></b> w <img src=x> </p>", " <img src=x>",
        "<p>w <!-- c --> w</p>", "<img src=x> <img src=y> w", "w <img src=x><img src=y> w",
        "<p> w <br> w </p>", "<p>\n<!-- c -->\n<i>w</i>\n<code>x</code>\n</p>",
        " <svg></svg>w<svg></svg> "}) {
    CAPTURE(html);
    std::string expected = html;
    std::ranges::replace(expected, 'w', 'W');
    std::string got = in_capitals(html);
    // White space between words and atoms is collapsed.
    if (html.find('\n') != std::string::npos) std::ranges::replace(expected, '\n', ' ');
    std::ranges::replace(got, '\n', ' ');
    CHECK(got == expected);
  }
}

TEST_CASE("code and what must not be translated stay as they are") {
  CHECK(in_capitals("<pre>one\n two</pre>") == "<pre>one\n two</pre>");
  CHECK(in_capitals("<script>if (a < b) c();</script><p>one</p>") ==
        "<script>if (a < b) c();</script><p>ONE</p>");
  CHECK(in_capitals("<style>p { x: y }</style>one") == "<style>p { x: y }</style>ONE");
  CHECK(in_capitals("one <code>a &lt; b</code> two") == "ONE <code>a &lt; b</code> TWO");
  CHECK(in_reverse("one <code>x</code> two") == "two one <code>x</code>");
  CHECK(in_capitals("<p translate=no>one</p><p>two</p>") == "<p translate=no>one</p><p>TWO</p>");
  CHECK(in_capitals("one <span class=\"a notranslate\">two</span>") ==
        "ONE <span class=\"a notranslate\">two</span>");
  CHECK(in_capitals("<textarea>one</textarea>") == "<textarea>one</textarea>");
  CHECK(in_capitals("<svg><text>one</text></svg> two") == "<svg><text>one</text></svg> TWO");
}

TEST_CASE("kept elements that are misnested or not closed are written once, and well nested") {
  for (const std::string html :
       {"<code>x <p>y</code> z</p>", "<p><b translate=no>a <div>one</b> two.</div>",
        "<ul><code>x<li>one two</ul>", "<p>a <code>x<p>one two</p>", "<code>a<br>b</code> one",
        "one <svg width=1 /> two", "<ruby>one<rt>x</rt></ruby> two"}) {
    CAPTURE(html);
    const std::string got = in_capitals(html);
    CAPTURE(got);
    CHECK(is_well_formed(got));
    const auto letters = [](std::string text) {
      std::string out;
      bool in_tag = false;
      for (const char c : text) {
        if (c == '<') in_tag = true;
        if (!in_tag && c != ' ') out += static_cast<char>(std::tolower(c));
        if (c == '>') in_tag = false;
      }
      return out;
    };
    CHECK(letters(got) == letters(html));
  }
  CHECK(in_capitals("<![CDATA[one]]>") == "<![CDATA[one]]>");
}

TEST_CASE("character references are decoded for the translation and written again") {
  CHECK(lines_of("<p>fish &amp; chips &lt;3 &eacute;&#233;</p>") == Lines{"fish & chips <3 éé"});
  CHECK(in_capitals("<p>a &amp; b &lt;3</p>") == "<p>A &amp; B &lt;3</p>");
  CHECK(in_capitals("<a title=\"&quot;x&quot; &amp; y\">one</a>") ==
        "<a title=\"&quot;x&quot; &amp; y\">ONE</a>");
}

TEST_CASE("posts of social networks keep mentions, links and lines") {
  const std::string post =
      "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://a.example/@b\" class=\"u-url "
      "mention\">@<span>b</span></a></span> good morning<br />see <a "
      "href=\"https://c.example/\" rel=\"nofollow\"><span class=\"invisible\">https://</span><span "
      "class=\"\">c.example/</span></a></p>";
  std::string expected = post;
  for (const auto& [from, to] :
       std::map<std::string, std::string>{{"good morning", "GOOD MORNING"}, {">see ", ">SEE "}}) {
    const auto at = expected.find(from);
    expected.replace(at, from.size(), to);
  }
  const std::string got = in_capitals(post);
  CHECK(got.find("translate=\"no\"><a href=\"https://a.example/@b\"") != std::string::npos);
  CHECK(got.find(">@<span>b</span></a></span>") != std::string::npos);
  CHECK(got.find("GOOD MORNING<br />SEE <a href=\"https://c.example/\" rel=\"nofollow\">") !=
        std::string::npos);
  CHECK(got.find("<span class=\"\">") != std::string::npos);
  CHECK(got.size() == expected.size());
}

TEST_CASE("HTML that is nested too deeply is an error, and long HTML is not") {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<b>";
  CHECK(error_of([&] { in_capitals(deep); }).find("more than 200 levels") != std::string::npos);
  std::string longer;
  for (int i = 0; i < 20000; ++i) longer += "<p>one <b>two</b>";
  CHECK(lines_of(longer).size() == 20000);
}

namespace {

// Returns random HTML of nested inline elements, and counts its tags.
std::string random_html(RandomKey key, int depth, std::map<std::string, int>& tags) {
  static const char* const names[] = {"b", "i", "a", "span", "em"};
  std::string out;
  const auto parts = 1 + key.at("parts").below(3);
  for (std::uint64_t k = 0; k < parts; ++k) {
    const RandomKey part = key.at(k);
    out += "w" + std::to_string(part.at("word").below(50)) + " ";
    if (part.at("image").below(4) == 0) out += "<img src=x> ", ++tags["<img"];
    if (depth == 0 || part.at("nested").below(2) == 0) continue;
    const std::string name = names[part.at("name").below(5)];
    ++tags["<" + name + ">"];
    out += "<" + name + ">" + random_html(part.at("inside"), depth - 1, tags) + "</" + name + "> ";
  }
  return out;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("random HTML with random links keeps all elements, well nested") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    const RandomKey key = RandomKey(11).at(i);
    std::map<std::string, int> tags;
    const std::string html = random_html(key.at("html"), 3, tags);
    const std::string got = translated(html, [&](const std::string& text) {
      const auto source = std::ssize(split_words(text));
      HtmlTranslation out;
      for (std::uint64_t t = 0, n = key.at("length").below(12); t < n; ++t) {
        out.text += (t == 0 ? "v" : " v") + std::to_string(t);
        const RandomKey word = key.at("links").at(t);
        if (word.at("has").below(4) > 0)
          out.links.push_back(
              {static_cast<int>(word.at("to").below(static_cast<std::uint64_t>(source))),
               static_cast<int>(t)});
      }
      return out;
    });
    CAPTURE(html);
    CAPTURE(got);
    CHECK(is_well_formed(got));
    for (const auto& [tag, count] : tags)
      CHECK(count_of(got, tag) >= static_cast<std::size_t>(count > 0 ? 1 : 0));
    CHECK(count_of(got, "<img") == static_cast<std::size_t>(tags["<img"]));
    for (std::uint64_t t = 0, n = key.at("length").below(12); t < n; ++t)
      CHECK(count_of(got, "v" + std::to_string(t)) >= 1);
  }
}

}  // namespace attn::test

#include "report/heatmap_files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <cairo.h>
#include <doctest/doctest.h>

#include "report/heatmap.h"
#include "support/page_data.h"
#include "support/scratch.h"

using attn::AlignedPair, attn::Json, attn::read_file, attn::write_heatmaps;

namespace {

using Paths = std::vector<attn::fs::path>;

// "the houses" → "l’ habitation", in subwords: the | house | s | end → l’ | habit | ation | end.
AlignedPair house() {
  AlignedPair pair;
  pair.pieces = {
      {"the", "house", "s", "</s>"},
      {"l’", "habit", "ation", "</s>"},
      {{0.7, 0.1, 0.1, 0.1}, {0.1, 0.4, 0.5, 0}, {0.1, 0.8, 0.1, 0}, {0, 0, 0.25, 0.75}}};
  pair.source = {{"the", "houses"}, {{0}, {1}, {1}}};
  pair.target = {{"l’", "habitation"}, {{0}, {1}, {1}}};
  pair.log_prob = -1.5;
  pair.chrf = 40;
  return pair;
}

// The same with gold links and two heads, whose mean is the weights.
AlignedPair reference() {
  AlignedPair pair = house();
  pair.name = "reference";
  pair.chrf.reset();
  pair.gold = {{{0, 0}}, {{0, 0}, {0, 1}}};
  for (const double sign : {1, -1}) {
    pair.pieces.heads.push_back(pair.pieces.weights);
    pair.pieces.heads.back()[0][0] += sign * 0.1;
    pair.pieces.heads.back()[0][3] -= sign * 0.1;
  }
  return pair;
}

// Returns the text between `from` and `to`.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto begin = text.find(from) + from.size();
  REQUIRE(begin >= from.size());
  return text.substr(begin, text.find(to, begin) - begin);
}

// [head, target, source] → weight.
using Cells = std::map<std::tuple<std::string, int, int>, double>;

Cells cells_of_table(const std::string& tsv) {
  Cells cells;
  std::istringstream in(tsv);
  std::string line, name, head, source, target;
  std::getline(in, line);
  CHECK(line == "line\tname\thead\ttarget_index\ttarget\tsource_index\tsource\tweight");
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    int number = 0, i = 0, j = 0;
    double weight = 0;
    fields >> number >> name >> head >> j >> target >> i >> source >> weight;
    REQUIRE(fields);
    if (name == "reference") cells[{head, j, i}] = weight;
  }
  return cells;
}

}  // namespace

TEST_CASE("the file extension selects the heatmap format, and all formats have the same numbers") {
  const Scratch scratch;
  const std::vector<AlignedPair> pairs = {house(), reference()};
  for (const char* name : {"x.html", "x.json", "x.tsv"})
    CHECK(write_heatmaps(scratch / name, pairs, {"a title"}) == Paths{scratch / name});

  const Json json = Json::parse(read_file(scratch / "x.json"));
  const Json& words = json["sentences"][1];
  // By hand: summed over source subwords, averaged over target subwords.
  const Json expected = {{0.7, 0.2, 0.1}, {0.1, 0.9, 0.0}, {0.0, 0.25, 0.75}};
  CHECK(words["weights"] == expected);
  CHECK(words["source"] == Json({"the", "houses", "</s>"}));
  CHECK(words["links"] == Json({{0, 0}, {1, 1}}));
  CHECK(words["alignment_error_rate"] == 1 - (1. + 1) / (2 + 1));
  CHECK(words["subwords"]["weights"] == Json(house().pieces.weights));
  CHECK(words["subwords"]["source_word_indices"] == Json({{0}, {1}, {1}}));
  CHECK(json["sentences"][0]["chrf"] == 40);
  CHECK_FALSE(words.contains("chrf"));

  const Cells table = cells_of_table(read_file(scratch / "x.tsv"));
  CHECK(table.size() == 3 * 9);
  for (int j = 0; j < 3; ++j)
    for (int i = 0; i < 3; ++i) {
      const auto row = static_cast<std::size_t>(j), column = static_cast<std::size_t>(i);
      CHECK(table.at({"mean", j, i}) == expected[row][column].get<double>());
      for (const std::size_t head : {0U, 1U})
        CHECK(table.at({std::to_string(head + 1), j, i}) == words["heads"][head][row][column]);
    }

  const Json page = page_data(read_file(scratch / "x.html"));
  CHECK(page["title"] == "a title");
  REQUIRE(page["sentences"].size() == 1);
  const Json& sentence = page["sentences"][0];
  CHECK(sentence["source"]["words"] == Json({"the", "houses"}));
  CHECK(sentence["source"]["word_indices"] == words["subwords"]["source_word_indices"]);
  REQUIRE(sentence["targets"].size() == 2);
  const Json& target = sentence["targets"][1];
  CHECK(target["aer"] == words["alignment_error_rate"]);
  CHECK(target["entropy"] == words["entropy"]);
  REQUIRE(target["matrices"].size() == 3);
  CHECK(page["scale"] == 8099);
  CHECK(target["matrices"][2]["name"] == "head 2");
  for (std::size_t k = 0; k < 3; ++k) {
    const Json& exact = k == 0 ? words["subwords"]["weights"] : words["subwords"]["heads"][k - 1];
    const std::vector<double> shown = weights_of(target["matrices"][k]);
    REQUIRE(shown.size() == 16);
    for (std::size_t cell = 0; cell < 16; ++cell)
      CHECK(std::abs(shown[cell] - exact[cell / 4][cell % 4].get<double>()) < 0.0001);
  }
}

TEST_CASE("the self-attention of the encoder is in every heatmap format") {
  AlignedPair pair = house();
  attn::Alignment layer;
  layer.source = layer.target = pair.pieces.source;
  // Subwords "the", "house", "s"; the last two form one word.
  layer.heads = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}},
                 {{0, 0, 0, 1}, {0, 0.5, 0.5, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}}};
  layer.weights = {{0.5, 0, 0, 0.5}, {0, 0.75, 0.25, 0}, {0.5, 0, 0.5, 0}, {0, 0, 0, 1}};
  pair.encoder = {layer};
  const Scratch scratch;
  for (const std::string extension : {".json", ".html", ".tsv"})
    write_heatmaps(scratch / ("x" + extension), {pair});
  const auto pictures = write_heatmaps(scratch / "y.svg", {pair});
  CHECK(std::count(pictures.begin(), pictures.end(), scratch / "y-encoder-1.svg") == 1);
  CHECK(Json::parse(read_file(scratch / "y.json"))["encoder"][0]["heads"].size() == 2);

  const Json json = Json::parse(read_file(scratch / "x.json"))["sentences"][0];
  const Json over_words = {{0.5, 0, 0.5}, {0.25, 0.75, 0}, {0, 0, 1}};
  CHECK(json["encoder"][0]["weights"] == over_words);
  CHECK(json["encoder"][0]["heads"].size() == 2);
  CHECK(json["subwords"]["encoder"][0]["weights"] == Json(layer.weights));

  const std::string table = read_file(scratch / "x.tsv");
  CHECK(table.find("\tencoder.1.mean\t1\thouses\t0\tthe\t0.250000\n") != std::string::npos);
  CHECK(table.find("\tencoder.1.2\t0\tthe\t2\t</s>\t1.000000\n") != std::string::npos);

  const Json page = page_data(read_file(scratch / "x.html")),
             source = page["sentences"][0]["source"];
  REQUIRE(source["matrices"].size() == 3);
  CHECK(source["matrices"][0]["name"] == "encoder, layer 1, mean");
  CHECK(source["matrices"][2]["name"] == "encoder, layer 1, head 2");
  CHECK(std::abs(weights_of(source["matrices"][0])[5] - 0.75) < 0.0001);
}

TEST_CASE("no text in a heatmap page ends its data or becomes markup") {
  const std::string nasty = "</script><b>&amp;\"'<!--\u2028\\";
  AlignedPair pair;
  pair.pieces = {{nasty}, {nasty}, {{1.0}}, false, false};
  pair.source = pair.target = {{nasty}, {{0}}};
  const Scratch scratch;
  write_heatmaps(scratch / "x.html", {pair}, {"/* page.js */" + nasty});
  const std::string page = read_file(scratch / "x.html");
  const Json data = page_data(page);
  CHECK(data["title"] == "/* page.js */" + nasty);
  CHECK(data["sentences"][0]["source"]["words"][0] == nasty);
  CHECK(data["sentences"][0]["targets"][0]["subwords"][0] == nasty);
  CHECK(page.find("</script><b>") == std::string::npos);
}

TEST_CASE("a heatmap page makes no network requests") {
  const Scratch scratch;
  write_heatmaps(scratch / "x.html", {house()});
  const std::string page = read_file(scratch / "x.html");
  for (const char* request : {"http://", "https://", " src=", "@import", "url(", "fetch("}) {
    std::string rest = page;
    const std::string svg = "http://www.w3.org/2000/svg";  // the URI of a namespace
    for (std::size_t at = 0; (at = rest.find(svg)) != std::string::npos;)
      rest.erase(at, svg.size());
    CHECK_MESSAGE(rest.find(request) == std::string::npos, request);
  }
  CHECK(page.size() < 60000);
}

TEST_CASE("the page of a hundred sentences of thirty subwords has a few hundred kilobytes") {
  AlignedPair pair;  // with two heads
  for (int i = 0; i < 30; ++i) {
    pair.pieces.source.push_back("word"), pair.pieces.target.push_back("word");
    pair.source.words_of.push_back({i}), pair.target.words_of.push_back({i});
    std::vector<double> row(30, 0.001);
    row[static_cast<std::size_t>(i)] = 0.971;
    pair.pieces.weights.push_back(row);
  }
  pair.pieces.source_end = pair.pieces.target_end = false;
  pair.source.words = pair.target.words = pair.pieces.source;
  pair.pieces.heads.assign(2, pair.pieces.weights);
  std::vector<AlignedPair> pairs(100, pair);
  for (std::size_t i = 0; i < 100; ++i) pairs[i].line = i;
  const Scratch scratch;
  write_heatmaps(scratch / "x.html", pairs);
  CHECK(attn::fs::file_size(scratch / "x.html") < 800000);
}

TEST_CASE("one picture is written per pair, with a JSON file of the numbers for each SVG") {
  const Scratch scratch;
  const attn::Alignment words = to_words(house());
  CHECK(write_heatmaps(scratch / "one.svg", {house()}) ==
        Paths{scratch / "one.svg", scratch / "one.json"});
  CHECK(read_file(scratch / "one.svg") == attn::heatmap_svg(words));
  CHECK(read_file(scratch / "one.json") == to_json_line(words, {{0, 0}, {1, 1}}, 0) + "\n");

  std::vector<AlignedPair> pairs;
  for (std::size_t line = 0; line < 10; ++line) {
    pairs.push_back(house());
    pairs.back().line = 3 * line;  // with empty lines between them
  }
  pairs.push_back(reference());
  pairs.back().line = pairs[9].line;
  const Paths several = write_heatmaps(scratch / "x.v2.svg", pairs);
  REQUIRE(several.size() == 2 * 10 + 4);
  CHECK(several.front() == scratch / "x.v2-01.svg");
  CHECK(several[2] == scratch / "x.v2-04.svg");
  CHECK(several[20] == scratch / "x.v2-28-reference.svg");
  CHECK(several[21] == scratch / "x.v2-28-reference-head-1.svg");
  CHECK(several.back() == scratch / "x.v2-28-reference.json");
  for (const auto& path : several) CHECK(attn::fs::exists(path));
  CHECK(write_heatmaps(scratch / "none.svg", {}).empty());
}

TEST_CASE("the PNG of a heatmap shows the same as the SVG") {
  const Scratch scratch;
  CHECK(write_heatmaps(scratch / "x.png", {house()}) == Paths{scratch / "x.png"});
  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> png(
      cairo_image_surface_create_from_png((scratch / "x.png").c_str()), cairo_surface_destroy);
  REQUIRE(cairo_surface_status(png.get()) == CAIRO_STATUS_SUCCESS);
  const auto color = [&](double x, double y) {
    std::uint32_t pixel = 0;  // 0x..rrggbb
    std::memcpy(&pixel,
                cairo_image_surface_get_data(png.get()) +
                    static_cast<int>(y) * cairo_image_surface_get_stride(png.get()) +
                    4 * static_cast<int>(x),
                sizeof pixel);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "#%06x", pixel & 0xffffff);
    return std::string(text.data());
  };
  const std::string svg = attn::heatmap_svg(to_words(house()));
  CHECK(cairo_image_surface_get_width(png.get()) == 3 * std::stoi(between(svg, " width=\"", "\"")));
  CHECK(cairo_image_surface_get_height(png.get()) ==
        3 * std::stoi(between(svg, " height=\"", "\"")));
  // By hand: the weights over words. The centers of the cells are those in the SVG.
  const std::vector<double> weights = {0.7, 0.2, 0.1, 0.1, 0.9, 0.0, 0.0, 0.25, 0.75};
  const std::regex cell(
      R"re(<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(#\w+)"><title>.* → )re");
  std::size_t k = 0;
  for (std::sregex_iterator at(svg.begin(), svg.end(), cell), end; at != end; ++at, ++k) {
    const auto number = [&](std::size_t i) { return std::stod((*at)[i].str()); };
    REQUIRE(k < weights.size());
    CHECK((*at)[5] == attn::heat_color(weights[k]));
    CHECK(color(3 * (number(1) + number(3) / 2), 3 * (number(2) + number(4) / 2)) == (*at)[5]);
  }
  CHECK(k == weights.size());
}

// CRC-32 as in the PNG specification (annex D), bit by bit.
std::uint32_t crc(const std::string& bytes) {
  std::uint32_t c = 0xffffffff;
  for (const char byte : bytes) {
    c ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? 0xedb88320U ^ (c >> 1U) : c >> 1U;
  }
  return ~c;
}

TEST_CASE("the PNG of a heatmap has the pixel density of three times 96 pixels per inch") {
  const Scratch scratch;
  write_heatmaps(scratch / "x.png", {house()});
  const std::string png = read_file(scratch / "x.png");
  const auto number = [&](std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t k = 0; k < 4; ++k)
      out = out << 8U | static_cast<unsigned char>(png.at(at + k));
    return out;
  };
  std::string order;  // of the chunks
  for (std::size_t at = 8; at < png.size(); at += 12 + number(at)) {
    const std::string type = png.substr(at + 4, 4);
    order += type + " ";
    CHECK(number(at + 8 + number(at)) == crc(png.substr(at + 4, 4 + number(at))));
    if (type != "pHYs") continue;
    REQUIRE(number(at) == 9);
    CHECK(number(at + 8) == 11339);  // 288 per inch, in pixels per meter
    CHECK(number(at + 12) == 11339);
    CHECK(png.at(at + 16) == 1);
  }
  CHECK(order.starts_with("IHDR pHYs "));
  CHECK(order.find("pHYs") == order.rfind("pHYs"));
}

TEST_CASE("a heatmap that is too large for a PNG is an error") {
  AlignedPair pair;
  const std::size_t many = 712;
  for (std::size_t i = 0; i < many; ++i) {
    pair.pieces.source.push_back("w"), pair.pieces.target.push_back("w");
    pair.source.words_of.push_back({static_cast<int>(i)});
  }
  pair.target = pair.source;
  pair.source.words = pair.target.words = pair.pieces.source;
  pair.target.words_of = pair.source.words_of;
  pair.pieces.source_end = pair.pieces.target_end = false;
  pair.pieces.weights.assign(many, std::vector<double>(many, 1. / many));
  const Scratch scratch;
  CHECK(error_of([&] { write_heatmaps(scratch / "x.png", {pair}); }).find("too large for a PNG") !=
        std::string::npos);
}

TEST_CASE("a word with quotation marks is one field of a heatmap table") {
  AlignedPair pair = house();
  pair.source.words[0] = "\"the\"";
  const Scratch scratch;
  write_heatmaps(scratch / "x.tsv", {pair});
  // RFC 4180.
  CHECK(read_file(scratch / "x.tsv").find("\t0\t\"\"\"the\"\"\"\t0.700000\n") != std::string::npos);
}

TEST_CASE("unknown heatmap formats are refused, and other files are not overwritten") {
  const Scratch scratch;
  for (const char* wrong : {"x.pdf", "x", ".svg"})
    CHECK_MESSAGE(error_of([&] {
                    write_heatmaps(scratch / wrong, {house()});
                  }).find("ends in one of .html, .svg, .png, .json, .tsv") != std::string::npos,
                  wrong);
  scratch.file("my.json", "{}");
  CHECK(error_of([&] { attn::check_heatmap(scratch / "my.svg"); }).find("refusing to overwrite") !=
        std::string::npos);
  CHECK(error_of([&] { attn::check_heatmap(scratch / "my.html"); }) == "no error");
}

TEST_CASE("a document has a picture over segments, and lines between segments in that over words") {
  const Scratch scratch;
  AlignedPair pair = house();
  pair.pieces.segment_ends = {1, 4};
  pair.source = {{"the", "houses"}, {{0}, {1}, {1}}};
  const auto path = scratch.path() / "x.svg";
  const Paths written = write_heatmaps(path, {pair});
  CHECK(written == Paths{path, scratch.path() / "x-segments.svg", scratch.path() / "x.json"});
  const std::string words = read_file(path), segments = read_file(written[1]);
  CHECK(words.find("<line") != std::string::npos);
  CHECK(words.find("<line") == words.rfind("<line"));  // one boundary
  CHECK(segments.find("<line") == std::string::npos);
  CHECK(segments.find("2. houses …") != std::string::npos);
  CHECK(segments.find("0.7") != std::string::npos);
  CHECK(Json::parse(read_file(written[2])).at("segments") == Json::parse("[[0, 1], [1, 3]]"));
}

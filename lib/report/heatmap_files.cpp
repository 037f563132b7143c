#include "report/heatmap_files.h"

#include <array>
#include <cstdio>

#include "base/error.h"
#include "base/strings.h"
#include "report/heatmap.h"
#include "report/heatmap_page.h"
#include "report/png.h"

namespace attn {
namespace {

using Pairs = std::vector<AlignedPair>;
using Paths = std::vector<fs::path>;
using Write = Paths (*)(const fs::path& path, const Pairs& pairs,
                        const HeatmapFileOptions& options);

fs::path beside(const fs::path& path, const std::string& more) {
  return path.parent_path() / (path.stem().string() + more + path.extension().string());
}

// "x-07.svg" for the seventh line where the last one is the tenth or a later one.
fs::path numbered(const fs::path& path, std::size_t line, std::size_t last) {
  std::string digits = std::to_string(line + 1);
  digits.insert(0, std::to_string(last + 1).size() - digits.size(), '0');
  return beside(path, "-" + digits);
}

// A picture for each pair.
Paths pictures(const fs::path& path, const Pairs& pairs) {
  Paths out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::size_t line = pairs[i].line, last = pairs.back().line;
    const fs::path first = pairs.front().line == last ? path : numbered(path, line, last);
    const bool begins_line = i == 0 || line != pairs[i - 1].line;
    out.push_back(begins_line ? first : beside(first, "-" + pairs[i].name));
  }
  return out;
}

// As to_json_line writes it.
bool is_heatmap_data(std::string_view text) {
  return (text.starts_with(R"({"line":)") || text.starts_with(R"({"source":)")) &&
         text.find(R"("weights":[)") != std::string::npos &&
         text.find(R"("links":[)") != std::string::npos;
}

void write_picture(const fs::path& path, const Alignment& words, const HeatmapOptions& options) {
  const std::string svg = heatmap_svg(words, options);
  write_atomically(path, path.extension() == ".png" ? png_of_svg(svg) : svg);
}

// The weights of a document's sentences.
Alignment of_sentences(const Alignment& words) {
  return {sentence_names(words), words.target, sentence_weights(words), false, words.target_end};
}

// Of the words, then of the sentences, then of each head, then of each layer of the encoder.
Paths write_pictures(const fs::path& path, const AlignedPair& pair, double font_size) {
  const Alignment words = words_of(pair);
  Paths written = {path};
  write_picture(path, words, {"", font_size});
  const auto write = [&](const std::string& more, const Alignment& of, const std::string& title) {
    written.push_back(beside(path, more));
    write_picture(written.back(), of, {title, font_size});
  };
  if (!words.sentences.empty()) write("-sentences", of_sentences(words), "sentences");
  for (std::size_t head = 0; head < words.heads.size(); ++head) {
    Alignment one = words;
    one.weights = words.heads[head];
    const std::string number = std::to_string(head + 1);
    write("-head-" + number, one, "head " + number);
  }
  std::size_t layer = 0;
  for (const Alignment& of_layer : encoder_words_of(pair)) {
    const std::string number = std::to_string(++layer);
    write("-encoder-" + number, of_layer, "encoder, layer " + number);
  }
  return written;
}

Paths write_svg(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  const Paths places = pictures(path, pairs);
  for (const fs::path& place : places) check_heatmap_data(place);
  Paths written;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (const fs::path& file : write_pictures(places[i], pairs[i], options.font_size))
      written.push_back(file);
    written.push_back(heatmap_data(places[i]));
    write_atomically(written.back(), to_line(words_json(pairs[i])) + "\n");
  }
  return written;
}

Paths write_png(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  const Paths places = pictures(path, pairs);
  Paths written;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (const fs::path& file : write_pictures(places[i], pairs[i], options.font_size))
      written.push_back(file);
  return written;
}

Paths write_html(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  write_atomically(path, heatmap_page(pairs, options.title, options.units));
  return {path};
}

Paths write_json(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) sentences.push_back(to_json(pair));
  write_atomically(path, to_line({{"title", options.title}, {"sentences", sentences}}) + "\n");
  return {path};
}

void add_weights(const AlignedPair& pair, const Alignment& words, const Weights& weights,
                 const std::string& head, std::string& out) {
  for (std::size_t j = 0; j < weights.size(); ++j)
    for (std::size_t i = 0; i < weights[j].size(); ++i) {
      std::array<char, 32> weight{};
      std::snprintf(weight.data(), weight.size(), "%.6f", weights[j][i]);
      for (const std::string& field :
           {std::to_string(pair.line), pair.name, head, std::to_string(j),
            table_field(words.target[j]), std::to_string(i), table_field(words.source[i])})
        out += field + "\t";
      out += weight.data() + std::string("\n");
    }
}

// Of the mean and of each head.
void add_rows(const AlignedPair& pair, const Alignment& words, const std::string& layer,
              std::string& out) {
  add_weights(pair, words, words.weights, layer + "mean", out);
  for (std::size_t head = 0; head < words.heads.size(); ++head)
    add_weights(pair, words, words.heads[head], layer + std::to_string(head + 1), out);
}

// Words are parted by white space, so no label has a tab or a line break in it; quotes it may have.
Paths write_tsv(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions&) {
  std::string out = "line\tname\thead\ttarget_index\ttarget\tsource_index\tsource\tweight\n";
  for (const AlignedPair& pair : pairs) {
    const Alignment words = words_of(pair);
    add_rows(pair, words, "", out);
    if (!words.sentences.empty()) {
      const Alignment sentences = of_sentences(words);
      add_weights(pair, sentences, sentences.weights, "sentences", out);
    }
    std::size_t layer = 0;
    for (const Alignment& of_layer : encoder_words_of(pair))
      add_rows(pair, of_layer, "encoder." + std::to_string(++layer) + ".", out);
  }
  write_atomically(path, out);
  return {path};
}

const Registry<Write>& formats() {
  static const Registry<Write> table = {
      {".html", "a page to look around in", write_html},
      {".svg", "pictures for a paper, x-3.svg that of line 3, and the numbers behind each in .json",
       write_svg},
      {".png", "the same pictures in pixels", write_png},
      {".json", "the numbers of all sentences, over words and over pieces", write_json},
      {".tsv", "a line for each weight, over words", write_tsv}};
  return table;
}

}  // namespace

std::vector<Choice> heatmap_formats() {
  return formats().choices();
}

void check_heatmap(const fs::path& path) {
  std::string endings;
  for (const Choice& format : heatmap_formats()) {
    if (path.extension() == format.name) {
      if (format.name == ".png") check_png();
      return check_heatmap_data(path);
    }
    endings += (endings.empty() ? "" : ", ") + format.name;
  }
  throw Error(path.string() +
              ": the ending chooses the format; choose a name that ends in one of " + endings);
}

fs::path heatmap_data(const fs::path& path) {
  return path.extension() == ".svg" ? fs::path(path).replace_extension(".json") : fs::path();
}

void check_heatmap_data(const fs::path& path) {
  const fs::path data = heatmap_data(path);
  if (!data.empty() && fs::exists(data) && !is_heatmap_data(read_file(data)))
    throw Error(data.string() + ": is there, and no heatmap's; the numbers behind " +
                path.filename().string() + " would replace it: choose another name");
}

std::vector<fs::path> write_heatmaps(const fs::path& path, const std::vector<AlignedPair>& pairs,
                                     const HeatmapFileOptions& options) {
  check_heatmap(path);
  // A page can show pieces beside words.
  const bool has_both = path.extension() == ".html" && options.units == Granularity::kPieces;
  Pairs shown;
  for (const AlignedPair& pair : pairs)
    shown.push_back(at_granularity(pair, has_both ? Granularity::kAuto : options.units));
  return formats().at(path.extension())(path, shown, options);
}

}  // namespace attn

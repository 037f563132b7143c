#include "report/heatmap_files.h"

#include "base/error.h"
#include "base/strings.h"
#include "report/heatmap.h"
#include "report/heatmap_page.h"
#include "report/png.h"

namespace attn {
namespace {

using Pairs = std::vector<AlignedPair>;
using Paths = std::vector<fs::path>;
using Writer = Paths (*)(const fs::path& path, const Pairs& pairs,
                         const HeatmapFileOptions& options);

// Returns the path with `suffix` before its extension.
fs::path with_suffix(const fs::path& path, const std::string& suffix) {
  return path.parent_path() / (path.stem().string() + suffix + path.extension().string());
}

// Returns the path of the picture of a line: "x-07.svg" for line 6 if `last` is 9 to 98. Lines are
// counted from 0 in arguments and from 1 in file names.
fs::path numbered(const fs::path& path, std::size_t line, std::size_t last) {
  std::string digits = std::to_string(line + 1);
  digits.insert(0, std::to_string(last + 1).size() - digits.size(), '0');
  return with_suffix(path, "-" + digits);
}

// Returns the path of the picture of each pair.
Paths picture_paths(const fs::path& path, const Pairs& pairs) {
  Paths out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::size_t line = pairs[i].line, last = pairs.back().line;
    const fs::path first = pairs.front().line == last ? path : numbered(path, line, last);
    const bool begins_line = i == 0 || line != pairs[i - 1].line;
    out.push_back(begins_line ? first : with_suffix(first, "-" + pairs[i].name));
  }
  return out;
}

// Returns whether a text begins as to_json_line begins it.
bool is_heatmap_data(std::string_view text) {
  return (text.starts_with(R"({"line":)") || text.starts_with(R"({"source":)")) &&
         text.find(R"("weights":[)") != std::string::npos &&
         text.find(R"("links":[)") != std::string::npos;
}

void write_picture(const fs::path& path, const Alignment& words, const HeatmapOptions& options) {
  const std::string svg = heatmap_svg(words, options);
  write_atomically(path, path.extension() == ".png" ? png_of_svg(svg) : svg);
}

// Returns the alignment over the segments of a document.
Alignment over_segments(const Alignment& words) {
  return {.source = segment_names(words),
          .target = words.target,
          .weights = segment_weights(words),
          .source_end = false,
          .target_end = words.target_end};
}

// Writes the pictures of a pair: words, segments, each head, each encoder layer.
Paths write_pictures(const fs::path& path, const AlignedPair& pair, double font_size) {
  const Alignment words = to_words(pair);
  Paths written = {path};
  write_picture(path, words, {"", font_size});
  const auto write = [&](const std::string& suffix, const Alignment& alignment,
                         const std::string& title) {
    written.push_back(with_suffix(path, suffix));
    write_picture(written.back(), alignment, {title, font_size});
  };
  if (!words.segment_ends.empty()) write("-segments", over_segments(words), "segments");
  for (std::size_t head = 0; head < words.heads.size(); ++head) {
    Alignment one = words;
    one.weights = words.heads[head];
    const std::string number = std::to_string(head + 1);
    write("-head-" + number, one, "head " + number);
  }
  std::size_t layer = 0;
  for (const Alignment& self_attention : encoder_to_words(pair)) {
    const std::string number = std::to_string(++layer);
    write("-encoder-" + number, self_attention, "encoder, layer " + number);
  }
  return written;
}

Paths write_svg(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  const Paths pictures = picture_paths(path, pairs);
  for (const fs::path& picture : pictures) check_heatmap_data(picture);
  Paths written;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (const fs::path& file : write_pictures(pictures[i], pairs[i], options.font_size))
      written.push_back(file);
    written.push_back(heatmap_data(pictures[i]));
    write_atomically(written.back(), to_line(words_json(pairs[i])) + "\n");
  }
  return written;
}

Paths write_png(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  const Paths pictures = picture_paths(path, pairs);
  Paths written;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (const fs::path& file : write_pictures(pictures[i], pairs[i], options.font_size))
      written.push_back(file);
  return written;
}

Paths write_html(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  write_atomically(path, heatmap_page(pairs, options.title, options.granularity));
  return {path};
}

Paths write_json(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions& options) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) sentences.push_back(to_json(pair));
  write_atomically(path, to_line({{"title", options.title}, {"sentences", sentences}}) + "\n");
  return {path};
}

void add_weights(const AlignedPair& pair, const Alignment& words, const AttentionWeights& weights,
                 const std::string& head, std::string& out) {
  for (std::size_t j = 0; j < weights.size(); ++j)
    for (std::size_t i = 0; i < weights[j].size(); ++i) {
      for (const std::string& field :
           {std::to_string(pair.line), pair.name, head, std::to_string(j),
            table_field(words.target[j]), std::to_string(i), table_field(words.source[i])})
        out += field + "\t";
      out += format("%.6f\n", weights[j][i]);
    }
}

// Adds the weights of the mean and of each head.
void add_all_weights(const AlignedPair& pair, const Alignment& words, const std::string& layer,
                     std::string& out) {
  add_weights(pair, words, words.weights, layer + "mean", out);
  for (std::size_t head = 0; head < words.heads.size(); ++head)
    add_weights(pair, words, words.heads[head], layer + std::to_string(head + 1), out);
}

// Labels contain no tabs or line breaks, because words are separated by white space, but they may
// contain quotation marks.
Paths write_tsv(const fs::path& path, const Pairs& pairs, const HeatmapFileOptions&) {
  std::string out = "line\tname\thead\ttarget_index\ttarget\tsource_index\tsource\tweight\n";
  for (const AlignedPair& pair : pairs) {
    const Alignment words = to_words(pair);
    add_all_weights(pair, words, "", out);
    if (!words.segment_ends.empty()) {
      const Alignment segments = over_segments(words);
      add_weights(pair, segments, segments.weights, "segments", out);
    }
    std::size_t layer = 0;
    for (const Alignment& self_attention : encoder_to_words(pair))
      add_all_weights(pair, self_attention, "encoder." + std::to_string(++layer) + ".", out);
  }
  write_atomically(path, out);
  return {path};
}

const Registry<Writer>& formats() {
  static const Registry<Writer> table = {
      {".html", "an interactive page with all sentences", write_html},
      {".svg", "a picture per sentence, x-3.svg for line 3, and its numbers in .json", write_svg},
      {".png", "the same pictures as pixels", write_png},
      {".json", "the numbers of all sentences, over words and over subwords", write_json},
      {".tsv", "a table with one line per weight, over words", write_tsv}};
  return table;
}

}  // namespace

std::vector<Choice> heatmap_formats() {
  return formats().choices();
}

void check_heatmap(const fs::path& path) {
  std::string extensions;
  for (const Choice& format : heatmap_formats()) {
    if (path.extension() == format.name) {
      if (format.name == ".png") check_png();
      return check_heatmap_data(path);
    }
    extensions += (extensions.empty() ? "" : ", ") + format.name;
  }
  throw Error(path.string() + ": unknown heatmap format; choose a name that ends in one of " +
              extensions);
}

fs::path heatmap_data(const fs::path& path) {
  return path.extension() == ".svg" ? fs::path(path).replace_extension(".json") : fs::path();
}

void check_heatmap_data(const fs::path& path) {
  const fs::path data = heatmap_data(path);
  if (!data.empty() && fs::exists(data) && !is_heatmap_data(read_file(data)))
    throw Error(
        data.string() +
        ": refusing to overwrite: the file exists and was not written by attn for a heatmap; "
        "choose another name for " +
        path.filename().string());
}

std::vector<fs::path> write_heatmaps(const fs::path& path, const std::vector<AlignedPair>& pairs,
                                     const HeatmapFileOptions& options) {
  check_heatmap(path);
  // A page contains both words and subwords.
  const bool keeps_words =
      path.extension() == ".html" && options.granularity == Granularity::kSubwords;
  Pairs converted;
  for (const AlignedPair& pair : pairs)
    converted.push_back(
        at_granularity(pair, keeps_words ? Granularity::kAuto : options.granularity));
  return formats().at(path.extension())(path, converted, options);
}

}  // namespace attn

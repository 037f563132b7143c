#include "common.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "log.h"
#include "report/heatmap_files.h"
#include "search/forced_decoding.h"
#include "train/run_log.h"

namespace attn {
namespace {

constexpr double kPixelsAPoint = 96. / 72;  // CSS

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code none;
  return fs::equivalent(a, b, none) ||
         fs::absolute(a, none).lexically_normal() == fs::absolute(b, none).lexically_normal();
}

// x.svg and x.json asked for at once: the picture's numbers and all sentences' would be one file.
void check_numbers(const std::vector<fs::path>& heatmaps) {
  for (const fs::path& picture : heatmaps)
    for (const fs::path& other : heatmaps)
      if (!heatmap_data(picture).empty() && same_file(heatmap_data(picture), other))
        throw Error(other.string() + ": --heatmap " + picture.string() +
                    " comes with its numbers in this file; leave out --heatmap " + other.string() +
                    ", or choose another name for one of them");
}

}  // namespace

Trained load_trained(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  for (const char* name : {"config.json", "model.safetensors", "source.spm", "target.spm"})
    if (!fs::exists(folder / name))
      throw Error(folder.string() + ": no model directory (there is no " + name + "); " +
                  (fs::exists(folder / "best") ? "did you mean " + (folder / "best").string() + "?"
                                               : "give one, such as RUN/best"));
  Config config = config_from_json(parse_json(read_file(file), file.string()), file.string());
  Model model = read_model(folder, config.model, config.data.sentence_separator);
  return {folder.string(), std::move(config), std::move(model)};
}

Trained load_best(const fs::path& config_file) {
  const Config config = read_config(config_file, {});
  if (config.train.run_dir.empty())
    throw Error(config_file.string() +
                ": train.run_dir: needed to find the trained model; or give --model DIR");
  const fs::path best = config.train.run_dir / "best";
  if (!fs::exists(best / "config.json"))
    throw Error(best.string() + ": no trained model yet; train it with: attn train --config " +
                config_file.string());
  Trained trained = load_trained(best);
  copy_search_and_test(config, trained.config);
  return trained;
}

void add_set(CLI::App& command, std::vector<std::string>& sets, const std::string& text) {
  command.add_option("--set", sets, text + "; KEY=null takes away what the file gives")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_threads(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Worker threads; 0: one per processor")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 256).description(""));
}

int threads_or_all(int threads) {
  return threads > 0 ? threads : hardware_threads();
}

const char* const kAlignmentRules =
    "A target word is linked to the source word of its largest weight, the earlier one of equals;\n"
    "ends of sentence are no words, and a word that looks at no source word has no link.\n";

void add_heatmap(CLI::App& command, Heatmaps& heatmaps) {
  std::string text = "What the model looked at; may be repeated. The ending says how:";
  for (const Choice& format : heatmap_formats()) text += " " + format.name + " " + format.doc + ";";
  text.back() = '.';
  command.add_option("--heatmap", heatmaps.files, text)->type_name("FILE")->allow_extra_args(false);
  command
      .add_option("--heatmap-font-size", heatmaps.font_size,
                  "Of the labels of .svg and .png, in points (72 an inch), from which all else of "
                  "the picture follows; default 9")
      ->type_name("POINTS")
      ->check(CLI::Range(4.0, 72.0).description(""));
  std::string rows = "What its rows and columns are:";
  std::vector<std::string> names;
  for (const Choice& unit : granularities().choices()) {
    names.push_back(unit.name);
    rows += " " + unit.name + ": " + unit.doc + ";";
  }
  rows.back() = '.';
  command
      .add_option("--heatmap-units", heatmaps.units,
                  rows + " Gold links and links of two models count words: with them auto is words")
      ->type_name("NAME")
      ->check(CLI::IsMember(names));
}

bool wants_color() {
  const char *no = std::getenv("NO_COLOR"), *terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && !(no && *no) &&
         !(terminal && std::string_view(terminal) == "dumb");
}

void check_folder_of(const fs::path& file) {
  const fs::path folder = file.parent_path();
  if (!folder.empty() && !fs::is_directory(folder))
    throw Error(file.string() + ": cannot write: there is no folder " + folder.string() +
                "; make it first");
}

void check_distinct(std::vector<NamedFile> read, const std::vector<NamedFile>& written) {
  for (const NamedFile& file : written) {
    if (file.path.empty() || file.path == "-" || fs::is_character_file(file.path)) continue;
    for (const NamedFile& other : read)
      if (!other.path.empty() && other.path != "-" && same_file(file.path, other.path))
        throw Error(file.path.string() + ": " + file.option + " would overwrite " + other.option +
                    "; name another file");
    read.push_back(file);
  }
}

void add_heatmap_files(const Heatmaps& heatmaps, std::vector<NamedFile>& written) {
  bool has_letters = false;
  check_numbers(heatmaps.files);
  for (const fs::path& path : heatmaps.files) {
    check_heatmap(path);
    check_folder_of(path);
    has_letters |= path.extension() == ".svg" || path.extension() == ".png";
    written.push_back({"--heatmap", path});
    written.push_back({"the numbers behind --heatmap", heatmap_data(path)});
  }
  if (heatmaps.font_size && !has_letters)
    throw CLI::ValidationError("--heatmap-font-size",
                               "is that of pictures; give --heatmap FILE.svg or FILE.png, or leave "
                               "it out");
  if (heatmaps.units && heatmaps.files.empty())
    throw CLI::ValidationError("--heatmap-units",
                               "is that of --heatmap, which is not given; leave it out");
}

void write_all_heatmaps(const Heatmaps& heatmaps, const std::vector<AlignedPair>& pairs,
                        const std::string& title) {
  HeatmapFileOptions options = {title};
  if (heatmaps.units) options.units = granularities().at(*heatmaps.units);
  if (heatmaps.font_size) options.font_size = *heatmaps.font_size * kPixelsAPoint;
  for (const fs::path& heatmap : heatmaps.files) {
    if (pairs.empty()) throw Error(heatmap.string() + ": nothing to draw: there was no sentence");
    for (const fs::path& path : write_heatmaps(heatmap, pairs, options))
      say("wrote " + path.string());
  }
}

void add_index_base(CLI::App& command, int& base, const std::string& what) {
  command.add_option("--index-base", base, "Number of the first word in " + what)
      ->type_name("N")
      ->check(CLI::IsMember({0, 1}))
      ->capture_default_str();
}

void add_diagnostics(CLI::App& command, fs::path& file) {
  command
      .add_option(
          "--diagnostics", file,
          "What the weights of each line tell: their entropy, the part of the source words "
          "that are linked, the part of the links that do not go back, words never looked "
          "at and words said twice of one source word; JSON lines (.jsonl) or a table (.tsv)")
      ->type_name("FILE");
}

DiagnosticsFile::DiagnosticsFile(const fs::path& path)
    : wanted_(!path.empty()), as_table_(path.extension() == ".tsv"), file_(path) {
  if (wanted_ && !as_table_ && path.extension() != ".jsonl")
    throw Error(path.string() +
                ": --diagnostics writes JSON lines or a table: choose a name that "
                "ends in .jsonl or .tsv");
  if (as_table_)
    file_.line("line\tentropy\tcoverage\tmonotonicity\tlargest fertility\tunseen\trepeated");
}

void DiagnosticsFile::add(std::size_t line, const Alignment& words) {
  const Diagnostics& d = all_.emplace_back(diagnose(words));
  if (!wanted_) return;
  Json json = {{"line", line}};
  json.update(to_json(d, words));
  if (!as_table_) return file_.line(to_line(json));
  const auto list = [&](const char* key) {
    std::string out;
    for (const auto& word : json[key]) out += (out.empty() ? "" : " ") + word.get<std::string>();
    return out;
  };
  const int most = d.fertility.empty() ? 0 : *std::ranges::max_element(d.fertility);
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%zu\t%.6f\t%.6f\t%.6f\t%d\t", line, d.entropy,
                d.coverage(), d.monotonicity(), most);
  file_.line(numbers + table_field(list("unseen")) + "\t" + table_field(list("repeated")));
}

std::string summary_text(const DiagnosticsSummary& s) {
  char text[320];
  std::snprintf(
      text, sizeof text,
      "attention entropy     %6.2f  bits; %.1f %% of source words linked, %.2f links a word, "
      "%.1f %% never looked at\n"
      "attention order       %6.2f  %% of links go on; %.1f %% of target words said twice\n",
      s.entropy, 100 * s.coverage, s.fertility, 100 * s.unseen, 100 * s.monotonicity,
      100 * s.repeated);
  return text;
}

void check_lengths(const fs::path& a, std::size_t lines_a, const fs::path& b, std::size_t lines_b) {
  if (lines_a != lines_b)
    throw Error(a.string() + " has " + std::to_string(lines_a) + " lines, " + b.string() + " " +
                std::to_string(lines_b) +
                ": each line must belong to the same line of the other file");
}

GoldLinks gold_links(const std::string& links, int index_base, const fs::path& file,
                     std::size_t line, const std::string& source, const std::string& target) {
  GoldLinks gold = parse_links(links, index_base, file.string(), line);
  check_inside(gold.possible, index_base, split_words(source).size(),  // the sure ones among them
               split_words(target).size(), file.string(), line);
  return gold;
}

std::vector<GoldLinks> read_gold(const fs::path& path, int index_base,
                                 const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets) {
  const auto lines = read_lines(path);
  if (lines.size() != sources.size())
    throw Error(path.string() + " has " + std::to_string(lines.size()) + " lines for a text of " +
                std::to_string(sources.size()) +
                ": it must have the links of one sentence pair a line");
  std::vector<GoldLinks> gold;
  for (std::size_t i = 0; i < lines.size(); ++i)
    gold.push_back(gold_links(lines[i], index_base, path, i + 1, sources[i], targets[i]));
  return gold;
}

Json tokens_json(const std::string& text, std::span<const Tokenizer::Piece> pieces,
                 std::span<const double> log_probs) {
  Json tokens = Json::array();
  for (std::size_t i = 0; i < log_probs.size(); ++i)
    tokens.push_back(
        {{"text", i < pieces.size() ? text.substr(pieces[i].begin, pieces[i].end - pieces[i].begin)
                                    : kEndOfSentence},
         {"log_prob", log_probs[i]}});
  return tokens;
}

std::vector<std::optional<AlignedPair>> forced_pairs(const Trained& trained,
                                                     const std::vector<std::string>& sources,
                                                     const std::vector<std::string>& targets,
                                                     std::size_t first, Pool& pool) {
  const Model& model = trained.model;
  const auto forced = force(model, sources, targets, trained.config.search.batch_size, pool);
  std::vector<std::optional<AlignedPair>> pairs(forced.size());
  for (std::size_t i = 0; i < forced.size(); ++i) {
    const ForcedDecoding& f = forced[i];
    if (f.attention.empty()) continue;
    AlignedPair& pair = pairs[i].emplace(
        aligned_pair(model.source, sources[i], f.source, targets[i], f.target, f.attention));
    pair.line = first + i, pair.name = "reference";
    pair.log_prob = std::accumulate(f.log_probs.begin(), f.log_probs.end(), 0.0);
  }
  return pairs;
}

ProgressLine::ProgressLine(std::string what, std::size_t total, bool wanted)
    : what_(std::move(what)), total_(total), wanted_(wanted), begin_(now()) {}

void ProgressLine::advance(std::size_t n) {
  done_ += n;
  if (!wanted_ || done_ == 0) return;
  const double rate = static_cast<double>(done_) / (now() - begin_);
  char text[128];
  if (total_ == 0)
    std::snprintf(text, sizeof text, "%s %zu  %.0f/s", what_.c_str(), done_, rate);
  else
    std::snprintf(text, sizeof text, "%s %zu of %zu  %.0f/s  %s left", what_.c_str(), done_, total_,
                  rate, clock_text(static_cast<double>(total_ - done_) / rate).c_str());
  line_.show(text);
}

}  // namespace attn

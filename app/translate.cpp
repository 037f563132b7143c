#include "search/translate.h"

#include <fstream>
#include <iostream>

#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "commands.h"
#include "common.h"
#include "eval/heatmap_files.h"

namespace attn {
namespace {

constexpr std::size_t kBlock = 8192;  // lines read before they are translated

const std::vector<std::string> kFree = {"search."};  // options that --set may change

struct Options {
  fs::path config;
  std::vector<fs::path> models;
  std::vector<std::string> sets;
  std::vector<fs::path> heatmaps;
  fs::path input = "-", output = "-", alignments;
  int threads = 0;
};

// Lines to a file that is complete or absent, or to standard output as they come.
class Writer {
 public:
  explicit Writer(fs::path path) : path_(std::move(path)) {
    if (path_ != "-") check_folder_of(path_);
    if (path_.extension() == ".gz")
      throw Error(path_.string() + ": is written as plain text; choose a name without .gz");
  }
  void line(const std::string& text) {
    if (path_ == "-")
      std::cout << text << '\n';
    else
      kept_ += text, kept_ += '\n';
  }
  void flush() {
    if (path_ == "-" && !std::cout.flush())
      throw Error("standard output: can't be written; is the disk full?");
  }
  void finish() {
    if (path_ == "-") {
      flush();
    } else if (!path_.empty()) {
      write_atomically(path_, kept_);
    }
  }

 private:
  fs::path path_;
  std::string kept_;
};

std::string n_best_line(std::size_t line, const Translation& t) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " ||| %.6f ||| %.6f", t.log_prob, t.score);
  return std::to_string(line) + " ||| " + t.text + numbers;
}

class Translator {
 public:
  Translator(const Options& options, const std::vector<Trained>& trained,
             const SearchConfig& search)
      : options_(options),
        search_(search),
        pool_(threads_or_all(options.threads)),
        text_(options.output),
        alignments_(options.alignments),
        as_json_(options.alignments.extension() == ".jsonl") {
    for (const auto& one : trained) {
      models_.push_back(&one.model);
      title_ += (title_.empty() ? "" : " + ") + one.name;
    }
    if (options.input != "-") title_ += " on " + options.input.string();
  }

  void run() {
    // Who types is answered line by line.
    const bool typed = options_.input == "-" && isatty(STDIN_FILENO) == 1;
    const bool read = options_.output == "-" && isatty(STDOUT_FILENO) == 1;
    const std::size_t most = typed ? 1 : kBlock;
    const bool counted = fs::is_regular_file(options_.input);
    ProgressLine progress("translated", counted ? count_lines(options_.input) : 0, !typed && !read);
    LineReader reader(options_.input);
    std::vector<std::string> block;
    std::string line;
    bool more = true;
    while (more) {
      block.clear();
      while (block.size() < most && (more = reader.next(line))) block.push_back(line);
      translate_block(block, progress);
      text_.flush();
    }
    text_.finish();
    alignments_.finish();
    write_all_heatmaps(options_.heatmaps, pairs_, title_);
  }

 private:
  bool wants_alignments() const {
    return !options_.alignments.empty() || !options_.heatmaps.empty();
  }

  void translate_block(const std::vector<std::string>& block, ProgressLine& progress) {
    const auto out =
        translate(models_, block, search_, pool_, [&](std::size_t n) { progress.advance(n); });
    for (std::size_t i = 0; i < block.size(); ++i)
      for (std::size_t rank = 0; rank < out[i].translations.size(); ++rank) {
        const Translation& t = out[i].translations[rank];
        text_.line(search_.n_best > 1 ? n_best_line(done_ + i, t) : t.text);
        if (wants_alignments()) align(done_ + i, block[i], out[i].source, t, rank);
      }
    done_ += block.size();
  }

  void align(std::size_t line, const std::string& text, const std::vector<Tokenizer::Piece>& source,
             const Translation& t, std::size_t rank) {
    AlignedPair pair;
    if (!source.empty())
      pair = aligned_pair(models_[0]->source, text, source, t.text, t.target, t.attention);
    pair.line = line, pair.log_prob = t.log_prob;
    if (!options_.alignments.empty())
      alignments_.line(alignment_line(
          line, source.empty() ? Alignment{{}, {}, {}, false, false} : words_of(pair)));
    if (!options_.heatmaps.empty() && rank == 0 && !source.empty())
      pairs_.push_back(std::move(pair));
  }

  // Of several translations of a line, each line of text and of alignments begins with its number.
  std::string alignment_line(std::size_t line, const Alignment& words) const {
    const auto links = hard_links(words);
    if (as_json_) return to_json_line(words, links, line);
    return (search_.n_best > 1 ? std::to_string(line) + " ||| " : "") + format_links(links, 0);
  }

  const Options& options_;
  SearchConfig search_;
  Pool pool_;
  std::vector<const Model*> models_;
  Writer text_, alignments_;
  bool as_json_;
  std::size_t done_ = 0;
  std::vector<AlignedPair> pairs_;
  std::string title_;
};

int run(const Options& options) {
  if (options.models.empty() == options.config.empty())
    throw CLI::ValidationError(
        "attn translate", "give either --model DIR (several make an ensemble) or --config FILE");
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--alignments", options.alignments}};
  add_heatmap_files(options.heatmaps, written);
  check_distinct({{"--config", options.config}, {"--input", options.input}}, written);
  std::vector<Trained> trained;
  std::vector<const Model*> models;
  std::vector<std::string> names;
  if (!options.config.empty()) trained.push_back(load_best(options.config));
  for (const auto& folder : options.models) trained.push_back(load_trained(folder));
  for (const auto& one : trained) models.push_back(&one.model), names.push_back(one.name);
  check_ensemble(models, names);

  Config config = trained[0].config;
  override_trained(config, options.sets, kFree);
  const bool looks =
      std::any_of(models.begin(), models.end(), [](auto* m) { return m->network.has_alignment(); });
  if (!looks && !(options.alignments.empty() && options.heatmaps.empty()))
    throw Error(
        names[0] +
        ": this model has no attention (model.attention.score \"none\"), so there is no alignment "
        "to write; leave out --alignments and --heatmap");
  Translator(options, trained, config.search).run();
  return 0;
}

}  // namespace

void add_translate(CLI::App& app, Command& command) {
  auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("translate", "Translate lines of text");
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    sub->add_option(name, path, text)->type_name("FILE");
  };
  sub->add_option("--model", options->models,
                  "Model directory, e.g. RUN/best; repeated: an ensemble")
      ->type_name("DIR")
      ->allow_extra_args(false);
  file("--config", options->config, "Config of a run: its best model");
  file("--input", options->input,
       "Text to translate, plain or .gz; -, the default: standard input");
  file("--output", options->output,
       "Where translations go, a line for each line; -, the default: standard output");
  file("--alignments", options->alignments,
       "Word alignments: JSON lines with the weights if the name ends in .jsonl, else lines of i-j "
       "from 0");
  add_heatmap(*sub, options->heatmaps);
  add_set(*sub, options->sets,
          "Laid over the model's config, e.g. search.beam_size=12; may be repeated");
  add_threads(*sub, options->threads);
  sub->footer(
      "Examples:\n"
      "  echo 'a sentence' | attn translate --config configs/quickstart.json --heatmap page.html\n"
      "  attn translate --model A/best --model B/best --input in.en --output out.fr\n"
      "  attn translate --model RUN/best --set search.n_best=5   lines of: number ||| translation "
      "|||\n      log-probability ||| score");
  sub->callback([&command, options] { command = [options] { return run(*options); }; });
}

}  // namespace attn

#include "search/translate.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include <sys/ioctl.h>
#include <unistd.h>

#include "alignment/granularity.h"
#include "base/error.h"
#include "commands.h"
#include "common.h"
#include "line_writer.h"
#include "log.h"
#include "math/gemm/product.h"
#include "report/terminal.h"
#include "request_reader.h"

namespace attn {
namespace {

constexpr std::size_t kLinesAtOnce = 8192;  // lines read before they are translated

const std::vector<std::string> kFree = {"search."};  // options that --set may change

struct TranslateOptions {
  fs::path config;
  std::vector<fs::path> models;
  std::vector<std::string> sets;
  Heatmaps heatmaps;
  fs::path input = "-", output = "-", prefix, alignments;
  bool json_lines = false;
  int threads = 0;
};

std::string n_best_line(std::size_t line, const Translation& t) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " ||| %.6f ||| %.6f", t.log_prob, t.score);
  return std::to_string(line) + " ||| " + t.text + numbers;
}

class Translator {
 public:
  Translator(const TranslateOptions& options, const std::vector<Trained>& trained,
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
    looks_ = std::ranges::any_of(models_, [](auto* m) { return m->network.has_alignment(); });
    if (options.input != "-") title_ += " on " + options.input.string();
  }

  bool looks() const { return looks_; }

  void run() {
    // Who types is answered line by line, and shown what the model looked at.
    const bool typed = options_.input == "-" && isatty(STDIN_FILENO) == 1;
    const bool read = options_.output == "-" && isatty(STDOUT_FILENO) == 1;
    talks_ = typed && read && !options_.json_lines;
    const bool counted = fs::is_regular_file(options_.input);
    ProgressLine progress("translated", counted ? count_lines(options_.input) : 0, !typed && !read);
    RequestReader reader(options_.input, options_.prefix, options_.json_lines);
    Requests requests;
    greet();
    const FixedWeights fixed;  // for all blocks: kept forms of weights are made once
    while (reader.next(typed ? 1 : kLinesAtOnce, requests)) {
      translate_block(requests, progress);
      text_.flush();
      ask();
    }
    progress.clear();
    if (asks()) std::cerr << '\n';
    text_.finish();
    alignments_.finish();
    write_all_heatmaps(options_.heatmaps, pairs_, title_);
  }

 private:
  void greet() const {
    if (talks_) say(title_ + ": type a line to translate it; Ctrl-D ends");
    ask();
  }
  void ask() const {
    if (asks()) std::cerr << "> " << std::flush;
  }
  // A prompt is no line of a log, and no news.
  bool asks() const { return talks_ && status_lines_enabled(); }

  void translate_block(const Requests& requests, ProgressLine& progress) {
    const auto out = translate(models_, {requests.texts, requests.prefixes, done_}, search_, pool_,
                               [&](std::size_t n) { progress.advance(n); });
    for (std::size_t i = 0; i < out.size(); ++i) answer(requests, i, out[i]);
    done_ += out.size();
  }

  // All translations of line i, and what the best one looked at.
  void answer(const Requests& requests, std::size_t i, const TranslatedLine& found) {
    Json all = Json::array();
    std::optional<AlignedPair> best;
    for (std::size_t rank = 0; rank < found.translations.size(); ++rank) {
      const Translation& t = found.translations[rank];
      auto pair = pair_of(requests.texts[i], found, t);
      if (options_.json_lines)
        all.push_back(translation_json(found, t, pair));
      else
        text_.line(search_.n_best > 1 ? n_best_line(done_ + i, t) : t.text);
      if (!options_.alignments.empty()) write_alignment(done_ + i, pair);
      if (rank == 0) best = std::move(pair);
    }
    if (best && talks_) draw(*best);
    if (best && !options_.heatmaps.empty()) keep(std::move(*best), found, done_ + i);
    if (options_.json_lines) text_.line(answer_line(requests.objects[i], std::move(all)));
  }

  // What was asked, the best translation, and all where several are wanted.
  std::string answer_line(Json object, Json all) const {
    object.update(all[0]);
    if (search_.n_best > 1) object["n_best"] = std::move(all);
    return to_line(object);
  }

  // Of an empty line nothing was asked of the model: there are no numbers and no links.
  Json translation_json(const TranslatedLine& found, const Translation& t,
                        const std::optional<AlignedPair>& pair) const {
    Json json = {{"translation", t.text}, {"log_prob", nullptr}, {"score", nullptr}};
    if (!found.source.empty()) json["log_prob"] = t.log_prob, json["score"] = t.score;
    json["tokens"] = tokens_json(t.text, t.target, t.log_probs);
    if (looks_) json["links"] = pair ? to_json(hard_links(words_of(*pair))) : Json::array();
    return json;
  }

  // None of an empty line, nor without attention.
  std::optional<AlignedPair> pair_of(const std::string& text, const TranslatedLine& found,
                                     const Translation& t) const {
    if (!looks_ || found.source.empty() || !wants_alignments()) return std::nullopt;
    AlignedPair pair =
        aligned_pair(models_[0]->source, text, found.source, t.text, t.target, t.attention);
    pair.log_prob = t.log_prob;
    return pair;
  }
  bool wants_alignments() const {
    return talks_ || options_.json_lines || !options_.alignments.empty() ||
           !options_.heatmaps.empty();
  }

  void draw(const AlignedPair& pair) const {
    winsize window{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    std::cout << terminal_heatmap(words_of(at_granularity(pair, Granularity::kAuto)),
                                  known ? window.ws_col : 80, wants_color());
  }

  void keep(AlignedPair pair, const TranslatedLine& found, std::size_t line) {
    pair.line = line;
    if (models_.size() == 1) add_encoder_attention(*models_[0], found.source, pair);
    pairs_.push_back(std::move(pair));
  }

  // Of several translations of a line, each line of text and of alignments begins with its number.
  void write_alignment(std::size_t line, const std::optional<AlignedPair>& pair) {
    const Alignment words = pair ? words_of(*pair) : Alignment{{}, {}, {}, false, false};
    const auto links = hard_links(words);
    alignments_.line(as_json_ ? to_json_line(words, links, line)
                              : (search_.n_best > 1 ? std::to_string(line) + " ||| " : "") +
                                    format_links(links, 0));
  }

  const TranslateOptions& options_;
  SearchConfig search_;
  Pool pool_;
  std::vector<const Model*> models_;
  LineWriter text_, alignments_;
  bool as_json_, looks_ = false, talks_ = false;
  std::size_t done_ = 0;
  std::vector<AlignedPair> pairs_;
  std::string title_;
};

int run_translate(const TranslateOptions& options) {
  if (options.models.empty() == options.config.empty())
    throw CLI::ValidationError(
        "attn translate", "give either --model DIR (several make an ensemble) or --config FILE");
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--alignments", options.alignments}};
  add_heatmap_files(options.heatmaps, written);
  if (options.json_lines && !options.prefix.empty())
    throw CLI::ValidationError("attn translate",
                               "with --json-lines an object has its own \"prefix\"; leave out "
                               "--prefix");
  check_distinct(
      {{"--config", options.config}, {"--input", options.input}, {"--prefix", options.prefix}},
      written);
  std::vector<Trained> trained;
  std::vector<const Model*> models;
  std::vector<std::string> names;
  if (!options.config.empty()) trained.push_back(load_best(options.config));
  for (const auto& folder : options.models) trained.push_back(load_trained(folder));
  for (const auto& one : trained) models.push_back(&one.model), names.push_back(one.name);
  check_ensemble(models, names);

  Config config = trained[0].config;
  override_trained(config, options.sets, kFree);
  Translator translator(options, trained, config.search);
  if (!translator.looks() && !(options.alignments.empty() && options.heatmaps.empty()))
    throw Error(
        names[0] +
        ": this model has no attention (model.attention.score \"none\"), so there is no alignment "
        "to write; leave out --alignments and --heatmap");
  translator.run();
  return 0;
}

}  // namespace

void add_translate(CLI::App& app, Command& command) {
  auto options = std::make_shared<TranslateOptions>();
  CLI::App* sub = app.add_subcommand("translate", "Translate lines of text");
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    sub->add_option(name, path, text)->type_name("FILE")->default_str(path.string());
  };
  sub->option_defaults()->group("Model");
  sub->add_option("--model", options->models,
                  "Model directory, e.g. RUN/best; repeated: an ensemble")
      ->type_name("DIR")
      ->allow_extra_args(false);
  file("--config", options->config, "Config of a run: its best model");
  add_set(*sub, options->sets,
          "StridedMatrix over the model's config, e.g. search.beam_size=12; may be repeated");
  sub->option_defaults()->group("Text");
  file("--input", options->input,
       "Text to translate, plain or .gz; -: standard input. What is not typed is answered when it "
       "ends, or 8192 lines at a time");
  file("--output", options->output,
       "Where translations go, a line for each line; -: standard output");
  file("--prefix", options->prefix,
       "What each translation begins with: a line for each line, empty for nothing");
  sub->add_flag(
      "--json-lines", options->json_lines,
      "An object a line in, {\"source\": …}, with \"prefix\" and whatever else it has; the "
      "same out with \"translation\", \"log_prob\", \"score\", the \"tokens\" with theirs, "
      "\"links\" and \"n_best\"");
  file("--alignments", options->alignments,
       "Word alignments: JSON lines with the weights if the name ends in .jsonl, else lines of i-j "
       "from 0");
  add_heatmap(*sub, options->heatmaps);
  sub->option_defaults()->group("Machine");
  add_threads(*sub, options->threads);
  sub->footer(
      "Examples:\n"
      "  echo 'a sentence' | attn translate --config configs/quickstart.json --heatmap page.html\n"
      "  attn translate --model A/best --model B/best --input in.en --output out.fr\n"
      "  attn translate --model RUN/best --set search.n_best=5   lines of: number ||| translation "
      "|||\n      log-probability ||| score\n"
      "  attn translate --model RUN/best --set search.method=sample --set search.top_p=0.9\n"
      "  attn translate --model RUN/best   asks for lines, and draws what the model looked at:\n"
      "      a weight of " +
      shade_key() + " or more; in color the largest of a row");
  sub->callback([&command, options] { command = [options] { return run_translate(*options); }; });
}

}  // namespace attn

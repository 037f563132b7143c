// attn translate: translates lines of text or JSON lines, and shows a prompt on a terminal.
#include "search/translate.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include <sys/ioctl.h>
#include <unistd.h>

#include "alignment/granularity.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/strings.h"
#include "commands.h"
#include "exit_code.h"
#include "file_checks.h"
#include "forced_pairs.h"
#include "heatmap_options.h"
#include "line_writer.h"
#include "log.h"
#include "model_options.h"
#include "option_builder.h"
#include "progress_line.h"
#include "report/terminal.h"
#include "request_reader.h"
#include "search/attention_export.h"

namespace attn {
namespace {

constexpr std::size_t kLinesPerBlock = 8192;  // read and translated together

struct TranslateOptions {
  fs::path config;
  std::vector<fs::path> models;
  std::vector<std::string> settings;
  HeatmapArguments heatmaps;
  fs::path input = "-", output = "-", prefix, alignments;
  bool json_lines = false;
  int threads = 0;
};

std::string n_best_line(std::size_t line, const Translation& t) {
  return std::to_string(line) + " ||| " + t.text +
         format(" ||| %.6f ||| %.6f", t.log_prob, t.score);
}

class TranslateCommand {
 public:
  TranslateCommand(const TranslateOptions& options, const std::vector<TrainedModel>& trained,
                   const SearchConfig& search)
      : options_(options),
        search_(search),
        pool_(worker_threads(options.threads)),
        models_(pointers_to(trained)),
        weights_(models_[0]->weights),
        translator_(models_, search, pool_),
        text_(options.output),
        alignments_(options.alignments),
        alignments_as_json_(options.alignments.extension() == ".jsonl") {
    for (const auto& model : trained) title_ += (title_.empty() ? "" : " + ") + model.name;
    has_attention_ =
        std::ranges::any_of(models_, [](auto* m) { return m->network.has_alignment(); });
    if (options.input != "-") title_ += " on " + options.input.string();
  }

  bool has_attention() const { return has_attention_; }

  void run() {
    const bool typed = options_.input == "-" && isatty(STDIN_FILENO) == 1;
    const bool on_terminal = options_.output == "-" && isatty(STDOUT_FILENO) == 1;
    interactive_ = typed && on_terminal && !options_.json_lines;
    const bool is_file = fs::is_regular_file(options_.input);
    ProgressLine progress("translated", is_file ? count_lines(options_.input) : 0,
                          !typed && !on_terminal);
    RequestReader reader(options_.input, options_.prefix, options_.json_lines);
    Requests requests;
    if (interactive_) log_info(title_ + ": type a line to translate it; Ctrl-D quits");
    prompt();
    while (reader.next(typed ? 1 : kLinesPerBlock, requests)) {
      translate_block(requests, progress);
      text_.flush();
      prompt();
    }
    progress.clear();
    if (has_prompt()) std::cerr << '\n';
    text_.finish();
    alignments_.finish();
    write_all_heatmaps(options_.heatmaps, pairs_, title_);
  }

 private:
  // The prompt is not a message, so it is not written to the log.
  bool has_prompt() const { return interactive_ && status_lines_enabled(); }
  void prompt() const {
    if (has_prompt()) std::cerr << "> " << std::flush;
  }

  void translate_block(const Requests& requests, ProgressLine& progress) {
    const auto out = translator_.translate({requests.texts, requests.prefixes, done_},
                                           [&](std::size_t n) { progress.advance(n); });
    for (std::size_t i = 0; i < out.size(); ++i) write_translations(requests, i, out[i]);
    done_ += out.size();
  }

  // Writes all translations of line i, their alignments, and the attention of the best one.
  void write_translations(const Requests& requests, std::size_t i, const TranslatedLine& found) {
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
    if (best && interactive_) draw(*best);
    if (best && !options_.heatmaps.empty()) add_to_heatmaps(std::move(*best), found, done_ + i);
    if (options_.json_lines) text_.line(response(requests.objects[i], std::move(all)));
  }

  // Returns the JSON object of the request with the fields of the best translation added and, if
  // search.n_best is above 1, all translations as "n_best".
  std::string response(Json object, Json all) const {
    object.update(all[0]);
    if (search_.n_best > 1) object["n_best"] = std::move(all);
    return to_line(object);
  }

  // An empty line is not translated, so it has no log-probability, no score and no links.
  Json translation_json(const TranslatedLine& found, const Translation& t,
                        const std::optional<AlignedPair>& pair) const {
    Json json = {{"translation", t.text}, {"log_prob", nullptr}, {"score", nullptr}};
    if (!found.source.empty()) json["log_prob"] = t.log_prob, json["score"] = t.score;
    json["tokens"] = tokens_json(t.text, t.target, t.log_probs);
    if (has_attention_) json["links"] = pair ? to_json(hard_links(to_words(*pair))) : Json::array();
    return json;
  }

  // Returns nothing if the line is empty, the models have no attention, or no output needs it.
  std::optional<AlignedPair> pair_of(const std::string& text, const TranslatedLine& found,
                                     const Translation& t) const {
    if (!has_attention_ || found.source.empty() || !wants_alignments()) return std::nullopt;
    AlignedPair pair =
        aligned_pair(models_[0]->source, text, found.source, t.text, t.target, t.attention);
    pair.log_prob = t.log_prob;
    return pair;
  }
  bool wants_alignments() const {
    return interactive_ || options_.json_lines || !options_.alignments.empty() ||
           !options_.heatmaps.empty();
  }

  void draw(const AlignedPair& pair) const {
    winsize window{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    std::cout << terminal_heatmap(to_words(at_granularity(pair, Granularity::kAuto)),
                                  known ? window.ws_col : 80,
                                  isatty(STDOUT_FILENO) == 1 && allows_colors());
  }

  void add_to_heatmaps(AlignedPair pair, const TranslatedLine& found, std::size_t line) {
    pair.line = line;
    if (models_.size() == 1) add_encoder_attention(*models_[0], weights_, found.source, pair);
    pairs_.push_back(std::move(pair));
  }

  // In n-best lists, each alignment begins with the number of its source line.
  void write_alignment(std::size_t line, const std::optional<AlignedPair>& pair) {
    const Alignment words = words_or_empty(pair);
    const auto links = hard_links(words);
    alignments_.line(alignments_as_json_
                         ? to_json_line(words, links, line)
                         : (search_.n_best > 1 ? std::to_string(line) + " ||| " : "") +
                               format_links(links, 0));
  }

  const TranslateOptions& options_;
  SearchConfig search_;
  Pool pool_;
  std::vector<const Model*> models_;
  Weights weights_;  // of the first model, for the attention of its encoder
  Translator translator_;
  LineWriter text_, alignments_;
  bool alignments_as_json_, has_attention_ = false, interactive_ = false;
  std::size_t done_ = 0;
  std::vector<AlignedPair> pairs_;
  std::string title_;
};

void check_translate_options(const TranslateOptions& options) {
  if (options.models.empty() == options.config.empty())
    usage_error("translate",
                "give either --model DIR (repeat it for an ensemble) or --config FILE");
  if (options.json_lines && !options.prefix.empty())
    usage_error("translate",
                "with --json-lines, each object has its own \"prefix\"; leave out --prefix");
  check_heatmap_usage(options.heatmaps);
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--alignments", options.alignments}};
  add_heatmap_files(options.heatmaps, written);
  check_distinct(
      {{"--config", options.config}, {"--input", options.input}, {"--prefix", options.prefix}},
      written);
}

int run_translate(const TranslateOptions& options) {
  check_translate_options(options);
  std::vector<TrainedModel> trained;
  if (options.config.empty())
    trained = load_ensemble(options.models);
  else
    trained.push_back(load_best_model(options.config));
  Config config = trained[0].config;
  override_trained(config, options.settings, {"search."});
  TranslateCommand command(options, trained, config.search);
  if (!command.has_attention() && !(options.alignments.empty() && options.heatmaps.empty()))
    throw Error(trained[0].name +
                ": this model has no attention (model.attention.score \"none\"), so there are no "
                "alignments; leave out --alignments and --heatmap");
  command.run();
  return kSuccess;
}

void add_translate_input(OptionBuilder& add, TranslateOptions& options) {
  add.group("Model");
  add.directories("--model", options.models,
                  "Model directory, e.g. RUN/best; repeated: an ensemble");
  add.file("--config", options.config, "Use the best model of this configuration's run instead");
  add.set(options.settings, "Override an option of search, e.g. search.n_best=5");
  add.group("Input");
  add.file("--input", options.input, "Text to translate, plain or .gz; -: stdin");
  add.file("--prefix", options.prefix,
           "Beginning of each translation, line by line; an empty line sets none");
  add.flag("--json-lines", options.json_lines,
           "Read and write JSON lines with \"source\", \"prefix\", \"translation\", …");
}

}  // namespace

void add_translate(CLI::App& app, Command& command) {
  auto options = std::make_shared<TranslateOptions>();
  CLI::App* sub = app.add_subcommand("translate", "Translate lines of text");
  OptionBuilder add(*sub);
  add_translate_input(add, *options);
  add.group("Output");
  add.text_output("--output", options->output, "Translations, line by line; -: stdout");
  add.text_output("--alignments", options->alignments,
                  "Alignments: i-j lines, or JSON lines with weights (.jsonl)");
  add_heatmap_options(*sub, options->heatmaps);
  add.group("Performance");
  add.threads(options->threads);
  sub->footer(
      "At a terminal, translate prompts for lines and draws the attention weights. Symbols and "
      "their\n"
      "smallest weights: " +
      shade_key() +
      ".\nSee app/README.md for alignments, heatmaps, n-best lists and JSON lines.\n\n"
      "Examples:\n"
      "  attn translate --model RUN/best\n"
      "  attn translate --model RUN/best --set search.n_best=5 < in.en\n"
      "  attn translate --model A/best --model B/best --input in.en --output out.fr\n"
      "  echo 'a sentence' | attn translate --config configs/quickstart.json --heatmap page.html\n"
      "  attn translate --model RUN/best --set search.method=sample --set search.top_p=0.9");
  set_action(*sub, command, options, run_translate);
}

}  // namespace attn

#include <iostream>
#include <optional>
#include <sstream>

#include <unistd.h>

#include "alignment/aer.h"
#include "alignment/symmetrize.h"
#include "base/error.h"
#include "commands.h"
#include "common.h"
#include "line_writer.h"
#include "log.h"
#include "pair_reader.h"

namespace attn {
namespace {

constexpr std::size_t kPairsAtOnce = 8192;  // pairs read before they are aligned

struct AlignOptions {
  fs::path model, reverse, source, target, gold, output = "-", diagnostics;
  Heatmaps heatmaps;
  std::string combine = "grow-diag-final-and";
  int index_base = 0, threads = 0;
};

std::vector<Link> turned(std::vector<Link> links) {
  for (Link& link : links) std::swap(link.source, link.target);
  sort_unique(links);
  return links;
}

class Aligner {
 public:
  Aligner(const AlignOptions& options, const Trained& forward, const Trained* backward)
      : options_(options),
        forward_(forward),
        backward_(backward),
        pool_(threads_or_all(options.threads)),
        output_(options.output),
        diagnostics_(options.diagnostics),
        as_json_(options.output.extension() == ".jsonl") {}

  void run() {
    const bool counted = fs::is_regular_file(options_.source);
    const bool read = options_.output == "-" && isatty(STDOUT_FILENO) == 1;
    ProgressLine progress("aligned", counted ? count_lines(options_.source) : 0, !read);
    PairReader reader(options_.source, options_.target);
    std::optional<LineReader> gold;
    if (!options_.gold.empty()) gold.emplace(options_.gold);
    std::vector<std::string> sources, targets;
    while (reader.next(kPairsAtOnce, sources, targets)) {
      align(sources, targets, gold);
      output_.flush();
      progress.advance(sources.size());
    }
    if (std::string line; gold && gold->next(line))
      throw Error(options_.gold.string() + " goes on after line " + std::to_string(done_) +
                  ", the text does not");
    progress.clear();
    finish();
  }

 private:
  void finish() {
    output_.finish();
    diagnostics_.finish();
    if (!options_.gold.empty()) {
      const AlignmentScore score = alignment_score(counts_);
      char text[128];
      std::snprintf(text, sizeof text, "alignment error rate %.4f  precision %.4f, recall %.4f\n",
                    score.error_rate, score.precision, score.recall);
      tell(text);
    }
    if (!options_.diagnostics.empty()) tell(summary_text(diagnostics_.summary()));
    write_all_heatmaps(options_.heatmaps, pairs_, title());
  }

  // Lines of results, where the links are not: on standard error they are news.
  void tell(const std::string& lines) const {
    if (options_.output != "-") {
      std::cout << lines;
      return;
    }
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) say(line);
  }

  std::string title() const {
    return forward_.name + (backward_ ? " and " + backward_->name : "") + " on " +
           options_.source.string() + ", " + options_.target.string();
  }

  void align(const std::vector<std::string>& sources, const std::vector<std::string>& targets,
             std::optional<LineReader>& gold) {
    auto pairs = forced_pairs(forward_, sources, targets, done_, pool_);
    std::vector<std::optional<AlignedPair>> back(pairs.size());
    if (backward_) back = forced_pairs(*backward_, targets, sources, done_, pool_);
    for (std::size_t i = 0; i < pairs.size(); ++i, ++done_) {
      const Alignment words = pairs[i] ? words_of(*pairs[i]) : Alignment{{}, {}, {}, false, false};
      const auto links = links_of(words, back[i]);
      write(words, links, back[i]);
      if (pairs[i] && backward_) pairs[i]->combined = links;
      if (gold) compare(links, read_gold_line(*gold, sources[i], targets[i]), pairs[i]);
      if (pairs[i] && !options_.heatmaps.empty()) keep(std::move(*pairs[i]), sources[i]);
    }
  }

  void keep(AlignedPair pair, const std::string& source) {
    const Model& model = forward_.model;
    add_encoder_attention(model, model.source.encode_with_offsets(source), pair);
    pairs_.push_back(std::move(pair));
  }

  std::vector<Link> links_of(const Alignment& words, const std::optional<AlignedPair>& back) const {
    auto links = hard_links(words);
    if (!backward_) return links;
    return symmetrizations().at(options_.combine)(
        links, back ? turned(hard_links(words_of(*back))) : std::vector<Link>());
  }

  void write(const Alignment& words, const std::vector<Link>& links,
             const std::optional<AlignedPair>& back) {
    if (!options_.diagnostics.empty()) diagnostics_.add(done_, words);
    if (!as_json_) return output_.line(format_links(links, options_.index_base));
    Json json = {{"line", done_}};
    json.update(to_json(words, links));
    if (back) json["reverse_weights"] = to_json(words_of(*back).weights);
    output_.line(to_line(json));
  }

  GoldLinks read_gold_line(LineReader& gold, const std::string& source,
                           const std::string& target) const {
    std::string line;
    if (!gold.next(line))
      throw Error(options_.gold.string() + " ends after line " + std::to_string(done_) +
                  ": it must have the links of one sentence pair a line");
    return gold_links(line, options_.index_base, options_.gold, gold.line_number(), source, target);
  }

  void compare(const std::vector<Link>& links, const GoldLinks& gold,
               std::optional<AlignedPair>& pair) {
    counts_ += alignment_counts(links, gold);
    if (pair) pair->gold = gold;
  }

  const AlignOptions& options_;
  const Trained& forward_;
  const Trained* backward_;
  Pool pool_;
  LineWriter output_;
  DiagnosticsFile diagnostics_;
  bool as_json_;
  std::size_t done_ = 0;
  AlignmentCounts counts_;
  std::vector<AlignedPair> pairs_;
};

void check_looks(const Trained& trained) {
  if (!trained.model.network.has_alignment())
    throw Error(trained.name +
                ": this model has no attention (model.attention.score \"none\"), so it aligns "
                "nothing; give another");
}

int run_align(const AlignOptions& options, bool combines) {
  if (options.index_base != 0 && options.output.extension() == ".jsonl" && options.gold.empty())
    throw CLI::ValidationError(
        "attn align",
        "JSON lines count words from 0, and there are no gold links; leave out "
        "--index-base");
  if (combines && options.reverse.empty())
    throw CLI::ValidationError("attn align",
                               "--combine needs --reverse-model: there is one "
                               "direction alone");
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--diagnostics", options.diagnostics}};
  add_heatmap_files(options.heatmaps, written);
  check_distinct({{"--source", options.source},
                  {"--target", options.target},
                  {"--gold-alignment", options.gold}},
                 written);
  const Trained forward = load_trained(options.model);
  check_looks(forward);
  std::optional<Trained> backward;
  if (!options.reverse.empty()) check_looks(backward.emplace(load_trained(options.reverse)));
  Aligner(options, forward, backward ? &*backward : nullptr).run();
  return 0;
}

}  // namespace

void add_align(CLI::App& app, Command& command) {
  auto options = std::make_shared<AlignOptions>();
  CLI::App* sub = app.add_subcommand(
      "align",
      "Align the words of given translations: what the model looks at when it is forced to "
      "say them");
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    return sub->add_option(name, path, text)->type_name("FILE")->default_str(path.string());
  };
  sub->option_defaults()->group("What is aligned");
  sub->add_option("--model", options->model, "Model directory, e.g. RUN/best")
      ->type_name("DIR")
      ->required();
  file("--source", options->source, "Text, plain or .gz")->required();
  file("--target", options->target, "Its translation, a line for each line")->required();
  sub->add_option("--reverse-model", options->reverse,
                  "A model of the other direction, from target to source: the links of both are "
                  "combined")
      ->type_name("DIR");
  std::vector<std::string> names;
  std::string ways = "How two directions are combined:";
  for (const Choice& way : symmetrizations().choices()) {
    names.push_back(way.name);
    ways += " " + way.name + ": " + way.doc + ";";
  }
  ways.back() = '.';
  CLI::Option* combine = sub->add_option("--combine", options->combine, ways)
                             ->type_name("NAME")
                             ->check(CLI::IsMember(names))
                             ->capture_default_str();
  sub->option_defaults()->group("What is told");
  file(
      "--output", options->output,
      "Where the links go: with the weights of all words as JSON lines if the name ends in .jsonl, "
      "else lines of i-j; -: standard output");
  file("--gold-alignment", options->gold,
       "Gold links, i-j (sure) and i?j (possible): the error rate is told on standard "
       "error, or on standard output where the links go to a file");
  add_index_base(*sub, options->index_base, "links");
  add_diagnostics(*sub, options->diagnostics);
  add_heatmap(*sub, options->heatmaps);
  sub->option_defaults()->group("Machine");
  add_threads(*sub, options->threads);
  sub->footer(
      std::string(kAlignmentRules) +
      "Examples:\n"
      "  attn align --model RUN/best --source test.en --target test.fr > test.align\n"
      "  attn align --model EN-FR/best --reverse-model FR-EN/best --source test.en --target "
      "test.fr "
      "\\\n    --combine intersection --output test.jsonl --heatmap page.html");
  sub->callback([&command, options, combine] {
    command = [options, combine] { return run_align(*options, combine->count() > 0); };
  });
}

}  // namespace attn

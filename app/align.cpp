// attn align: word alignments of given translations.
#include <iostream>
#include <optional>
#include <sstream>

#include <unistd.h>

#include "alignment/aer.h"
#include "alignment/symmetrize.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/strings.h"
#include "commands.h"
#include "diagnostics_file.h"
#include "exit_code.h"
#include "file_checks.h"
#include "gold_alignment.h"
#include "heatmap_options.h"
#include "line_writer.h"
#include "log.h"
#include "model_options.h"
#include "mpi/processes.h"
#include "option_builder.h"
#include "pair_reader.h"
#include "progress_line.h"
#include "search/attention_export.h"
#include "service/forced_pairs.h"

namespace attn {
namespace {

struct AlignOptions {
  fs::path model, reverse, source, target, gold, output = "-", diagnostics;
  HeatmapArguments heatmaps;
  std::string symmetrize = "grow-diag-final-and";
  bool symmetrize_given = false;
  int index_base = 0, threads = 0;
  Part part;
};

std::vector<Link> reversed(std::vector<Link> links) {
  for (Link& link : links) std::swap(link.source, link.target);
  sort_unique(links);
  return links;
}

class Aligner {
 public:
  Aligner(const AlignOptions& options, const TrainedModel& forward, const TrainedModel* backward)
      : options_(options),
        forward_(forward),
        backward_(backward),
        pool_(worker_threads(options.threads)),
        output_(options.output),
        diagnostics_(options.diagnostics),
        as_json_(options.output.extension() == ".jsonl") {}

  void run() {
    const bool is_file = fs::is_regular_file(options_.source);
    const bool on_terminal = options_.output == "-" && isatty(STDOUT_FILENO) == 1;
    ProgressLine progress("aligned", is_file ? count_lines(options_.source) : 0, !on_terminal);
    PairReader reader(options_.source, options_.target, options_.part);
    std::optional<LineReader> gold;
    if (!options_.gold.empty()) gold.emplace(options_.gold);
    std::vector<std::string> sources, targets;
    while (reader.next(kPairsPerBlock, sources, targets)) {
      done_ = reader.first_line();
      align(sources, targets, gold);
      output_.flush();
      progress.advance(sources.size());
    }
    if (std::string line; gold && gold->next(line))
      throw Error(options_.gold.string() + " has more lines than the text, which ends after line " +
                  std::to_string(done_));
    progress.clear();
    finish();
  }

 private:
  void finish() {
    output_.finish();
    diagnostics_.finish();
    if (!options_.gold.empty()) {
      const AlignmentErrorRate aer = alignment_error_rate(counts_);
      print_result(format("alignment error rate %.4f  precision %.4f, recall %.4f\n", aer.value,
                          aer.precision, aer.recall));
    }
    if (!options_.diagnostics.empty()) print_result(summary_text(diagnostics_.summary()));
    write_all_heatmaps(options_.heatmaps, pairs_, title());
  }

  // Prints complete lines on standard output, or logs them if the alignments go there.
  void print_result(const std::string& lines) const {
    if (options_.output != "-") {
      std::cout << lines;
      return;
    }
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) log_info(line);
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
      const Alignment words = words_or_empty(pairs[i]);
      const auto links = combined_links(words, back[i]);
      write(words, links, back[i]);
      if (pairs[i] && backward_) pairs[i]->combined = links;
      if (gold) compare(links, read_gold_line(*gold, sources[i], targets[i]), pairs[i]);
      if (pairs[i] && !options_.heatmaps.empty()) add_to_heatmaps(std::move(*pairs[i]), sources[i]);
    }
  }

  void add_to_heatmaps(AlignedPair pair, const std::string& source) {
    const Model& model = forward_.model;
    add_encoder_attention(model, weights_, model.source.encode_with_offsets(source), pair);
    pairs_.push_back(std::move(pair));
  }

  std::vector<Link> combined_links(const Alignment& words,
                                   const std::optional<AlignedPair>& back) const {
    auto links = hard_links(words);
    if (!backward_) return links;
    return symmetrizations().at(options_.symmetrize)(
        links, back ? reversed(hard_links(to_words(*back))) : std::vector<Link>());
  }

  void write(const Alignment& words, const std::vector<Link>& links,
             const std::optional<AlignedPair>& back) {
    if (!options_.diagnostics.empty()) diagnostics_.add(done_, words);
    if (!as_json_) return output_.line(format_links(links, options_.index_base));
    Json json = {{"line", done_}};
    json.update(to_json(words, links));
    if (back) json["reverse_weights"] = to_json(to_words(*back).weights);
    output_.line(to_line(json));
  }

  GoldLinks read_gold_line(LineReader& gold, const std::string& source,
                           const std::string& target) const {
    std::string line;
    if (!gold.next(line))
      throw Error(options_.gold.string() + " ends after line " + std::to_string(done_) +
                  ", but the text has more: each line must have the links of one sentence pair");
    return parse_gold_line(line, options_.index_base, options_.gold, gold.line_number(), source,
                           target);
  }

  void compare(const std::vector<Link>& links, const GoldLinks& gold,
               std::optional<AlignedPair>& pair) {
    counts_ += alignment_counts(links, gold);
    if (pair) pair->gold = gold;
  }

  const AlignOptions& options_;
  const TrainedModel& forward_;
  Weights weights_{forward_.model.weights};  // for the attention of its encoder
  const TrainedModel* backward_;             // model of the other direction; may be null
  Pool pool_;
  LineWriter output_;
  DiagnosticsFile diagnostics_;
  bool as_json_;
  std::size_t done_ = 0;
  AlignmentCounts counts_;
  std::vector<AlignedPair> pairs_;
};

void check_has_attention(const TrainedModel& trained) {
  if (!trained.model.network.has_alignment())
    throw Error(trained.name +
                ": this model has no attention (model.attention.score \"none\") and cannot align; "
                "give another model");
}

void check_align_usage(const AlignOptions& options) {
  if (options.index_base != 0 && options.output.extension() == ".jsonl" && options.gold.empty())
    usage_error("align",
                "--index-base has no effect here: JSON lines count words from 0, and there is no "
                "--gold-alignment; leave it out");
  if (options.symmetrize_given && options.reverse.empty())
    usage_error("align",
                "--symmetrize needs --reverse-model, because it combines the alignments of two "
                "models");
  if (!options.part.is_whole() && !(options.gold.empty() && options.diagnostics.empty()))
    usage_error("align",
                "--part aligns some of the lines; --gold-alignment and --diagnostics need all");
  if (options.output != "-" && options.part.is_whole()) check_not_launched("align");
  check_heatmap_usage(options.heatmaps);
}

int run_align(const AlignOptions& options) {
  check_align_usage(options);
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--diagnostics", options.diagnostics}};
  add_heatmap_files(options.heatmaps, written);
  std::vector<NamedFile> read = named_models({options.model, options.reverse});
  read.insert(read.end(), {{"--source", options.source},
                           {"--target", options.target},
                           {"--gold-alignment", options.gold}});
  check_distinct(std::move(read), written);
  const TrainedModel forward = load_model(options.model);
  check_has_attention(forward);
  std::optional<TrainedModel> backward;
  if (!options.reverse.empty()) check_has_attention(backward.emplace(load_model(options.reverse)));
  Aligner(options, forward, backward ? &*backward : nullptr).run();
  return kSuccess;
}

void add_align_input(OptionBuilder& add, CLI::App& sub, AlignOptions& options) {
  add.group("Input");
  add.model("--model", options.model, "Model directory, e.g. RUN/best")->required();
  add.file("--source", options.source, "Source text, plain or .gz")->required();
  add.file("--target", options.target, "Translation of the source text, line by line")->required();
  add.model("--reverse-model", options.reverse,
            "Model from target to source: combine the alignments of both models");
  sub.add_option("--symmetrize", options.symmetrize, "How to combine the alignments of both models")
      ->type_name("NAME")
      ->check(is_one_of(names_of(symmetrizations().choices())))
      ->each([&options](const std::string&) { options.symmetrize_given = true; })
      ->capture_default_str();
  add.file("--gold-alignment", options.gold,
           "Gold alignments, i-j (sure) and i?j (possible): print the error rate");
  add.index_base(options.index_base, "i-j lines");
  add.part(options.part);
}

}  // namespace

void add_align(CLI::App& app, Command& command) {
  auto options = std::make_shared<AlignOptions>();
  CLI::App* sub = app.add_subcommand("align", "Align the words of given translations");
  OptionBuilder add(*sub);
  add_align_input(add, *sub, *options);
  add.group("Output");
  add.text_output("--output", options->output,
                  "i-j lines, or JSON lines with weights (.jsonl); -: stdout");
  add_diagnostics_option(*sub, options->diagnostics);
  add_heatmap_options(*sub, options->heatmaps);
  add.group("Performance");
  add.threads(options->threads);
  sub->footer(
      "See app/README.md for alignments, heatmaps, diagnostics and the methods of --symmetrize.\n\n"
      "Examples:\n"
      "  attn align --model RUN/best --source test.en --target test.fr > test.align\n"
      "  attn align --model EN-FR/best --reverse-model FR-EN/best --source test.en \\\n"
      "    --target test.fr --symmetrize intersection --output test.jsonl --heatmap page.html");
  set_action(*sub, command, options, run_align);
}

}  // namespace attn

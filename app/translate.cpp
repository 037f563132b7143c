// attn translate: translates lines of text or JSON lines, and shows a prompt on a terminal.
#include <algorithm>
#include <iostream>
#include <optional>

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alignment/granularity.h"
#include "base/error.h"
#include "base/file.h"
#include "base/line_reader.h"
#include "commands.h"
#include "exit_code.h"
#include "file_checks.h"
#include "line_source.h"
#include "log.h"
#include "model_options.h"
#include "mpi/processes.h"
#include "option_builder.h"
#include "progress_line.h"
#include "report/terminal.h"
#include "service/html.h"
#include "service/translation_service.h"
#include "translation_output.h"

namespace attn {
namespace {

constexpr std::size_t kMaxWarnings = 20;  // about lines that cannot be translated

struct TranslateOptions {
  fs::path config;
  std::vector<fs::path> models;
  std::vector<std::string> settings;
  TranslationFiles files;
  fs::path input = "-", prefix;
  bool html = false;
  int threads = 0;
  Part part;
};

bool is_terminal(const fs::path& path, int standard) {
  return path == "-" && isatty(standard) == 1;
}

// Returns whether nobody waits for the answer to a line before the input has ended.
bool is_whole_text(const TranslateOptions& options) {
  struct stat status = {};
  const bool is_file = options.input == "-"
                           ? fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)
                           : fs::is_regular_file(options.input);
  return is_file || options.files.text != "-";
}

// A line of the input that was read, and possibly understood.
struct Job {
  std::size_t number;
  std::string problem = {};  // why the line cannot be translated
  Json object = Json::object();
};

class TranslateCommand {
 public:
  TranslateCommand(const TranslateOptions& options, TranslationService& service)
      : options_(options),
        service_(service),
        output_(service, options.files),
        title_(service.name() + (options.input == "-" ? "" : " on " + options.input.string())) {}

  // Returns the exit code.
  int run() {
    const bool typed = is_terminal(options_.input, STDIN_FILENO);
    const bool is_file = fs::is_regular_file(options_.input);
    const std::size_t lines_of_file = is_file ? count_lines(options_.input, Invalid::counted) : 0;
    if (is_file && lines_of_file < output_.first_line())
      throw Error(partial_name(options_.files.text).string() + ": has the output of " +
                  std::to_string(output_.first_line()) + " lines, but " + options_.input.string() +
                  " has only " + std::to_string(lines_of_file) +
                  "; --continue needs the input and the options of the interrupted command");
    ProgressLine progress("translated", lines_of_file,
                          !typed && !is_terminal(options_.files.text, STDOUT_FILENO));
    LineSource source(options_.input, options_.prefix,
                      is_whole_text(options_) ? Blocks::fixed : Blocks::arrived, options_.part,
                      output_.first_line());
    if (output_.first_line() > 0)
      log_info("continuing after line " + std::to_string(output_.first_line()));
    if (is_drawn()) log_info(title_ + ": type a line to translate it; Ctrl-D quits");
    prompt();
    for (auto lines = source.take(); !lines.empty(); lines = source.take()) {
      answer(lines, progress);
      output_.flush();
      prompt();
    }
    problems_ += options_.files.json_lines ? output_.earlier_errors() : source.skipped_problems();
    progress.clear();
    if (has_prompt()) std::cerr << '\n';
    output_.finish(title_);
    report_cuts();
    report_unknown();
    return report_problems();
  }

 private:
  // The prompt is not a message, so it is not written to the log.
  bool is_drawn() const { return options_.files.is_drawn; }
  bool has_prompt() const { return is_drawn() && status_lines_enabled(); }
  void prompt() const {
    if (has_prompt()) std::cerr << "> " << std::flush;
  }

  void answer(const std::vector<SourceLine>& lines, ProgressLine& progress) {
    std::vector<Job> jobs;
    std::vector<Request> requests;
    for (const SourceLine& line : lines) {
      jobs.push_back(read(line, requests));
      if (!jobs.back().problem.empty()) progress.advance(1);
    }
    const auto found =
        service_.translate(requests, is_whole_text(options_) ? Spread::no : Spread::yes,
                           [&](std::size_t n) { progress.advance(n); });
    std::size_t next = 0;
    for (Job& job : jobs)
      if (job.problem.empty())
        write(job, requests[next], found[next]), ++next;
      else
        write_problem(job, progress);
  }

  // Adds the request of a line, unless the line has a problem.
  Job read(const SourceLine& line, std::vector<Request>& requests) const {
    Job job{line.number, line.problem};
    const std::string where = (options_.input == "-" ? "standard input" : options_.input.string()) +
                              ":" + std::to_string(line.number + 1);
    if (job.problem.empty() && options_.files.json_lines)
      job.problem = error_message([&] {
        job.object = parse_json_line(line.text, where);
        requests.push_back(service_.request(job.object, where));
      });
    else if (job.problem.empty())
      requests.push_back({line.text, line.prefix, service_.search()});
    if (!job.problem.empty() && !job.object.is_object()) job.object = Json::object();
    if (job.problem.empty()) requests.back().number = line.number;
    return job;
  }

  void write(Job& job, const Request& request, const TranslatedLine& found) {
    if (found.cuts > 0) ++cut_lines_;
    if (service_.has_unknown(found)) ++unknown_lines_;
    const auto pair = output_.write(job.number, request, found, std::move(job.object));
    if (pair && is_drawn()) draw(*pair);
  }

  void write_problem(Job& job, ProgressLine& progress) {
    if (++problems_ <= kMaxWarnings) {
      progress.clear();
      log_warning(job.problem);
    }
    output_.write_problem(job.number, job.problem, std::move(job.object));
  }

  void report_cuts() const {
    if (cut_lines_ == 0) return;
    log_warning(std::to_string(cut_lines_) +
                (cut_lines_ == 1 ? " line has a sentence" : " lines have sentences") +
                " with more than the " + std::to_string(service_.max_length()) +
                " subwords of the longest training sentence; the parts between punctuation marks "
                "or spaces were translated separately");
  }

  void report_unknown() const {
    if (unknown_lines_ == 0) return;
    log_warning(
        std::to_string(unknown_lines_) +
        (unknown_lines_ == 1 ? " line has words or letters" : " lines have words or letters") +
        " that are not in the vocabulary of the model; their translations may be wrong");
  }

  int report_problems() const {
    if (problems_ == 0) return kSuccess;
    if (problems_ > 1)
      log_warning(std::to_string(problems_) + " lines could not be translated" +
                  (problems_ > kMaxWarnings ? "; the first are named above" : ""));
    return is_drawn() ? kSuccess : kUserError;
  }

  void draw(const AlignedPair& pair) {
    output_.flush();
    winsize window{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    std::cout << terminal_heatmap(to_words(at_granularity(pair, Granularity::kAuto)),
                                  known ? window.ws_col : 80,
                                  isatty(STDOUT_FILENO) == 1 && allows_colors());
  }

  const TranslateOptions& options_;
  TranslationService& service_;
  TranslationOutput output_;
  std::size_t problems_ = 0;       // lines that could not be translated
  std::size_t cut_lines_ = 0;      // lines with sentences that were cut
  std::size_t unknown_lines_ = 0;  // lines with unknown words
  std::string title_;
};

// Translates the input as one HTML document or fragment.
int run_html(const TranslateOptions& options, TranslationService& service) {
  const std::string html = read_file(options.input == "-" ? "/dev/stdin" : options.input);
  if (invalid_utf8(html) != std::string::npos)
    throw Error("the HTML is not valid UTF-8; convert it to UTF-8, for instance with iconv");
  const std::string out = translate_html(html, [&](const std::vector<std::string>& lines) {
    const auto found = service.translate(service.html_requests(lines), Spread::no);
    std::vector<HtmlTranslation> translations;
    for (std::size_t i = 0; i < lines.size(); ++i)
      translations.push_back(service.html_translation(lines[i], found[i]));
    return translations;
  });
  if (options.files.text == "-") {
    if (!(std::cout << out).flush()) throw Error("standard output: cannot write");
  } else {
    write_atomically(options.files.text, out);
  }
  return kSuccess;
}

void check_html_options(const TranslateOptions& options) {
  const TranslationFiles& files = options.files;
  if (files.json_lines || files.is_continued || !options.prefix.empty() ||
      !files.alignments.empty() || !files.heatmaps.empty())
    usage_error("translate",
                "--html translates one document; it takes no --json-lines, --continue, --prefix, "
                "--alignments and --heatmap");
  if (files.text != "-") check_parent_directory(files.text);
}

void check_translate_options(const TranslateOptions& options) {
  if (options.html) check_html_options(options);
  if (options.models.empty() == options.config.empty())
    usage_error("translate",
                "give either --model DIR (repeat it for an ensemble) or --config FILE");
  if (options.files.is_continued && options.files.text == "-")
    usage_error("translate", "--continue needs --output FILE, whose partial file it continues");
  if (!options.part.is_whole() && (options.files.is_continued || options.html))
    usage_error("translate", "--part does not go with --continue and --html");
  if (options.files.is_continued && !options.files.heatmaps.empty())
    usage_error(
        "translate",
        "--continue cannot draw the lines that are translated already; leave out --heatmap");
  if (options.files.json_lines && !options.prefix.empty())
    usage_error("translate",
                "with --json-lines, each object has its own \"prefix\"; leave out --prefix");
  if (options.files.text != "-" && options.part.is_whole()) check_not_launched("translate");
  check_heatmap_usage(options.files.heatmaps);
  std::vector<NamedFile> written = {{"--output", options.files.text},
                                    {"--alignments", options.files.alignments}};
  add_heatmap_files(options.files.heatmaps, written);
  std::vector<NamedFile> read = named_models(options.models);
  read.insert(
      read.end(),
      {{"--config", options.config}, {"--input", options.input}, {"--prefix", options.prefix}});
  check_distinct(std::move(read), written);
}

int run_translate(const TranslateOptions& given) {
  TranslateOptions options = given;
  options.files.is_drawn = is_terminal(options.input, STDIN_FILENO) &&
                           is_terminal(options.files.text, STDOUT_FILENO) &&
                           !options.files.json_lines;
  check_translate_options(options);
  std::vector<TrainedModel> trained;
  if (options.config.empty())
    trained = load_ensemble(options.models);
  else
    trained.push_back(load_best_model(options.config));
  Config config = trained[0].config;
  override_trained(config, options.settings, {"search."});
  TranslationService service(std::move(trained), config.search, worker_threads(options.threads));
  if (!service.has_attention() &&
      !(options.files.alignments.empty() && options.files.heatmaps.empty()))
    throw Error(service.name() +
                ": this model has no attention (model.attention.score \"none\"), so there are no "
                "alignments; leave out --alignments and --heatmap");
  if (options.html) return run_html(options, service);
  return TranslateCommand(options, service).run();
}

void add_translate_input(OptionBuilder& add, TranslateOptions& options) {
  add.group("Model");
  add.models("--model", options.models,
             "Model, e.g. RUN/best or en-fr.attn; repeated: an ensemble");
  add.file("--config", options.config, "Use the best model of this configuration's run instead");
  add.set(options.settings, "Override an option of search, e.g. search.n_best=5");
  add.group("Input");
  add.file("--input", options.input, "Text to translate, plain or .gz; -: stdin");
  add.file("--prefix", options.prefix,
           "Beginning of each translation, line by line; an empty line sets none");
  add.flag("--html", options.html, "Translate an HTML document or fragment, and keep its elements");
  add.flag("--json-lines", options.files.json_lines,
           "Read and write JSON lines with \"source\", \"prefix\", \"translation\", …");
  add.part(options.part);
}

}  // namespace

void add_translate(CLI::App& app, Command& command) {
  auto options = std::make_shared<TranslateOptions>();
  CLI::App* sub = app.add_subcommand("translate", "Translate lines of text");
  OptionBuilder add(*sub);
  add_translate_input(add, *options);
  add.group("Output");
  add.text_output("--output", options->files.text, "Translations, line by line; -: stdout");
  add.flag("--continue", options->files.is_continued,
           "Go on where an interrupted command has left FILE.partial");
  add.text_output("--alignments", options->files.alignments,
                  "Alignments: i-j lines, or JSON lines with weights (.jsonl)");
  add_heatmap_options(*sub, options->files.heatmaps);
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

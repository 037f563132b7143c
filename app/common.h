// What several commands share.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "alignment/aligned_pair.h"
#include "alignment/diagnostics.h"
#include "base/parallel.h"
#include "base/status_line.h"
#include "line_writer.h"
#include "model/model_dir.h"
#include "search/attention_export.h"
#include "train/config.h"

namespace attn {

// A model of a run, and the config it was trained with.
struct Trained {
  std::string name;  // of its folder
  Config config;
  Model model;
};
// Error: no model there; damaged.
Trained load_trained(const fs::path& folder);

// The best model of a config's run directory, to search and to be tested as that file says now.
Trained load_best(const fs::path& config_file);

// The same options in several commands.
void add_set(CLI::App& command, std::vector<std::string>& sets, const std::string& text);
void add_threads(CLI::App& command, int& threads);
int threads_or_all(int threads);

// What links are made of weights, for a command's help.
extern const char* const kAlignmentRules;

// --heatmap FILE, as often as one likes, --heatmap-font-size and --heatmap-units.
struct Heatmaps {
  std::vector<fs::path> files;
  std::optional<double> font_size;   // of pictures, in points
  std::optional<std::string> units;  // a row of granularities()

  bool empty() const { return files.empty() && !font_size && !units; }
};
void add_heatmap(CLI::App& command, Heatmaps& heatmaps);

// Colors and other escape sequences: standard output is a terminal that has them, and its user has
// not set NO_COLOR (no-color.org).
bool wants_color();

// Before a long work whose result goes there. Error: the file's folder does not exist.
void check_folder_of(const fs::path& file);

struct NamedFile {
  std::string option;
  fs::path path;  // "" or "-": none
};
// Error: a file that would be written is one that is read, or another one that would be written.
void check_distinct(std::vector<NamedFile> read, const std::vector<NamedFile>& written);

// The files that --heatmap names, for check_distinct. Error: as check_heatmap and check_folder_of;
// a size of letters for none that has letters; units of none.
void add_heatmap_files(const Heatmaps& heatmaps, std::vector<NamedFile>& written);

// Writes them, and says so. Error: as write_heatmaps; there are no pairs.
void write_all_heatmaps(const Heatmaps& heatmaps, const std::vector<AlignedPair>& pairs,
                        const std::string& title);

// --index-base, of `what`; --diagnostics FILE.
void add_index_base(CLI::App& command, int& base, const std::string& what);
void add_diagnostics(CLI::App& command, fs::path& file);

// What the weights of each line tell, as JSON lines or as a table.
class DiagnosticsFile {
 public:
  // "": nowhere. Error: an ending other than .jsonl and .tsv; the file's folder does not exist.
  explicit DiagnosticsFile(const fs::path& path);

  void add(std::size_t line, const Alignment& words);
  DiagnosticsSummary summary() const { return summarize(all_); }
  // Once, at the end. Error: it can't be written.
  void finish() { file_.finish(); }

 private:
  bool wanted_, as_table_;
  LineWriter file_;
  std::vector<Diagnostics> all_;
};

// A summary in two lines.
std::string summary_text(const DiagnosticsSummary& s);

// Error: the texts of a pair do not go line by line.
void check_lengths(const fs::path& a, std::size_t lines_a, const fs::path& b, std::size_t lines_b);

// Gold links of these sentences. Error: with file and line, also where a link points past its
// sentence.
std::vector<GoldLinks> read_gold(const fs::path& path, int index_base,
                                 const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets);
// Those of one line.
GoldLinks gold_links(const std::string& links, int index_base, const fs::path& file,
                     std::size_t line, const std::string& source, const std::string& target);

// [{"text", "log_prob"}, …] of the pieces of a text, the end of sentence being the last, if it has
// one.
Json tokens_json(const std::string& text, std::span<const Tokenizer::Piece> pieces,
                 std::span<const double> log_probs);

// Of each pair of lines what the model looks at when it is forced to say the target, named
// "reference"; none where a side is empty. first: the number of the first line.
std::vector<std::optional<AlignedPair>> forced_pairs(const Trained& trained,
                                                     const std::vector<std::string>& sources,
                                                     const std::vector<std::string>& targets,
                                                     std::size_t first, Pool& pool);

// A live line on a terminal while `total` things are done: count, rate and remaining time; without
// the latter for a total of 0, not known.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::size_t total, bool wanted);
  void advance(std::size_t n);
  void clear() { line_.clear(); }  // before anything else is said

 private:
  std::string what_;
  std::size_t total_, done_ = 0;
  bool wanted_;
  double begin_;
  StatusLine line_;
};

}  // namespace attn

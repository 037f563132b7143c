// What several commands share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/live_line.h"
#include "eval/aligned_pair.h"
#include "model/model_dir.h"
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

// --heatmap FILE, as often as one likes.
void add_heatmap(CLI::App& command, std::vector<fs::path>& files);

// Before a long work whose result goes there. Error: the file's folder does not exist.
void check_folder_of(const fs::path& file);

struct NamedFile {
  std::string option;
  fs::path path;  // "" or "-": none
};
// Error: a file that would be written is one that is read, or another one that would be written.
void check_distinct(std::vector<NamedFile> read, const std::vector<NamedFile>& written);

// The files that --heatmap names, for check_distinct. Error: as check_heatmap and check_folder_of.
void add_heatmap_files(const std::vector<fs::path>& heatmaps, std::vector<NamedFile>& written);

// Writes them, and says so. Error: as write_heatmaps; there are no pairs.
void write_all_heatmaps(const std::vector<fs::path>& heatmaps,
                        const std::vector<AlignedPair>& pairs, const std::string& title);

// Error: the texts of a pair do not go line by line.
void check_lengths(const fs::path& a, std::size_t lines_a, const fs::path& b, std::size_t lines_b);

// Gold links of these sentences. Error: with file and line, also where a link points past its
// sentence.
std::vector<GoldLinks> read_gold(const fs::path& path, const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets);

// One pair with its attention, one matrix a head; the tokenizer is the source's.
AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces,
                         const std::vector<Mat>& attention);

// A live line on a terminal while `total` things are done: count, rate and remaining time; without
// the latter for a total of 0, not known.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::size_t total, bool wanted);
  void advance(std::size_t n);

 private:
  std::string what_;
  std::size_t total_, done_ = 0;
  bool wanted_;
  double begin_;
  LiveLine line_;
};

}  // namespace attn

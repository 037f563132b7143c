// What several commands share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eval/alignment.h"
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

// The best model of a config's run directory.
fs::path best_of(const fs::path& config_file);

int threads_or_all(int threads);

// The attention of one pair over the white-space words of its lines.
Alignment word_alignment(const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces, const Mat& attention);

// A live line on a terminal while `total` things are done: count, rate and remaining time.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::size_t total, bool wanted);
  ~ProgressLine();
  void advance(std::size_t n);

 private:
  std::string what_;
  std::size_t total_, done_ = 0;
  bool shown_;
  double begin_;
};

}  // namespace attn

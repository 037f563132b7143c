#include "common.h"

#include <chrono>
#include <cstdio>

#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "train/run_log.h"

namespace attn {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

PieceMap piece_map(const std::string& line, const std::vector<Tokenizer::Piece>& pieces) {
  return {split_words(line), word_of_piece(line, pieces)};
}

}  // namespace

Trained load_trained(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  if (!fs::exists(file))
    throw Error(folder.string() +
                ": no model here (there is no config.json); give a model directory, such as best/ "
                "in a run directory");
  Config config = config_from_json(parse_json(read_file(file), file.string()), file.string());
  Model model = read_model(folder, config.model);
  return {folder.string(), std::move(config), std::move(model)};
}

fs::path best_of(const fs::path& config_file) {
  const Config config = read_config(config_file, {});
  if (config.train.run_dir.empty())
    throw Error(config_file.string() +
                ": train.run_dir: needed to find the trained model; or give --model DIR");
  const fs::path best = config.train.run_dir / "best";
  if (!fs::exists(best / "config.json"))
    throw Error(best.string() + ": no trained model yet; train it with: attn train --config " +
                config_file.string());
  return best;
}

int threads_or_all(int threads) {
  return threads > 0 ? threads : hardware_threads();
}

Alignment word_alignment(const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces, const Mat& attention) {
  Alignment pieces;
  for (const auto& p : source_pieces)
    pieces.source.push_back(source.substr(p.begin, p.end - p.begin));
  for (const auto& p : target_pieces)
    pieces.target.push_back(target.substr(p.begin, p.end - p.begin));
  pieces.source.push_back(kEndOfSentence);
  for (Index j = 0; j < attention.cols(); ++j)
    pieces.weights.emplace_back(attention.col(j).data(),
                                attention.col(j).data() + attention.rows());
  pieces.target_end =
      pieces.weights.size() > pieces.target.size();  // a hypothesis that was cut has none
  if (pieces.target_end) pieces.target.push_back(kEndOfSentence);
  return to_words(pieces, piece_map(source, source_pieces), piece_map(target, target_pieces));
}

ProgressLine::ProgressLine(std::string what, std::size_t total, bool wanted)
    : what_(std::move(what)),
      total_(total),
      shown_(wanted && isatty(STDERR_FILENO) == 1),
      begin_(now()) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::advance(std::size_t n) {
  done_ += n;
  if (!shown_ || done_ == 0) return;
  const double seconds = now() - begin_, rate = static_cast<double>(done_) / seconds;
  std::fprintf(stderr, "\r\033[K%s %zu of %zu  %.0f/s  %s left", what_.c_str(), done_, total_, rate,
               clock_text(static_cast<double>(total_ - done_) / rate).c_str());
  std::fflush(stderr);
}

}  // namespace attn

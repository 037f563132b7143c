// Forced decoding: runs the decoder on given translations, to get their log-probabilities and
// attention weights.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"

namespace attn {

struct ForcedDecoding {
  std::vector<Tokenizer::Piece> source, target;  // ranges of bytes in the lines
  std::vector<double> log_probs;  // ln p of each target piece and of the end of sentence
  // Attention weights of each head [source pieces and end × target pieces and end]; empty without
  // attention.
  std::vector<Mat> attention;
};

// Decodes each pair of lines, `batch_size` pairs at a time, and returns the results in the order of
// the pairs. If one side of a pair is empty, the result contains only the pieces.
std::vector<ForcedDecoding> score_targets(const Model& model, std::span<const std::string> sources,
                                          std::span<const std::string> targets, int batch_size,
                                          Pool& pool);

}  // namespace attn

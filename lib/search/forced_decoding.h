// ForcedDecoding decoding: what a model thinks of given translations.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"

namespace attn {

struct ForcedDecoding {
  std::vector<Tokenizer::Piece> source, target;  // bytes of the lines
  std::vector<double> log_probs;  // of each target piece and the end of sentence, nats
  // Of each head [source pieces and end × target pieces and end]; empty: the model has none.
  std::vector<Mat> attention;
};

// One for each pair of lines, in their order. A pair with an empty side has nothing but its pieces.
std::vector<ForcedDecoding> force(const Model& model, std::span<const std::string> sources,
                                  std::span<const std::string> targets, int batch_size, Pool& pool);

}  // namespace attn

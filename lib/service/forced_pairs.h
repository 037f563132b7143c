// Forced decoding of given translations: the model's attention weights and token log-probabilities.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/json.h"
#include "base/parallel.h"
#include "train/trained_model.h"

namespace attn {

// Runs forced decoding on each pair of lines and returns its attention as a pair named "reference",
// or nothing if a side is empty. `first` is the number of the first line.
std::vector<std::optional<AlignedPair>> forced_pairs(const TrainedModel& trained,
                                                     const std::vector<std::string>& sources,
                                                     const std::vector<std::string>& targets,
                                                     std::size_t first, Pool& pool);

// Returns the alignment of a pair over words, or an empty alignment if there is no pair.
Alignment words_or_empty(const std::optional<AlignedPair>& pair);

// Returns [{"text", "log_prob"}, …] for the subwords of `text`. A log-probability beyond the last
// subword is that of the end of sentence.
Json tokens_json(const std::string& text, std::span<const Tokenizer::Piece> pieces,
                 std::span<const double> log_probs);

}  // namespace attn

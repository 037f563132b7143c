#include "service/forced_pairs.h"

#include <numeric>

#include "search/attention_export.h"
#include "search/forced_decoding.h"

namespace attn {

std::vector<std::optional<AlignedPair>> forced_pairs(const TrainedModel& trained,
                                                     const std::vector<std::string>& sources,
                                                     const std::vector<std::string>& targets,
                                                     std::size_t first, Pool& pool) {
  const Model& model = trained.model;
  const auto forced =
      score_targets(model, sources, targets, trained.config.search.batch_size, pool);
  std::vector<std::optional<AlignedPair>> pairs(forced.size());
  for (std::size_t i = 0; i < forced.size(); ++i) {
    const ForcedDecoding& f = forced[i];
    if (f.attention.empty()) continue;
    AlignedPair& pair = pairs[i].emplace(
        aligned_pair(model.source, sources[i], f.source, targets[i], f.target, f.attention));
    pair.line = first + i, pair.name = "reference";
    pair.log_prob = std::accumulate(f.log_probs.begin(), f.log_probs.end(), 0.0);
  }
  return pairs;
}

Alignment words_or_empty(const std::optional<AlignedPair>& pair) {
  return pair ? to_words(*pair)
              : Alignment{.source = {},
                          .target = {},
                          .weights = {},
                          .source_end = false,
                          .target_end = false};
}

Json tokens_json(const std::string& text, std::span<const Tokenizer::Piece> pieces,
                 std::span<const double> log_probs) {
  Json tokens = Json::array();
  for (std::size_t i = 0; i < log_probs.size(); ++i)
    tokens.push_back(
        {{"text", i < pieces.size() ? text.substr(pieces[i].begin, pieces[i].end - pieces[i].begin)
                                    : kEndOfSentence},
         {"log_prob", log_probs[i]}});
  return tokens;
}

}  // namespace attn

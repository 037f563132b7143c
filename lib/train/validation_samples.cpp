#include "train/validation_samples.h"

#include <cstdint>

#include "metrics/chrf.h"
#include "report/training_report.h"
#include "search/attention_export.h"

namespace attn {
namespace {

constexpr std::size_t kSamples = 6;
constexpr std::size_t kMaxPieces = 40;  // limit for a legible figure

// Returns the indices of the lines that are not empty and have at most `max_pieces` source pieces.
std::vector<std::size_t> lines_up_to(std::size_t max_pieces,
                                     const std::vector<TranslatedLine>& lines) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].source.empty() && lines[i].source.size() <= max_pieces) out.push_back(i);
  return out;
}

}  // namespace

// Long lines are shown only if all lines are long.
std::vector<std::size_t> sample_lines(const std::vector<TranslatedLine>& lines) {
  auto fitting = lines_up_to(kMaxPieces, lines);
  if (fitting.empty()) fitting = lines_up_to(SIZE_MAX, lines);
  std::vector<std::size_t> out;
  for (const std::size_t i : spread_evenly(fitting.size(), kSamples)) out.push_back(fitting[i]);
  return out;
}

Json validation_sample(const Model& model, const Weights& w, std::size_t index,
                       const std::string& source, const std::string& reference,
                       const TranslatedLine& translation) {
  const Translation& t = translation.translations[0];
  AlignedPair pair =
      aligned_pair(model.source, source, translation.source, t.text, t.target, t.attention);
  if (!t.attention.empty()) add_encoder_attention(model, w, translation.source, pair);
  pair.line = index;
  pair.log_prob = t.log_prob;
  pair.chrf = text_score(chrf_metric({}), {t.text}, {{reference}});
  return report_sample(pair, reference);
}

}  // namespace attn

#include "train/validate.h"

#include <algorithm>
#include <numeric>

namespace attn {

Validation measure(const Seq2Seq& model, const Params& w, const Corpus& corpus, int batch_sentences,
                   Pool& pool) {
  std::vector<std::uint32_t> order(corpus.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return corpus.target(a).size() > corpus.target(b).size();
  });
  const auto group = static_cast<std::size_t>(batch_sentences);
  std::vector<Output::Loss> losses((order.size() + group - 1) / group);
  std::vector<Seq2Seq::Scratch> scratch;
  for (int i = 0; i < pool.threads(); ++i) scratch.emplace_back(model);
  pool.for_each(losses.size(), [&](std::size_t item, int worker) {
    std::vector<Words> sources, targets;
    for (std::size_t k = item * group; k < std::min(order.size(), (item + 1) * group); ++k) {
      sources.push_back(corpus.source(order[k]));
      targets.push_back(corpus.target(order[k]));
    }
    Batch batch;
    batch.assign(sources, targets, std::vector<std::uint64_t>(sources.size(), 0));
    losses[item] = model.loss(w, batch, {}, Noise{}, scratch[static_cast<std::size_t>(worker)]);
  });
  Validation sum;
  for (const auto& loss : losses)
    sum.cross_entropy += loss.cross_entropy, sum.accuracy += loss.correct;
  sum.tokens = static_cast<double>(corpus.text().target_tokens);
  sum.cross_entropy /= sum.tokens;
  sum.accuracy /= sum.tokens;
  return sum;
}

std::vector<TranslatedLine> translations(const Model& model, const std::vector<std::string>& lines,
                                         const SearchConfig& search, Pool& pool) {
  const Model* const models[] = {&model};
  return translate(models, {lines}, search, pool);
}

std::vector<std::string> texts(const std::vector<TranslatedLine>& lines) {
  std::vector<std::string> out;
  for (const auto& line : lines) out.push_back(line.translations[0].text);
  return out;
}

}  // namespace attn

#include "search/translate.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "math/product.h"
#include "search/ensemble.h"
#include "search/seq2seq_scorer.h"

namespace attn {
namespace {

std::unique_ptr<Scorer> make_scorer(std::span<const Model* const> models) {
  const auto one = [](const Model& m) {
    return std::make_unique<Seq2SeqScorer>(m.network, m.weights, m.target.eos());
  };
  if (models.size() == 1) return one(*models[0]);
  std::vector<Ensemble::Member> members;
  for (std::size_t i = 0; i < models.size(); ++i)
    members.push_back({"model " + std::to_string(i + 1), one(*models[i])});
  return std::make_unique<Ensemble>(std::move(members));
}

Translation translation_of(Hypothesis& hypothesis, const Tokenizer& tokenizer) {
  auto decoded = tokenizer.decode_with_offsets(hypothesis.words);
  return {std::move(decoded.text), hypothesis.log_prob, hypothesis.score, std::move(decoded.pieces),
          std::move(hypothesis.attention)};
}

}  // namespace

void check_ensemble(std::span<const Model* const> models, std::span<const std::string> names) {
  for (std::size_t i = 1; i < models.size(); ++i) {
    if (models[i]->source.separator() != models[0]->source.separator())
      throw Error(names[i] + ": its data.sentence_separator is \"" + models[i]->source.separator() +
                  "\", that of " + names[0] + " \"" + models[0]->source.separator() +
                  "\"; models of an ensemble must part a line into the same sentences");
    const bool source = models[i]->source.bytes() == models[0]->source.bytes();
    if (source && models[i]->target.bytes() == models[0]->target.bytes()) continue;
    throw Error(names[i] + ": its " + (source ? "target" : "source") +
                " vocabulary is not that of " + names[0] +
                "; models of an ensemble must be trained with the same SentencePiece models");
  }
}

std::vector<TranslatedLine> translate(std::span<const Model* const> models,
                                      std::span<const std::string> lines,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done) {
  std::vector<TranslatedLine> out(lines.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out[i].source = models[0]->source.encode_with_offsets(lines[i]);
    if (out[i].source.empty())
      out[i].translations.resize(1);
    else
      order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return out[a].source.size() > out[b].source.size(); });

  const SearchOptions options{config.beam_size, config.length_normalisation,
                              config.max_length_ratio, config.n_best};
  const auto group = static_cast<std::size_t>(config.batch_sentences);
  std::vector<std::unique_ptr<Scorer>> scorers(static_cast<std::size_t>(pool.threads()));
  std::mutex mutex;
  const FixedWeights fixed;
  if (done) done(lines.size() - order.size());
  pool.for_each((order.size() + group - 1) / group, [&](std::size_t item, int worker) {
    auto& scorer = scorers[static_cast<std::size_t>(worker)];
    if (!scorer) scorer = make_scorer(models);
    const auto members =
        std::span(order).subspan(item * group, std::min(group, order.size() - item * group));
    std::vector<Ids> sources;
    for (const auto i : members) sources.push_back(models[0]->source.ids(out[i].source));
    auto found = beam_search(*scorer, sources, options);
    for (std::size_t k = 0; k < members.size(); ++k)
      for (auto& hypothesis : found[k])
        out[members[k]].translations.push_back(translation_of(hypothesis, models[0]->target));
    const std::lock_guard lock(mutex);
    if (done) done(members.size());
  });
  return out;
}

}  // namespace attn

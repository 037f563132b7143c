#include "search/translate.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "math/gemm/precision.h"
#include "math/gemm/product.h"
#include "search/ensemble.h"
#include "search/replace_unknown.h"
#include "search/sampling.h"
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

Constraints limits_of(const SearchConfig& config) {
  return {config.min_length, config.max_length, config.max_length_ratio, config.no_repeat_ngram};
}

// The translations of some sources by the config's method.
class SearchStrategy {
 public:
  explicit SearchStrategy(const SearchConfig& config)
      : draws_(config.method == "sample"),
        beam_{config.beam_size, scoring_function(config), limits_of(config), config.n_best},
        sample_{config.temperature,
                config.top_k,
                config.top_p,
                scoring_function(config),
                limits_of(config),
                config.n_best,
                RandomKey(static_cast<std::uint64_t>(config.seed)).at("sample")} {}

  std::vector<Nbest> find(Scorer& scorer, std::span<const Ids> sources,
                          std::span<const std::uint64_t> example_ids,
                          std::span<const Ids> prefixes) const {
    return draws_ ? sample(scorer, sources, example_ids, sample_, prefixes)
                  : beam_search(scorer, sources, beam_, prefixes);
  }

 private:
  bool draws_;
  SearchOptions beam_;
  SampleOptions sample_;
};

Translation translation_of(Hypothesis& hypothesis, const Tokenizer& tokenizer) {
  auto decoded = tokenizer.decode_with_offsets(hypothesis.words);
  return {std::move(decoded.text),   hypothesis.log_prob,
          hypothesis.score,          std::move(hypothesis.word_log_probs),
          std::move(decoded.pieces), std::move(hypothesis.attention)};
}

}  // namespace

ScoringFunction scoring_function(const SearchConfig& config) {
  using Penalty = ScoringFunction::LengthPenalty;
  return {config.length_penalty_alpha, config.length_penalty == "wu" ? Penalty::wu : Penalty::power,
          config.coverage_penalty};
}

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

std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done) {
  ATTN_CHECK(text.prefixes.empty() || text.prefixes.size() == text.lines.size());
  const Tokenizer &from = models[0]->source, &to = models[0]->target;
  std::vector<TranslatedLine> out(text.lines.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].source = from.encode_with_offsets(text.lines[i]);
    if (out[i].source.empty())
      out[i].translations.resize(1);
    else
      order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return out[a].source.size() > out[b].source.size(); });

  const SearchStrategy finder(config);
  const auto group = static_cast<std::size_t>(config.batch_size);
  std::vector<std::unique_ptr<Scorer>> scorers(static_cast<std::size_t>(pool.threads()));
  std::mutex mutex;
  const FixedWeights fixed;
  if (done) done(out.size() - order.size());
  pool.for_each((order.size() + group - 1) / group, [&](std::size_t item, int worker) {
    auto& scorer = scorers[static_cast<std::size_t>(worker)];
    if (!scorer) scorer = make_scorer(models);
    const WithPrecision with(config.precision == "int8" ? Precision::int8 : Precision::float32);
    const auto members =
        std::span(order).subspan(item * group, std::min(group, order.size() - item * group));
    std::vector<Ids> sources, prefixes;
    std::vector<std::uint64_t> example_ids;
    for (const auto i : members) {
      sources.push_back(from.ids(out[i].source));
      example_ids.push_back(text.first_line + i);
      if (!text.prefixes.empty()) prefixes.push_back(to.encode(text.prefixes[i]));
    }
    auto found = finder.find(*scorer, sources, example_ids, prefixes);
    for (std::size_t k = 0; k < members.size(); ++k) {
      TranslatedLine& line = out[members[k]];
      for (auto& hypothesis : found[k]) {
        line.translations.push_back(translation_of(hypothesis, to));
        if (config.replace_unknown)
          replace_unknown(text.lines[members[k]], line.source, from, to, line.translations.back());
      }
    }
    const std::lock_guard lock(mutex);
    if (done) done(members.size());
  });
  return out;
}

}  // namespace attn

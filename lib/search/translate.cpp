#include "search/translate.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "math/gemm/product.h"
#include "search/ensemble.h"
#include "search/replace_unknown.h"
#include "search/sampling.h"
#include "search/seq2seq_scorer.h"

namespace attn {
namespace {

std::unique_ptr<Scorer> make_scorer(std::span<const Model* const> models) {
  const auto make_one = [](const Model& m) {
    return std::make_unique<Seq2SeqScorer>(m.network, m.weights, m.target.eos());
  };
  if (models.size() == 1) return make_one(*models[0]);
  std::vector<Ensemble::Member> members;
  for (std::size_t i = 0; i < models.size(); ++i)
    members.push_back({"model " + std::to_string(i + 1), make_one(*models[i])});
  return std::make_unique<Ensemble>(std::move(members));
}

Constraints constraints_of(const SearchConfig& config) {
  return {config.min_length, config.max_length, config.max_length_ratio, config.no_repeat_ngram};
}

// The search method of a config, with its options.
class SearchStrategy {
 public:
  explicit SearchStrategy(const SearchConfig& config)
      : method_(search_methods().at(config.method)),
        beam_{config.beam_size, scoring_function(config), constraints_of(config), config.n_best},
        sampling_{config.temperature,
                  config.top_k,
                  config.top_p,
                  scoring_function(config),
                  constraints_of(config),
                  config.n_best,
                  RandomKey(static_cast<std::uint64_t>(config.seed)).at("sample")} {}

  std::vector<Nbest> search(Scorer& scorer, std::span<const Ids> sources,
                            std::span<const std::uint64_t> example_ids,
                            std::span<const Ids> prefixes) const {
    return method_ == SearchMethod::sample
               ? sample(scorer, sources, example_ids, sampling_, prefixes)
               : beam_search(scorer, sources, beam_, prefixes);
  }

 private:
  SearchMethod method_;
  SearchOptions beam_;
  SampleOptions sampling_;
};

Translation translation_of(Hypothesis& hypothesis, const Tokenizer& tokenizer) {
  auto decoded = tokenizer.decode_with_offsets(hypothesis.words);
  return {std::move(decoded.text),   hypothesis.log_prob,
          hypothesis.score,          std::move(hypothesis.word_log_probs),
          std::move(decoded.pieces), std::move(hypothesis.attention)};
}

// Translates batches of lines. Each worker has a scorer of its own.
class Translator {
 public:
  Translator(std::span<const Model* const> models, const Text& text, const SearchConfig& config,
             int workers)
      : models_(models),
        text_(text),
        strategy_(config),
        precision_(search_precisions().at(config.precision)),
        replace_unknown_(config.replace_unknown),
        scorers_(static_cast<std::size_t>(workers)) {}

  // Tokenizes all lines. An empty line gets its empty translation.
  std::vector<TranslatedLine> tokenize() const {
    std::vector<TranslatedLine> out(text_.lines.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].source = source().encode_with_offsets(text_.lines[i]);
      if (out[i].source.empty()) out[i].translations.resize(1);
    }
    return out;
  }

  // Translates the lines with the given indices.
  void translate(std::span<const std::size_t> batch, int worker, std::vector<TranslatedLine>& out) {
    auto& scorer = scorers_[static_cast<std::size_t>(worker)];
    if (!scorer) scorer = make_scorer(models_);
    const WithPrecision with(precision_);
    std::vector<Ids> sources, prefixes;
    std::vector<std::uint64_t> example_ids;
    for (const auto i : batch) {
      sources.push_back(source().ids(out[i].source));
      example_ids.push_back(text_.first_line + i);
      if (!text_.prefixes.empty()) prefixes.push_back(target().encode(text_.prefixes[i]));
    }
    auto found = strategy_.search(*scorer, sources, example_ids, prefixes);
    for (std::size_t k = 0; k < batch.size(); ++k) add_translations(batch[k], found[k], out);
  }

 private:
  const Tokenizer& source() const { return models_[0]->source; }
  const Tokenizer& target() const { return models_[0]->target; }

  void add_translations(std::size_t i, Nbest& hypotheses, std::vector<TranslatedLine>& out) const {
    TranslatedLine& line = out[i];
    for (auto& hypothesis : hypotheses) {
      line.translations.push_back(translation_of(hypothesis, target()));
      if (replace_unknown_)
        replace_unknown(text_.lines[i], line.source, source(), target(), line.translations.back());
    }
  }

  std::span<const Model* const> models_;
  const Text& text_;
  SearchStrategy strategy_;
  Precision precision_;
  bool replace_unknown_;
  std::vector<std::unique_ptr<Scorer>> scorers_;
};

// Returns the indices of the lines that are not empty, the longest line first.
std::vector<std::size_t> longest_first(std::span<const TranslatedLine> lines) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].source.empty()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return lines[a].source.size() > lines[b].source.size(); });
  return order;
}

}  // namespace

ScoringFunction scoring_function(const SearchConfig& config) {
  return {config.length_penalty_alpha, length_penalties().at(config.length_penalty),
          config.coverage_penalty};
}

void check_ensemble(std::span<const Model* const> models, std::span<const std::string> names) {
  for (std::size_t i = 1; i < models.size(); ++i) {
    if (models[i]->source.separator() != models[0]->source.separator())
      throw Error(names[i] + ": data.sentence_separator is \"" + models[i]->source.separator() +
                  "\", but that of " + names[0] + " is \"" + models[0]->source.separator() +
                  "\"; the models of an ensemble must have the same separator");
    const bool same_source = models[i]->source.bytes() == models[0]->source.bytes();
    if (same_source && models[i]->target.bytes() == models[0]->target.bytes()) continue;
    throw Error(names[i] + ": the " + (same_source ? "target" : "source") +
                " vocabulary differs from that of " + names[0] +
                "; the models of an ensemble must be trained with the same SentencePiece models");
  }
}

std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done) {
  ATTN_CHECK(text.prefixes.empty() || text.prefixes.size() == text.lines.size());
  Translator translator(models, text, config, pool.threads());
  std::vector<TranslatedLine> out = translator.tokenize();
  const std::vector<std::size_t> order = longest_first(out);
  const auto size = static_cast<std::size_t>(config.batch_size);
  std::mutex mutex;
  const FixedWeights fixed;
  if (done) done(out.size() - order.size());
  pool.for_each((order.size() + size - 1) / size, [&](std::size_t item, int worker) {
    const auto batch =
        std::span(order).subspan(item * size, std::min(size, order.size() - item * size));
    translator.translate(batch, worker, out);
    const std::lock_guard lock(mutex);
    if (done) done(batch.size());
  });
  return out;
}

}  // namespace attn

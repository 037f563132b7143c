#include "search/translate.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "search/ensemble.h"
#include "search/replace_unknown.h"
#include "search/sampling.h"
#include "search/seq2seq_scorer.h"

namespace attn {
namespace {

// Bytes that a translation must not have, because it is one line of text: control characters.
bool is_control(const std::string& piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x")) return false;  // "<0x0A>" of byte_fallback
  return piece[3] == '0' || piece[3] == '1' || piece.substr(3, 2) == "7F";
}

Constraints constraints_of(const SearchConfig& config, const Tokenizer& target) {
  std::vector<int> forbidden;
  if (!config.allow_unknown && !config.replace_unknown) forbidden.push_back(target.unk());
  for (int id = 0; id < target.size(); ++id)
    if (is_control(target.piece(id))) forbidden.push_back(id);
  return {config.min_length, config.max_length, config.max_length_ratio, config.no_repeat_ngram,
          std::move(forbidden)};
}

Translation translation_of(Hypothesis& hypothesis, const Tokenizer& tokenizer) {
  auto decoded = tokenizer.decode_with_offsets(hypothesis.words);
  return {std::move(decoded.text),   hypothesis.log_prob,
          hypothesis.score,          std::move(hypothesis.word_log_probs),
          std::move(decoded.pieces), std::move(hypothesis.attention)};
}

// Returns the indices of all lines, the longest line first.
std::vector<std::size_t> longest_first(std::span<const TranslatedLine> lines) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return lines[a].source.size() > lines[b].source.size(); });
  return order;
}

}  // namespace

// The search method of a config, with its options.
class SearchStrategy {
 public:
  SearchStrategy(const SearchConfig& config, const Tokenizer& target)
      : method_(search_methods().at(config.method)),
        beam_{config.beam_size, scoring_function(config), constraints_of(config, target),
              config.n_best},
        sampling_{config.temperature,
                  config.top_k,
                  config.top_p,
                  scoring_function(config),
                  constraints_of(config, target),
                  config.n_best,
                  RandomKey(static_cast<std::uint64_t>(config.seed)).at("sample")},
        batch_size_(config.batch_size),
        replaces_unknown_(config.replace_unknown) {}

  int batch_size() const { return batch_size_; }
  bool replaces_unknown() const { return replaces_unknown_; }

  std::vector<Nbest> search(Scorer& scorer, std::span<const Ids> sources,
                            std::span<const std::uint64_t> example_ids,
                            std::span<const Ids> prefixes, const IsWanted& is_wanted) const {
    if (method_ == SearchMethod::sample) {
      SampleOptions options = sampling_;
      options.is_wanted = is_wanted;
      return sample(scorer, sources, example_ids, options, prefixes);
    }
    SearchOptions options = beam_;
    options.is_wanted = is_wanted;
    return beam_search(scorer, sources, options, prefixes);
  }

 private:
  SearchMethod method_;
  SearchOptions beam_;
  SampleOptions sampling_;
  int batch_size_;
  bool replaces_unknown_;
};

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

Translator::Translator(std::span<const Model* const> models, Precision precision, Pool& pool)
    : models_(models.begin(), models.end()), pool_(pool) {
  resize(scorers_, pool.threads());
  for (const Model* model : models_) weights_.emplace_back(model->weights, precision);
}

Translator::~Translator() = default;

std::unique_ptr<Scorer> Translator::make_scorer() const {
  const auto make_one = [&](std::size_t i) {
    const Model& model = *models_[i];
    return std::make_unique<Seq2SeqScorer>(model.network, weights_[i], model.target.eos());
  };
  if (models_.size() == 1) return make_one(0);
  std::vector<Ensemble::Member> members;
  for (std::size_t i = 0; i < models_.size(); ++i)
    members.push_back({"model " + std::to_string(i + 1), make_one(i)});
  return std::make_unique<Ensemble>(std::move(members));
}

std::vector<TranslatedLine> Translator::tokenize(const Text& text) const {
  std::vector<TranslatedLine> out(text.lines.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].source = source().encode_with_offsets(text.lines[i]);
  return out;
}

// Translates the lines with the given indices.
void Translator::translate_batch(const Text& text, const SearchStrategy& strategy,
                                 std::span<const std::size_t> batch, int worker,
                                 std::vector<TranslatedLine>& out) {
  auto& scorer = IndexSpan(scorers_)[worker];
  if (!scorer) scorer = make_scorer();
  std::vector<Ids> sources, prefixes;
  std::vector<std::uint64_t> example_ids;
  for (const auto i : batch) {
    sources.push_back(source().ids(out[i].source));
    example_ids.push_back(text.numbers.empty() ? i : text.numbers[i]);
    if (!text.prefixes.empty()) prefixes.push_back(target().encode(text.prefixes[i]));
  }
  IsWanted is_wanted;
  if (text.is_wanted) is_wanted = [&](std::size_t k) { return text.is_wanted(batch[k]); };
  auto found = strategy.search(*scorer, sources, example_ids, prefixes, is_wanted);
  for (std::size_t k = 0; k < batch.size(); ++k)
    add_translations({text.lines[batch[k]], text.prefixes.empty() ? "" : text.prefixes[batch[k]]},
                     strategy, found[k], out[batch[k]]);
}

void Translator::add_translations(const Line& line, const SearchStrategy& strategy,
                                  Nbest& hypotheses, TranslatedLine& out) const {
  std::vector<Tokenizer::Piece> prefix;
  if (!line.prefix.empty()) prefix = target().encode_with_offsets(line.prefix);
  for (auto& hypothesis : hypotheses) {
    Translation& t = out.translations.emplace_back(translation_of(hypothesis, target()));
    restore_prefix(line.prefix, prefix, target(), t);
    if (strategy.replaces_unknown())
      replace_unknown(line.text, out.source, source(), target(), prefix.size(), t);
  }
}

std::vector<TranslatedLine> Translator::translate(const Text& text, const SearchConfig& config,
                                                  const std::function<void(std::size_t)>& done) {
  return translate_tokenized(text, tokenize(text), config, [&](auto lines) {
    if (done) done(lines.size());
  });
}

std::vector<TranslatedLine> Translator::translate_tokenized(
    const Text& text, std::vector<TranslatedLine> out, const SearchConfig& config,
    const std::function<void(std::span<const std::size_t>)>& done) {
  const SearchStrategy strategy(config, target());
  ATTN_CHECK(out.size() == text.lines.size());
  ATTN_CHECK(text.prefixes.empty() || text.prefixes.size() == text.lines.size());
  const std::vector<std::size_t> order = longest_first(out);
  const auto empty =
      std::ranges::find_if(order, [&](std::size_t i) { return out[i].source.empty(); });
  for (auto i = empty; i != order.end(); ++i) out[*i].translations.resize(1);
  const Index count = empty - order.begin();
  const Index per_thread = (count + pool_.threads() - 1) / pool_.threads();
  const Index size = text.is_spread ? std::clamp<Index>(per_thread, 1, strategy.batch_size())
                                    : strategy.batch_size();
  const auto batches = chunks(IndexSpan(order).first(count), size);
  std::mutex mutex;
  done(std::span(empty, order.end()));
  const Share share = text.share;
  const std::size_t own = (batches.size() + share.count - 1 - share.index) / share.count;
  pool_.for_each(own, [&](std::size_t item, int worker) {
    const std::span<const std::size_t> batch = batches[item * share.count + share.index];
    translate_batch(text, strategy, batch, worker, out);
    const std::lock_guard lock(mutex);
    done(batch);
  });
  return out;
}

std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done) {
  return Translator(models, search_precisions().at(config.precision), pool)
      .translate(text, config, done);
}

}  // namespace attn

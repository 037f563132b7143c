#include "train/evaluate.h"

#include <algorithm>
#include <numeric>

#include "train/gradient.h"

namespace attn {
namespace {

// Divides the sentence pairs, in this order, into batches of at most kWordsPerChunk words. Returns
// the index in `order` where each batch begins, followed by the number of pairs.
std::vector<std::size_t> batch_begins(const Corpus& corpus,
                                      const std::vector<std::uint32_t>& order) {
  std::vector<std::size_t> begins;
  std::size_t words = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto more = corpus.source(order[i]).size() + corpus.target(order[i]).size();
    if (i == 0 || words + more > kWordsPerChunk) begins.push_back(i), words = 0;
    words += more;
  }
  begins.push_back(order.size());
  return begins;
}

}  // namespace

CorpusLoss measure(const Seq2Seq& model, const Weights& w, const Corpus& corpus, Workers workers) {
  std::vector<std::uint32_t> order(corpus.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return corpus.target(a).size() > corpus.target(b).size();
  });
  const auto begins = batch_begins(corpus, order);
  std::vector<Output::Loss> losses(begins.size() - 1);
  std::vector<Seq2Seq::Scratch> scratch;
  for (int i = 0; i < workers.pool.threads(); ++i) scratch.emplace_back(model);
  const auto bounds = divide_evenly(std::ssize(losses), workers.communicator.size());
  const auto first = static_cast<std::size_t>(IndexSpan(bounds)[workers.communicator.rank()]);
  const auto end = static_cast<std::size_t>(IndexSpan(bounds)[workers.communicator.rank() + 1]);
  workers.pool.for_each(end - first, [&](std::size_t own, int worker) {
    const std::size_t item = first + own;
    std::vector<Words> sources, targets;
    for (std::size_t i = begins[item]; i < begins[item + 1]; ++i) {
      sources.push_back(corpus.source(order[i]));
      targets.push_back(corpus.target(order[i]));
    }
    Batch batch;
    batch.assign(sources, targets, std::vector<std::uint64_t>(sources.size(), 0));
    losses[item] = model.loss(w, batch, {}, DropoutContext{}, IndexSpan(scratch)[worker]);
  });
  workers.communicator.all_gather(IndexSpan(losses), IndexSpan<const Index>(bounds));
  CorpusLoss sum;
  for (const auto& loss : losses)
    sum.cross_entropy += loss.cross_entropy, sum.accuracy += loss.correct;
  sum.tokens = static_cast<double>(corpus.text().target_tokens);
  sum.cross_entropy /= sum.tokens;
  sum.accuracy /= sum.tokens;
  return sum;
}

std::vector<TranslatedLine> translations(const Model& model, const std::vector<std::string>& lines,
                                         const SearchConfig& search, Pool& pool, Share share) {
  const Model* const models[] = {&model};
  Text text{lines};
  text.share = share;
  return translate(models, text, search, pool);
}

std::vector<std::string> texts(const std::vector<TranslatedLine>& lines) {
  std::vector<std::string> out;
  for (const auto& line : lines) out.push_back(line.translations[0].text);
  return out;
}

}  // namespace attn

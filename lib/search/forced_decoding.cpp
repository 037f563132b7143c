#include "search/forced_decoding.h"

#include <algorithm>

#include "base/error.h"

namespace attn {
namespace {

// Copies the results of sentence b of a batch from the scratch memory.
void copy_results(const Batch& batch, std::size_t b, const Seq2Seq::Scratch& scratch, int heads,
                  ForcedDecoding& out) {
  const auto& target = batch.target;
  const int sequence = static_cast<int>(b), steps = target.packing().length(sequence);
  for (int t = 0; t < steps; ++t)
    out.log_probs.push_back(
        double(IndexSpan(scratch.log_probs)[target.packing().column(sequence, t)]));
  const Index words = batch.source.begins()[b + 1] - batch.source.begins()[b];
  for (int head = 0; head < heads; ++head)
    out.attention.push_back(
        ConstMatrixView(scratch.weights.data() + target.weight_begin(static_cast<Index>(b), head),
                        words, steps)
            .map());
}

}  // namespace

std::vector<ForcedDecoding> score_targets(const Model& model, std::span<const std::string> sources,
                                          std::span<const std::string> targets, int batch_size,
                                          Pool& pool) {
  ATTN_CHECK(sources.size() == targets.size());
  std::vector<ForcedDecoding> out(sources.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].source = model.source.encode_with_offsets(sources[i]);
    out[i].target = model.target.encode_with_offsets(targets[i]);
    if (!out[i].source.empty() && !out[i].target.empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return out[a].target.size() > out[b].target.size(); });
  const auto batches = chunks(IndexSpan(order), batch_size);
  const Weights weights(model.weights);
  std::vector<Seq2Seq::Scratch> scratch;
  for (int i = 0; i < pool.threads(); ++i) scratch.emplace_back(model.network);
  pool.for_each(batches.size(), [&](std::size_t item, int worker) {
    const std::span<const std::size_t> members = batches[item];
    std::vector<std::vector<int>> source_ids, target_ids;
    for (const auto i : members) {
      source_ids.push_back(model.source.ids(out[i].source));
      target_ids.push_back(model.target.ids(out[i].target));
    }
    Batch batch;
    batch.assign(std::vector<Words>(source_ids.begin(), source_ids.end()),
                 std::vector<Words>(target_ids.begin(), target_ids.end()),
                 std::vector<std::uint64_t>(members.size(), 0));
    auto& own = IndexSpan(scratch)[worker];
    model.network.loss(weights, batch, {}, DropoutContext{}, own);
    for (std::size_t b = 0; b < members.size(); ++b)
      copy_results(batch, b, own, model.network.decoder().attention().heads(),
                   out[members[batch.order[b]]]);
  });
  return out;
}

}  // namespace attn

// Forward and backward pass of attention for a batch of sources and targets, step by step or with
// all steps at once. The loss is L = Σ c∘y for the contexts and attention states y.
#pragma once

#include <memory>
#include <numeric>
#include <vector>

#include "gradient/check.h"
#include "nn/attention/attention.h"

namespace attn::test {

inline const RandomKey kAttentionKey(5);

// The lengths of the sources, their segments and the targets.
struct AttentionShape {
  std::vector<Index> begins;                    // of the sources
  std::vector<Index> segments, segment_begins;  // as in EncoderOutput
  std::vector<int> targets;

  Index longest() const {
    Index words = 0;
    for (std::size_t b = 0; b + 1 < begins.size(); ++b)
      words = std::max(words, begins[b + 1] - begins[b]);
    return words;
  }
};

// Sources of 3, 1, 5 and 2 words with targets of 4, 3, 3 and 1 words. As documents, the sources
// have 2, 1, 3 and 2 segments.
inline const AttentionShape kSmallAttention = {.begins = {0, 3, 4, 9, 11},
                                               .segments = {0, 2, 3, 6, 8},
                                               .segment_begins = {0, 2, 3, 4, 5, 7, 9, 10, 11},
                                               .targets = {4, 3, 3, 1}};

struct AttentionPass {
  Layout layout;
  std::unique_ptr<Attention> attention;
  AttentionShape shape;
  std::vector<Index> blocks = {0};
  std::vector<int> sources;
  std::vector<std::uint64_t> example_ids;
  Packing packing;
  DropoutContext noise{true, kAttentionKey.at("noise")};
  Params w, g;
  Mat values, keys, projected, contents, first, last, states, saved, contexts, attention_states;
  Mat dvalues, dkeys, dprojected, dcontents, dfirst, dlast, dstates, dattention_states;
  Mat svalues, skeys, sprojected, dsvalues, dskeys, dsprojected;  // of the segments
  std::vector<Real> weights, dweights, advantages;  // dweights and advantages may be empty
  Mat c, cattention_states;

  explicit AttentionPass(const AttentionOptions& o, const AttentionShape& batch = kSmallAttention)
      : attention(make_attention(Scope(layout), o)),
        shape(batch),
        sources(shape.targets.size()),
        packing(shape.targets),
        w(random_params(kAttentionKey, layout)),
        g(layout),
        values(random_matrix(kAttentionKey.at("values"), o.sizes.value, words())),
        keys(attention->rows().words.keys, words()),
        projected(attention->rows().words.projected, words()),
        contents(attention->rows().contents, words()),
        first(random_matrix(kAttentionKey.at("first"), o.fixed_context_size, targets())),
        last(random_matrix(kAttentionKey.at("last"), o.fixed_context_size, targets())),
        states(random_matrix(kAttentionKey.at("states"), o.sizes.state, packing.columns())),
        saved(attention->rows().saved, packing.columns()),
        contexts(attention->context_rows(), packing.columns()),
        attention_states(attention->attention_state_rows(shape.longest()), packing.columns()),
        dvalues(zero(values)),
        dkeys(zero(keys)),
        dprojected(zero(projected)),
        dcontents(zero(contents)),
        dfirst(zero(first)),
        dlast(zero(last)),
        dstates(zero(states)),
        svalues(random_matrix(kAttentionKey.at("parts"), o.segment_size, shape.segments.back())),
        skeys(attention->rows().segments.keys, shape.segments.back()),
        sprojected(attention->rows().segments.projected, shape.segments.back()),
        dsvalues(zero(svalues)),
        dskeys(zero(skeys)),
        dsprojected(zero(sprojected)),
        c(random_matrix(kAttentionKey.at("c"), contexts.rows(), contexts.cols())),
        cattention_states(random_matrix(kAttentionKey.at("cattention_states"),
                                        attention_states.rows(), attention_states.cols())) {
    std::iota(sources.begin(), sources.end(), 0);
    for (std::size_t b = 0; b < sources.size(); ++b)
      blocks.push_back(blocks.back() + (shape.begins[b + 1] - shape.begins[b]) * shape.targets[b]);
    weights.resize(static_cast<std::size_t>(blocks.back() * std::max(attention->heads(), 1)));
    example_ids.resize(static_cast<std::size_t>(packing.columns()));
    std::iota(example_ids.begin(), example_ids.end(), 0U);
  }

  static Mat zero(const Mat& m) { return Mat::Zero(m.rows(), m.cols()); }
  Index words() const { return shape.begins.back(); }
  Index targets() const { return std::ssize(shape.targets); }

  EncoderOutput memory() {
    return {{shape.begins, view(values), view(keys), view(projected)},
            view(contents),
            view(first),
            view(last),
            {shape.segments, view(svalues), view(skeys), view(sprojected)},
            shape.segment_begins};
  }
  EncoderOutput gradient() {
    return {{shape.begins, view(dvalues), view(dkeys), view(dprojected)},
            view(dcontents),
            view(dfirst),
            view(dlast),
            {shape.segments, view(dsvalues), view(dskeys), view(dsprojected)},
            shape.segment_begins};
  }
  // The columns without those members that have an element for each column.
  AttentionColumns columns(Index t) {
    return {.sources = sources,
            .weights = weights.data(),
            .begins = blocks,
            .head_stride = blocks.back(),
            .t = t,
            .index = t,
            .noise = noise,
            .dweights = dweights.empty() ? nullptr : dweights.data()};
  }
  AttentionColumns step(int t) {
    const auto begin = static_cast<std::size_t>(packing.begin(t)),
               width = static_cast<std::size_t>(packing.width(t));
    AttentionColumns step = columns(t);
    step.sources = std::span(sources).first(width);
    step.example_ids = std::span(example_ids).subspan(begin, width);
    if (!advantages.empty()) step.advantages = std::span(advantages).subspan(begin, width);
    return step;
  }
  // Returns the attention state before step t.
  Mat before(int t) const {
    if (t == 0) return Mat::Zero(attention_states.rows(), packing.width(0));
    return packing.step(In(attention_states), t - 1).columns(0, packing.width(t)).map();
  }

  double forward() {
    Workspace ws;
    EncoderOutput m = memory();
    attention->prepare(Weights(w), m);
    for (int t = 0; t < packing.steps(); ++t)
      attention->step(
          Weights(w), m,
          {step(t), packing.step(Out(states), t), before(t), packing.step(Out(saved), t),
           packing.step(Out(contexts), t), packing.step(Out(attention_states), t)},
          ws);
    return weighted_sum(c, contexts) + weighted_sum(cattention_states, attention_states);
  }

  void backward() {
    Workspace ws;
    EncoderOutput dmemory = gradient();
    dattention_states = cattention_states;
    for (int t = packing.steps() - 1; t >= 0; --t) {
      Mat dbefore = Mat::Zero(attention_states.rows(), packing.width(t));
      attention->step_backward(
          Weights(w), memory(),
          {step(t), packing.step(Out(states), t), before(t), packing.step(Out(saved), t),
           packing.step(Out(contexts), t), packing.step(Out(attention_states), t)},
          {packing.step(Out(c), t), packing.step(Out(dattention_states), t),
           packing.step(Out(dstates), t), dbefore, dmemory},
          g, ws);
      if (t > 0)
        add(dbefore, packing.step(Out(dattention_states), t - 1).columns(0, packing.width(t)));
    }
    AttentionColumns steps = step(0);
    steps.example_ids = example_ids;
    attention->accumulate(Weights(w), memory(), packing,
                          {steps, states, attention_states, saved, contexts, attention_states}, c,
                          dmemory, g, ws);
  }
};

}  // namespace attn::test

// Attention to all steps of a batch at once, which computes the energies of a source and the steps
// of its target as a matrix product, gives the results of attention step by step.
#include <doctest/doctest.h>

#include "gradient/attention_pass.h"
#include "support/approx.h"

namespace attn::test {
namespace {

// Blocks of words and queries that are large enough for matrix products, and smaller ones.
const AttentionShape kLarge = {.begins = {0, 20, 43, 44, 46},
                               .segments = {0, 2, 6, 7, 8},
                               .segment_begins = {0, 3, 20, 23, 25, 36, 43, 44, 46},
                               .targets = {12, 11, 4, 1}};

// The columns of a batch in sentence order.
struct SentenceOrder {
  std::vector<int> sources, positions;
  std::vector<std::size_t> columns;  // in step order

  explicit SentenceOrder(const Packing& p) {
    for (int b = 0; b < p.sequences(); ++b)
      for (int t = 0; t < p.length(b); ++t) {
        sources.push_back(b), positions.push_back(t);
        columns.push_back(static_cast<std::size_t>(p.column(b, t)));
      }
  }
  // Returns the columns of a matrix, or the elements of a vector, in step order.
  Mat operator()(const Mat& m) const {
    Mat out(m.rows(), m.cols());
    for (std::size_t j = 0; j < columns.size(); ++j)
      out.col(static_cast<Index>(j)) = m.col(static_cast<Index>(columns[j]));
    return out;
  }
  template <class Number>
  std::vector<Number> operator()(const std::vector<Number>& all) const {
    std::vector<Number> out;
    if (!all.empty())
      for (const std::size_t j : columns) out.push_back(all[j]);
    return out;
  }
};

// Replaces the matrices with a column per step by the same in sentence order, and runs forward and
// backward pass with all steps at once.
void run_all_steps(AttentionPass& pass, const SentenceOrder& order) {
  Workspace ws;
  const Weights w(pass.w);
  EncoderOutput memory = pass.memory(), dmemory = pass.gradient();
  pass.states = order(pass.states), pass.c = order(pass.c);
  const auto example_ids = order(pass.example_ids);
  const auto advantages = order(pass.advantages);
  AttentionColumns columns = pass.columns(0);
  columns.sources = order.sources, columns.positions = order.positions;
  columns.example_ids = example_ids, columns.advantages = advantages;
  Mat none = pass.attention_states;
  const AttentionStep steps{columns, pass.states, none, pass.saved, pass.contexts, none};
  pass.attention->prepare(w, memory);
  pass.attention->step(w, memory, steps, ws);
  pass.attention->step_backward(w, memory, steps, {pass.c, none, pass.dstates, none, dmemory},
                                pass.g, ws);
  pass.attention->accumulate(w, memory, pass.packing, steps, pass.c, dmemory, pass.g, ws);
}

void check_equal(const std::string& name, const Mat& got, const Mat& want) {
  const auto size = static_cast<std::size_t>(want.size());
  check_near(name, {got.data(), size}, {want.data(), size}, 1e-12);
}

void check_all_steps(const AttentionOptions& options) {
  CAPTURE(options.score);
  CAPTURE(options.normalizer);
  CAPTURE(options.window);
  CAPTURE(options.heads);
  CAPTURE(options.segment_size);
  AttentionPass one(options, kLarge), all(options, kLarge);
  const bool is_stochastic = one.attention->is_stochastic();
  for (AttentionPass* pass : {&one, &all}) {
    pass->advantages = random_numbers(kAttentionKey.at("advantages"), pass->packing.columns());
    if (!is_stochastic)
      pass->dweights = random_numbers(kAttentionKey.at("dweights"), std::ssize(pass->weights));
  }
  one.forward();
  one.backward();
  const SentenceOrder order(one.packing);
  run_all_steps(all, order);
  check_near("weights", all.weights, one.weights, 1e-12);
  check_equal("contexts", all.contexts, order(one.contexts));
  check_equal("dstates", all.dstates, order(one.dstates));
  check_equal("dvalues", all.dvalues, one.dvalues);
  check_equal("dlast", all.dlast, one.dlast);
  check_equal("dsegments", all.dsvalues, one.dsvalues);
  for (const auto& entry : one.layout.entries())
    check_equal(entry.name, all.g.vector(entry.slot).map(), one.g.vector(entry.slot).map());
  CHECK(one.contexts.norm() > 0.01);
  CHECK(one.dstates.norm() + one.dlast.norm() > 0.01);
}

AttentionOptions options_of(const std::string& score, int heads) {
  AttentionOptions o;
  o.score = score;
  o.heads = heads;
  o.sizes = {.value = 53, .state = 53, .hidden = 53, .max_positions = 7};
  o.sizes.weight_norm = true;
  o.fixed_context_size = 3;
  if (heads > 1) o.projection_size = heads * 47;
  o.window_width = 2;
  o.window_hidden_size = 5;
  // At a lower temperature, sparse normalizers attend to a single word.
  o.normalizer_options = {.temperature = heads > 1 ? Real(100) : Real(7), .k = 3, .threshold = 0.5};
  o.dropout = 0.3;
  return o;
}

// Returns whether the score is defined for documents.
bool has_levels(const AttentionScoreKind& score) {
  return score.make && score.uses_content;
}

}  // namespace

TEST_CASE(
    "attention to all steps at once equals attention step by step for every score with every "
    "normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers())
      for (const int heads : {1, 2}) {
        if (!score.value.make && heads > 1) continue;
        AttentionOptions o = options_of(score.name, heads);
        o.normalizer = normalizer.name;
        if (normalizer.value.stochastic) o.dropout = 0;
        check_all_steps(o);
      }
}

TEST_CASE(
    "attention to all steps at once equals attention step by step for every score with every "
    "window") {
  for (const auto& score : attention_scores())
    for (const auto& window : attention_windows())
      for (const double dropout : {0.0, 0.3}) {
        if (!score.value.uses_content && window.value.is_local) continue;
        AttentionOptions o = options_of(score.name, 1);
        o.window = window.name;
        o.dropout = dropout;
        check_all_steps(o);
      }
}

TEST_CASE(
    "two-level attention to all steps at once equals attention step by step for every score with "
    "every normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers())
      for (const int heads : {1, 2}) {
        if (!has_levels(score.value) || normalizer.value.stochastic) continue;
        AttentionOptions o = options_of(score.name, heads);
        o.normalizer = normalizer.name;
        o.segment_size = o.sizes.value;
        check_all_steps(o);
      }
}

TEST_CASE("attention with coverage refuses all steps at once") {
  AttentionOptions o = options_of("additive", 1);
  o.sizes.coverage = true;
  AttentionPass pass(o);
  CHECK_THROWS_AS(run_all_steps(pass, SentenceOrder(pass.packing)), Bug);
}

}  // namespace attn::test

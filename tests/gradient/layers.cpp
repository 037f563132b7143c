// Gradients of each layer, for every parameter, every input and every row of every table. The loss
// is L = Σ c∘y with fixed random coefficients c for the output y of the layer, so that dL/dy = c.
#include <numeric>
#include <set>

#include <doctest/doctest.h>

#include "gradient/attention_pass.h"
#include "gradient/check.h"
#include "model/encoder.h"
#include "model/model_config.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"
#include "nn/embedding.h"
#include "nn/feed_forward.h"
#include "nn/layer_norm.h"
#include "nn/output.h"
#include "nn/readout.h"
#include "nn/rnn.h"
#include "nn/self_attention.h"
#include "support/encoders.h"

namespace attn::test {
namespace {

const RandomKey kKey = kAttentionKey;

void check_cell(const std::string& name, MakeCell make, bool layer_norm) {
  CAPTURE(name);
  CAPTURE(layer_norm);
  const Index input = 3, hidden = 5, columns = 7;
  Layout layout;
  const auto cell = make(Scope(layout), {input, hidden, layer_norm});
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), input, columns);
  Mat prev = random_matrix(kKey.at("prev"), cell->state_rows(), columns);
  Mat a(cell->gate_rows(), columns), state(cell->state_rows(), columns),
      saved(cell->saved_rows(), columns);
  const Mat c = random_matrix(kKey.at("c"), cell->state_rows(), columns);

  const auto forward = [&] {
    cell->project(Weights(w), x, a);
    cell->step(Weights(w), prev, a, state, saved);
    return weighted_sum(c, state);
  };
  forward();
  Mat dx = Mat::Zero(input, columns), dprev = Mat::Zero(prev.rows(), columns);
  cell->step_backward(Weights(w), prev, c, a, saved, dprev);
  cell->input_backward(Weights(w), a, dx);
  cell->accumulate(x, prev, a, saved, g);
  const Mat da = a;

  check_gradient("x", x, dx, forward);
  check_gradient("prev", prev, dprev, forward);
  check_parameters(layout, w, g, forward);
  Mat gates(a.rows(), columns);
  cell->project(Weights(w), x, gates);
  check_gradient("a", gates, da, [&] {
    a = gates;
    cell->step(Weights(w), prev, a, state, saved);
    return weighted_sum(c, state);
  });
}

void check_rnn(const std::string& name, MakeCell make, bool layer_norm, Direction direction) {
  CAPTURE(name);
  CAPTURE(layer_norm);
  CAPTURE(direction == Direction::forward);
  const Index input = 3, hidden = 5;
  const Packing p(std::vector<int>{5, 3, 3, 1});
  Layout layout;
  const Rnn rnn(Scope(layout), make, {input, hidden, layer_norm}, direction);
  Params w = random_params(kKey, layout), g(layout);
  const std::vector<int> words = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2, 4};  // of each column
  Mat x = random_matrix(kKey.at("x"), input, 5);
  const UniqueColumns unique{view(x), words};
  const Mat c = random_matrix(kKey.at("c"), hidden, p.columns());
  Workspace ws;

  const auto forward = [&] {
    const auto scope = ws.scope();
    Rnn::Saved saved(rnn, p.columns(), ws);
    rnn.forward(Weights(w), p, unique, saved, ws);
    return weighted_sum(c, saved.state.row_range(0, hidden));
  };
  Mat dx = Mat::Zero(input, x.cols());
  {
    const auto scope = ws.scope();
    Rnn::Saved saved(rnn, p.columns(), ws);
    rnn.forward(Weights(w), p, unique, saved, ws);
    add(c, saved.dstate.row_range(0, hidden));
    rnn.backward(Weights(w), p, unique, saved, ws, g, dx);
  }
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

void check_attention(const AttentionOptions& options) {
  CAPTURE(options.score);
  CAPTURE(options.normalizer);
  CAPTURE(options.window);
  CAPTURE(options.sizes.coverage);
  CAPTURE(options.heads);
  CAPTURE(options.segment_size);
  AttentionPass at(options);
  const auto forward = [&] { return at.forward(); };
  forward();
  at.backward();
  check_parameters(at.layout, at.w, at.g, forward);
  CHECK(at.dfirst.isZero(0));  // only the start state of the decoder reads it
  if (at.attention->heads() > 0) {
    check_gradient("values", at.values, at.dvalues, forward);
    check_gradient("states", at.states, at.dstates, forward);
    if (options.segment_size > 0) check_gradient("segments", at.svalues, at.dsvalues, forward);
    CHECK(at.dlast.isZero(0));
  } else {
    check_gradient("last", at.last, at.dlast, forward);
    CHECK(at.dvalues.isZero(0));
    CHECK(at.dstates.isZero(0));
  }
}

// One attention step for one source of 3 words.
struct OneStep {
  Layout layout;
  std::unique_ptr<Attention> attention;
  std::vector<Index> begins = {0, 3}, blocks = {0};
  std::vector<int> source = {0};
  std::vector<std::uint64_t> example_id = {0};
  std::vector<Real> weights = std::vector<Real>(3), advantage = {0};
  Packing packing{std::vector<int>{1}};
  Mat values, state, keys, saved, context, none, dvalues, dstate, dkeys;

  OneStep(AttentionOptions o, const std::string& normalizer, const Mat& h, const Mat& s)
      : values(h), state(s), none(0, 1) {
    o.normalizer = normalizer;
    attention = make_attention(Scope(layout), o);
    keys.resize(attention->rows().words.keys, 3);
    saved.resize(attention->rows().saved, 1);
    context.resize(values.rows(), 1);
  }
  EncoderOutput memory(Mat& h, Mat& k) {
    const auto empty = [&] { return view(none); };
    return {{begins, view(h), view(k), empty()}, empty(), empty(), empty(),
            {begins, empty(), empty(), empty()}, begins};
  }
  AttentionColumns step(const DropoutContext& noise) {
    return {source, weights.data(), blocks, 3, 0, 0, noise, example_id, nullptr, advantage};
  }
  void forward(const Params& w, const DropoutContext& noise) {
    EncoderOutput m = memory(values, keys);
    attention->prepare(Weights(w), m);
    Workspace ws;
    attention->step(Weights(w), m, {step(noise), state, none, saved, context, none}, ws);
  }
  void backward(const Params& w, const DropoutContext& noise, const Mat& dcontext, Params& g) {
    Workspace ws;
    dvalues = Mat::Zero(values.rows(), 3), dkeys = Mat::Zero(keys.rows(), 3);
    dstate = Mat::Zero(state.rows(), 1);
    EncoderOutput dmemory = memory(dvalues, dkeys);
    const EncoderOutput m = memory(values, keys);
    const AttentionStep operands{step(noise), state, none, saved, context, none};
    attention->step_backward(Weights(w), m, operands, {dcontext, none, dstate, none, dmemory}, g,
                             ws);
    attention->accumulate(Weights(w), m, packing, operands, dcontext, dmemory, g, ws);
  }
};

// The expected loss is E = −Σ_i p_i R_i, where R_i = c·h_i is the reward of sampling word i. The
// gradient of E must equal the mean of the estimates over all samples, for any baseline.
void check_hard(const std::string& score) {
  CAPTURE(score);
  AttentionOptions o;
  o.score = score;
  o.sizes = {5, 5, 4, 4};
  const Mat h = random_matrix(kKey.at("h"), 5, 3), s = random_matrix(kKey.at("s"), 5, 1),
            c = random_matrix(kKey.at("c"), 5, 1);
  const double baseline = 0.37;
  OneStep soft(o, "softmax", h, s), hard(o, "hard", h, s);
  Params w = random_params(kKey, soft.layout), mean(soft.layout);
  Mat dvalues = Mat::Zero(5, 3), dstate = Mat::Zero(5, 1);
  const auto expectation = [&] {
    soft.forward(w, DropoutContext{});
    double sum = 0;
    for (Index i = 0; i < 3; ++i)
      sum -= soft.weights[static_cast<std::size_t>(i)] * c.col(0).dot(soft.values.col(i));
    return sum;
  };
  expectation();
  const std::vector<Real> p = soft.weights;
  std::set<Index> sampled;
  for (std::uint64_t seed = 0; sampled.size() < 3; ++seed) {
    REQUIRE(seed < 1000);
    const DropoutContext noise{true, kKey.at(seed)};
    hard.forward(w, noise);
    const auto at = std::max_element(hard.weights.begin(), hard.weights.end());
    CHECK(*at == 1);
    const Index i = at - hard.weights.begin();
    if (!sampled.insert(i).second) continue;
    Params g(hard.layout);
    hard.advantage[0] = c.col(0).dot(h.col(i)) - baseline;
    hard.backward(w, noise, -c, g);
    const Real probability = p[static_cast<std::size_t>(i)];
    for (std::size_t k = 0; k < g.flat().size(); ++k) mean.flat()[k] += probability * g.flat()[k];
    dvalues += probability * hard.dvalues;
    dstate += probability * hard.dstate;
  }
  check_parameters(soft.layout, w, mean, expectation);
  check_gradient("values", soft.values, dvalues, expectation);
  check_gradient("state", soft.state, dstate, expectation);
}

// Returns options with different sizes where the score allows it.
AttentionOptions attention_of(const std::string& score, int heads) {
  AttentionOptions o;
  o.score = score;
  o.heads = heads;
  o.fixed_context_size = 3;
  const bool same_size = attention_scores().at(score).same_size && heads == 1;
  o.sizes = {
      .value = 5, .state = same_size ? 5 : 3, .hidden = heads > 1 ? 6 : 7, .max_positions = 4};
  if (heads > 1) o.projection_size = 6;
  o.window_width = 1;
  o.window_hidden_size = 6;
  o.normalizer_options = {Real(0.7), 2, 0.5};
  return o;
}

void check_readout(const std::string& name, const Activation& activation) {
  CAPTURE(name);
  const Readout::Sizes sizes{3, 5, 7, 2};
  const Index columns = 11;
  const std::vector<int> inverse = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2};
  Layout layout;
  const Readout readout(Scope(layout), sizes, activation);
  Params w = random_params(kKey, layout), g(layout);
  Mat state = random_matrix(kKey.at("state"), sizes.state, columns),
      embedded = random_matrix(kKey.at("embedded"), sizes.embedding, 4),
      context = random_matrix(kKey.at("context"), sizes.context, columns);
  Mat inner(readout.inner_rows(), columns), t(sizes.out, columns);
  const Mat c = random_matrix(kKey.at("c"), sizes.out, columns);
  Workspace ws;
  const UniqueColumns unique{view(embedded), inverse};
  const auto forward = [&] {
    readout.forward(Weights(w), state, unique, context, inner, t, ws);
    return weighted_sum(c, t);
  };
  forward();
  Mat dstate = Mat::Zero(sizes.state, columns), dembedded = Mat::Zero(sizes.embedding, 4),
      dcontext = Mat::Zero(sizes.context, columns);
  readout.backward(Weights(w), c, inner, dstate, dcontext);
  readout.accumulate(Weights(w), state, unique, context, inner, g, dembedded, ws);
  check_gradient("state", state, dstate, forward);
  check_gradient("embedded", embedded, dembedded, forward);
  check_gradient("context", context, dcontext, forward);
  check_parameters(layout, w, g, forward);
}

std::vector<int> random_words(RandomKey key, Index n, Index vocabulary) {
  std::vector<int> words;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(n); ++i)
    words.push_back(static_cast<int>(key.at(i).below(static_cast<std::uint64_t>(vocabulary))));
  return words;
}

// Has enough columns for several chunks of the output layer.
void check_output(const Layout& layout, const Output& output, Index rows, double smoothing) {
  CAPTURE(smoothing);
  const Index columns = 600;
  Params w = random_params(kKey, layout), g(layout);
  Mat t = random_matrix(kKey.at("t"), rows, columns);
  const auto words = random_words(kKey.at("words"), columns, output.vocabulary());
  std::vector<Real> log_probs(words.size()), again(words.size());
  Workspace ws;
  const auto forward = [&] {
    return output.loss(Weights(w), t, words, smoothing, log_probs, ws).objective;
  };
  Mat dt = Mat::Zero(rows, columns);
  const auto loss = output.loss_and_gradient(Weights(w), t, words, smoothing, again, g, dt, ws);
  CHECK(forward() == loss.objective);
  CHECK(log_probs == again);
  check_gradient("t", t, dt, forward);
  check_parameters(layout, w, g, forward);
}

// Compares log-probabilities and losses with their definitions.
void check_losses(const Layout& layout, const Output& output, Slot matrix, Slot bias, Index rows) {
  const Params w = random_params(kKey, layout);
  const Mat t = random_matrix(kKey.at("t"), rows, 5);
  const auto words = random_words(kKey.at("words"), 5, output.vocabulary());
  Mat log_probs(output.vocabulary(), 5);
  output.log_probs(Weights(w), t, log_probs);
  std::vector<Real> of_words(5);
  Workspace ws;
  const double smoothing = 0.1, V = static_cast<double>(output.vocabulary());
  const auto loss = output.loss(Weights(w), t, words, smoothing, of_words, ws);
  double objective = 0, cross_entropy = 0, correct = 0;
  for (Index j = 0; j < 5; ++j) {
    const int word = words[static_cast<std::size_t>(j)];
    const Mat z = w.transposed(matrix).map().transpose() * t.col(j) + w.vector(bias).map();
    const double log_total = std::log(z.array().exp().sum());
    for (Index v = 0; v < z.rows(); ++v) {
      const double log_prob = z(v) - log_total, q = smoothing / V + (v == word ? 1 - smoothing : 0);
      CHECK(log_probs(v, j) == doctest::Approx(log_prob).epsilon(1e-12));
      objective -= q * log_prob;
    }
    cross_entropy -= z(word) - log_total;
    correct += z(word) == z.maxCoeff();
    CHECK(of_words[static_cast<std::size_t>(j)] ==
          doctest::Approx(z(word) - log_total).epsilon(1e-12));
  }
  CHECK(loss.objective == doctest::Approx(objective).epsilon(1e-12));
  CHECK(loss.cross_entropy == doctest::Approx(cross_entropy).epsilon(1e-12));
  CHECK(loss.correct == correct);
}

// The sentences have 3, 1, 5 and 2 words.
void check_sublayer(const Layout& layout, const Sublayer& f, Index size) {
  Params w = random_params(kKey, layout), g(layout);
  const std::vector<Index> begins = {0, 3, 4, 9, 11};
  std::vector<std::uint64_t> example_ids(11);
  std::iota(example_ids.begin(), example_ids.end(), 0U);
  const SentenceColumns s{begins, example_ids, DropoutContext{true, kKey.at("noise")}};
  Mat x = random_matrix(kKey.at("x"), size, 11), y(size, 11), dx = Mat::Zero(size, 11);
  const Mat c = random_matrix(kKey.at("c"), size, 11);
  Workspace ws;
  const auto forward = [&] {
    const auto scope = ws.scope();
    Sublayer::Saved saved;
    f.forward(Weights(w), s, x, y, saved, ws);
    return weighted_sum(c, y);
  };
  {
    const auto scope = ws.scope();
    Sublayer::Saved saved;
    f.forward(Weights(w), s, x, y, saved, ws);
    f.backward(Weights(w), s, x, c, saved, g, dx, ws);
  }
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

// The matrices of an encoder output, or of its gradient.
struct EncoderMatrices {
  Mat values, first, last, segments, none;

  EncoderMatrices(const EncoderOutputRows& rows, const SourceBatch& batch)
      : values(rows.values, batch.packing().columns()),
        first(rows.first, batch.sources()),
        last(rows.last, batch.sources()),
        segments(rows.segments, batch.segments().packing().columns()),
        none(0, batch.packing().columns()) {}

  void randomize() {
    const auto fill = [](const std::string& name, Mat& m) {
      m = random_matrix(kKey.at(name), m.rows(), m.cols());
    };
    fill("values", values), fill("first", first), fill("last", last), fill("parts", segments);
  }
  EncoderOutput output(const SourceBatch& batch) {
    const auto level = [&](std::span<const Index> begins, Mat& m) {
      return EncoderLevel{begins, view(m), view(none), view(none)};
    };
    return {level(batch.begins(), values),
            view(none),
            view(first),
            view(last),
            level(batch.segments().begins(), segments),
            batch.segment_begins()};
  }
};

void check_encoder(const std::string& name, const ModelConfig& config) {
  CAPTURE(name);
  Layout layout;
  const auto encoder = make_encoder(layout, config, 7);
  Params w = random_params(kKey.at(name).at(2), layout), g(layout);
  const std::vector<std::vector<int>> sentences = {{4, 2, 1}, {1}, {3, 6, 1, 0, 1}, {1, 1}};
  const std::vector<Words> sources(sentences.begin(), sentences.end());
  SourceBatch batch;
  batch.assign(sources, std::vector<std::uint64_t>{2, 0, 1, 3});
  EncoderMatrices y(encoder->rows(), batch), c = y;
  c.randomize();
  EncoderMatrices dy = c;  // the backward pass may overwrite it
  EncoderOutput memory = y.output(batch), dmemory = dy.output(batch);
  const DropoutContext noise{true, kKey.at("noise")};
  const auto saved = encoder->make_saved();
  Workspace ws;
  const auto forward = [&] {
    const auto scope = ws.scope();
    encoder->forward(Weights(w), batch, noise, *saved, memory, ws);
    return weighted_sum(c.values, y.values) + weighted_sum(c.first, y.first) +
           weighted_sum(c.last, y.last) + weighted_sum(c.segments, y.segments);
  };
  {
    const auto scope = ws.scope();
    encoder->forward(Weights(w), batch, noise, *saved, memory, ws);
    encoder->backward(Weights(w), batch, noise, *saved, dmemory, g, ws);
  }
  check_parameters(layout, w, g, forward);
}

}  // namespace

TEST_CASE("the gradients of a linear layer equal finite differences") {
  Layout layout;
  const Linear linear(Scope(layout), 3, 5);
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), 3, 7), y(5, 7), dx = Mat::Zero(3, 7);
  const Mat c = random_matrix(kKey.at("c"), 5, 7);
  const auto forward = [&] { return linear.forward(Weights(w), x, y), weighted_sum(c, y); };
  linear.backward(Weights(w), c, dx);
  linear.accumulate(x, c, g);
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

TEST_CASE("the gradients of an embedding equal finite differences for repeated and missing words") {
  Layout layout;
  const Embedding embedding(Scope(layout), 7, 3);
  Params w = random_params(kKey, layout), g(layout);
  const std::vector<int> words = {4, 0, -1, 4, 6, -1, 4, 1, 2, 3, 5};
  Mat x(3, 11);
  const Mat c = random_matrix(kKey.at("c"), 3, 11);
  const auto forward = [&] { return embedding.forward(Weights(w), words, x), weighted_sum(c, x); };
  embedding.backward(words, c, g);
  check_parameters(layout, w, g, forward);
  forward();
  CHECK(x.col(2).isZero(0));
}

TEST_CASE("the gradients of one step of every cell equal finite differences") {
  for (const auto& cell : cells())
    for (const bool layer_norm : {false, true}) check_cell(cell.name, cell.value, layer_norm);
}

TEST_CASE(
    "the gradients of every cell over sequences of unequal lengths equal finite differences in "
    "both directions") {
  for (const auto& cell : cells())
    for (const bool layer_norm : {false, true})
      for (const auto direction : {Direction::forward, Direction::backward})
        check_rnn(cell.name, cell.value, layer_norm, direction);
}

TEST_CASE(
    "the gradients of attention equal finite differences for every score and several numbers of "
    "heads") {
  for (const auto& score : attention_scores())
    for (const int heads : {1, 2, 3})
      if (score.value.make || heads == 1) check_attention(attention_of(score.name, heads));
}

TEST_CASE(
    "the gradients of attention equal finite differences for every score with every normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers()) {
      if (!score.value.make || normalizer.value.stochastic) continue;
      AttentionOptions o = attention_of(score.name, 1);
      o.normalizer = normalizer.name;
      check_attention(o);
    }
}

TEST_CASE(
    "for every score, the mean gradient estimate of hard attention is the gradient of the expected "
    "loss") {
  for (const auto& score : attention_scores())
    if (score.value.make) check_hard(score.name);
}

TEST_CASE(
    "the gradients of attention equal finite differences for every score that takes coverage and "
    "every window, with and without coverage") {
  for (const auto& score : attention_scores())
    for (const auto& window : attention_windows())
      for (const bool coverage : {false, true})
        for (const int heads : {1, 2}) {
          if (!score.value.takes_coverage) continue;
          AttentionOptions o = attention_of(score.name, heads);
          o.window = window.name;
          o.sizes.coverage = coverage;
          check_attention(o);
        }
}

TEST_CASE(
    "the gradients of attention equal finite differences for every score without coverage and "
    "every window") {
  for (const auto& score : attention_scores())
    for (const auto& window : attention_windows()) {
      const bool fits = score.value.uses_content || !window.value.is_local;
      if (!score.value.make || score.value.takes_coverage || !fits) continue;
      AttentionOptions o = attention_of(score.name, 1);
      o.window = window.name;
      check_attention(o);
    }
}

TEST_CASE(
    "the gradients of two-level attention equal finite differences for every score with every "
    "normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers())
      for (const int heads : {1, 2}) {
        if (!score.value.make || !score.value.uses_content || normalizer.value.stochastic) continue;
        AttentionOptions o = attention_of(score.name, heads);
        o.normalizer = normalizer.name;
        // At a lower temperature, sparse normalizers attend to a single word.
        o.normalizer_options.temperature = 4;
        o.segment_size = o.sizes.value;
        o.dropout = 0.2;
        check_attention(o);
      }
}

TEST_CASE(
    "the gradients of attention equal finite differences with projections, weight normalization "
    "and dropout") {
  for (const char* score : {"dot", "cosine"}) {
    AttentionOptions o = attention_of(score, 1);
    o.sizes = {5, 3, 7};
    o.projection_size = 7;
    check_attention(o);
  }
  for (const bool coverage : {false, true}) {
    AttentionOptions o = attention_of("additive", 2);
    o.sizes.weight_norm = true;
    o.sizes.coverage = coverage;
    o.dropout = 0.4;
    check_attention(o);
  }
}

TEST_CASE("the gradients of the readout equal finite differences for every activation") {
  for (const auto& activation : activations()) check_readout(activation.name, activation.value);
}

TEST_CASE(
    "the gradients of the output layer equal finite differences with and without label smoothing") {
  Layout layout;
  const Output output(Scope(layout), 5, 7);
  for (const double smoothing : {0.0, 0.1}) check_output(layout, output, 5, smoothing);
}

TEST_CASE(
    "the gradients of an output layer that shares its matrix with an embedding equal finite "
    "differences") {
  Layout layout;
  const Embedding embedding(Scope(layout) / "target", 7, 5);
  const Output output(Scope(layout) / "output", embedding.table());
  CHECK(layout.entries().size() == 2);
  check_output(layout, output, 5, 0.1);
}

TEST_CASE("the log-probabilities and losses of the output layer follow their definitions") {
  Layout layout;
  const Output output(Scope(layout), 5, 7);
  check_losses(layout, output, layout.entries()[0].slot, layout.entries()[1].slot, 5);
}

TEST_CASE("the gradients of layer normalization equal finite differences") {
  Layout layout;
  const LayerNorm norm(Scope(layout), 5);
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), 5, 7), saved(norm.saved_rows(), 7), y(5, 7),
      dx = Mat::Zero(5, 7);
  const Mat c = random_matrix(kKey.at("c"), 5, 7);
  const auto forward = [&] { return norm.forward(Weights(w), x, saved, y), weighted_sum(c, y); };
  forward();
  norm.backward(Weights(w), saved, c, dx);
  norm.accumulate(saved, c, g);
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

TEST_CASE(
    "the gradients of self-attention equal finite differences for several numbers of heads and "
    "distances") {
  for (const int heads : {1, 2})
    for (const Index distance : {0, 1, 3})
      for (const double dropout : {0.0, 0.3}) {
        CAPTURE(heads);
        CAPTURE(distance);
        CAPTURE(dropout);
        Layout layout;
        const SelfAttention f(Scope(layout), {6, heads, distance, dropout});
        check_sublayer(layout, f, 6);
      }
}

TEST_CASE("the gradients of the feed-forward network equal finite differences") {
  Layout layout;
  const FeedForward f(Scope(layout), 3, 7);
  check_sublayer(layout, f, 3);
}

TEST_CASE("the gradients of every encoder equal finite differences for all of its outputs") {
  EncoderConfig options;
  options.heads = 2;
  options.feed_forward_size = 5;
  options.max_relative_position = 2;
  for (auto& [name, encoder] : all_encoders(options)) {
    ModelConfig config;
    config.embedding_size = 3;
    config.hidden_size = 5;
    config.encoder = encoder;
    check_encoder(name, config);
    config.embedding_size = 10;  // the size of the h_j: no input projection
    config.encoder.layers = 2;
    config.encoder.recurrent_layers = 2;
    config.residual = true;
    config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
    check_encoder(name + ", deep", config);
  }
}

TEST_CASE("dropout sets the expected fraction of numbers to zero and scales the others") {
  const Dropout dropout("layer", 0.3);
  const DropoutContext noise{true, kKey};
  std::vector<std::uint64_t> example_ids(103);
  std::iota(example_ids.begin(), example_ids.end(), 0U);
  Mat x = Mat::Ones(101, 103);
  dropout.apply(noise, example_ids, x);
  const auto zeros = static_cast<double>((x.array() == 0).count());
  CHECK(zeros / 10403 == doctest::Approx(0.3).epsilon(0.05));  // about 3 standard deviations
  CHECK((x.array() == 0 || x.array() == 1 / 0.7).all());
  std::set<std::vector<double>> masks;
  for (Index j = 0; j < x.cols(); ++j) masks.emplace(x.col(j).begin(), x.col(j).end());
  for (Index i = 0; i < x.rows(); ++i) masks.emplace(x.row(i).begin(), x.row(i).end());
  CHECK(masks.size() == 101 + 103);
}

TEST_CASE(
    "a dropout mask is a function of key, layer and example id, and inactive dropout changes "
    "nothing") {
  const Dropout dropout("layer", 0.5), other("other layer", 0.5);
  const DropoutContext noise{true, kKey}, next{true, kKey.at(1)};
  const std::vector<std::uint64_t> example_ids = {7, 3, std::uint64_t{1} << 40, 5};
  const auto mask = [&](const Dropout& layer, const DropoutContext& by,
                        std::span<const std::uint64_t> at) {
    Mat x = Mat::Ones(31, static_cast<Index>(at.size()));
    layer.apply(by, at, x);
    return x;
  };
  const Mat x = mask(dropout, noise, example_ids);
  CHECK(mask(dropout, noise, example_ids) == x);
  CHECK(mask(dropout, noise, std::vector<std::uint64_t>{5, 3}) ==
        (Mat(31, 2) << x.col(3), x.col(1)).finished());
  CHECK(mask(dropout, next, example_ids) != x);
  CHECK(mask(other, noise, example_ids) != x);
  CHECK(mask(dropout, DropoutContext{}, example_ids) == Mat::Ones(31, 4));
  CHECK(mask(Dropout("layer", 0), noise, example_ids) == Mat::Ones(31, 4));
}

TEST_CASE("the gradient of dropout is dropout of the gradient") {
  const Dropout dropout("layer", 0.3);
  const DropoutContext noise{true, kKey};
  const std::vector<std::uint64_t> example_ids = {2, 0, 1, 9, 4};
  Mat x = random_matrix(kKey.at("x"), 3, 5), y, dx = random_matrix(kKey.at("c"), 3, 5);
  const Mat c = dx;
  dropout.apply(noise, example_ids, dx);
  check_gradient("x", x, dx, [&] {
    y = x;
    dropout.apply(noise, example_ids, y);
    return weighted_sum(c, y);
  });
}

}  // namespace attn::test

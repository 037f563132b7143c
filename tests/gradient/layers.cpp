// Each layer by itself: every parameter and every input, for every row of every table. What a layer
// gives is weighed by fixed random coefficients c, so that L = Σ c∘y and dL/dy = c.
#include <numeric>
#include <set>

#include <doctest/doctest.h>

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

const RandomKey kKey(5);

View view(Mat& m) {
  return View(m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(std::max<Index>(m.rows(), 1)));
}

void check_cell(const std::string& name, MakeCell make, bool normalized) {
  CAPTURE(name);
  CAPTURE(normalized);
  const Index input = 3, hidden = 5, columns = 7;
  Layout layout;
  const auto cell = make(Scope(layout), {input, hidden, normalized});
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), input, columns);
  Mat prev = random_matrix(kKey.at("prev"), cell->state_rows(), columns);
  Mat a(cell->gate_rows(), columns), state(cell->state_rows(), columns),
      cache(cell->saved_rows(), columns);
  const Mat c = random_matrix(kKey.at("c"), cell->state_rows(), columns);

  const auto forward = [&] {
    cell->project(w, x, a);
    cell->step(w, prev, a, state, cache);
    return weighted_sum(c, state);
  };
  forward();
  Mat dx = Mat::Zero(input, columns), dprev = Mat::Zero(prev.rows(), columns);
  cell->step_backward(w, prev, c, a, cache, dprev);
  cell->input_backward(w, a, dx);
  cell->accumulate(x, prev, a, cache, g);
  const Mat da = a;

  check_gradient("x", x, dx, forward);
  check_gradient("prev", prev, dprev, forward);
  check_parameters(layout, w, g, forward);
  Mat gates(a.rows(), columns);
  cell->project(w, x, gates);
  check_gradient("a", gates, da, [&] {
    a = gates;
    cell->step(w, prev, a, state, cache);
    return weighted_sum(c, state);
  });
}

void check_rnn(const std::string& name, MakeCell make, bool normalized, Direction direction) {
  CAPTURE(name);
  CAPTURE(normalized);
  CAPTURE(direction == Direction::forward);
  const Index input = 3, hidden = 5;
  const Packing p(std::vector<int>{5, 3, 3, 1});
  Layout layout;
  const Rnn rnn(Scope(layout), make, {input, hidden, normalized}, direction);
  Params w = random_params(kKey, layout), g(layout);
  const std::vector<int> words = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2, 4};  // input of each column
  Mat x = random_matrix(kKey.at("x"), input, 5);
  const UniqueColumns repeated{view(x), words};
  const Mat c = random_matrix(kKey.at("c"), hidden, p.columns());
  Workspace ws;

  const auto forward = [&] {
    const auto scope = ws.scope();
    Rnn::Tape tape(rnn, p.columns(), ws);
    rnn.forward(w, p, repeated, tape, ws);
    return weighted_sum(c, tape.state.topRows(hidden));
  };
  Mat dx = Mat::Zero(input, x.cols());
  {
    const auto scope = ws.scope();
    Rnn::Tape tape(rnn, p.columns(), ws);
    rnn.forward(w, p, repeated, tape, ws);
    tape.dstate.topRows(hidden) += c;
    rnn.backward(w, p, repeated, tape, ws, g, dx);
  }
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

// Attention over sources of 3, 1, 5 and 2 words, which 4, 3, 3 and 1 columns read; as documents, of
// 2, 1, 3 and 2 sentences.
struct Attending {
  Layout layout;
  std::unique_ptr<Attention> attention;
  std::vector<Index> begins = {0, 3, 4, 9, 11}, blocks = {0};
  std::vector<Index> parts = {0, 2, 3, 6, 8}, segment_begins = {0, 2, 3, 4, 5, 7, 9, 10, 11};
  std::vector<int> sentences = {0, 1, 2, 3};
  std::vector<std::uint64_t> example_ids = std::vector<std::uint64_t>(11);
  Packing packing{std::vector<int>{4, 3, 3, 1}};
  DropoutContext noise{true, kKey.at("noise")};
  Params w, g;
  Mat values, keys, projected, contents, first, last, states, tapes, contexts, carried;
  Mat dvalues, dkeys, dprojected, dcontents, dfirst, dlast, dstates, dattention_state;
  Mat pvalues, pkeys, pprojected, dpvalues, dpkeys, dpprojected;  // of the sentences
  std::vector<Real> weights;
  Mat c, ccarried;

  explicit Attending(const AttentionOptions& o)
      : attention(make_attention(Scope(layout), o)),
        w(random_params(kKey, layout)),
        g(layout),
        values(random_matrix(kKey.at("values"), o.sizes.memory, begins.back())),
        keys(attention->rows().words.keys, begins.back()),
        projected(attention->rows().words.projected, begins.back()),
        contents(attention->rows().contents, begins.back()),
        first(random_matrix(kKey.at("first"), o.summary, 4)),
        last(random_matrix(kKey.at("last"), o.summary, 4)),
        states(random_matrix(kKey.at("states"), o.sizes.state, packing.columns())),
        tapes(attention->rows().tape, packing.columns()),
        contexts(attention->context_rows(), packing.columns()),
        carried(attention->attention_state_rows(5), packing.columns()),
        dvalues(zero(values)),
        dkeys(zero(keys)),
        dprojected(zero(projected)),
        dcontents(zero(contents)),
        dfirst(zero(first)),
        dlast(zero(last)),
        dstates(zero(states)),
        pvalues(random_matrix(kKey.at("parts"), o.segments, parts.back())),
        pkeys(attention->rows().segments.keys, parts.back()),
        pprojected(attention->rows().segments.projected, parts.back()),
        dpvalues(zero(pvalues)),
        dpkeys(zero(pkeys)),
        dpprojected(zero(pprojected)),
        c(random_matrix(kKey.at("c"), contexts.rows(), contexts.cols())),
        ccarried(random_matrix(kKey.at("ccarried"), carried.rows(), carried.cols())) {
    for (std::size_t b = 0; b < 4; ++b)
      blocks.push_back(blocks.back() +
                       (begins[b + 1] - begins[b]) * packing.length(static_cast<int>(b)));
    weights.resize(static_cast<std::size_t>(blocks.back() * std::max(attention->heads(), 1)));
    std::iota(example_ids.begin(), example_ids.end(), 0U);
  }

  static Mat zero(const Mat& m) { return Mat::Zero(m.rows(), m.cols()); }

  EncoderOutput memory() {
    return {{begins, view(values), view(keys), view(projected)},
            view(contents),
            view(first),
            view(last),
            {parts, view(pvalues), view(pkeys), view(pprojected)},
            segment_begins};
  }
  EncoderOutput gradient() {
    return {{begins, view(dvalues), view(dkeys), view(dprojected)},
            view(dcontents),
            view(dfirst),
            view(dlast),
            {parts, view(dpvalues), view(dpkeys), view(dpprojected)},
            segment_begins};
  }
  AttentionStep reading(int t) {
    const auto begin = static_cast<std::size_t>(packing.begin(t)),
               width = static_cast<std::size_t>(packing.width(t));
    return {std::span(sentences).first(width),
            weights.data(),
            blocks,
            blocks.back(),
            t,
            t,
            noise,
            std::span(example_ids).subspan(begin, width)};
  }
  // What was carried to step t.
  Mat before(int t) const {
    if (t == 0) return Mat::Zero(carried.rows(), packing.width(0));
    return packing.step(carried, t - 1).leftCols(packing.width(t));
  }

  double forward() {
    EncoderOutput m = memory();
    attention->prepare(w, m);
    for (int t = 0; t < packing.steps(); ++t)
      attention->step(w, m, reading(t), packing.step(states, t), before(t), packing.step(tapes, t),
                      packing.step(contexts, t), packing.step(carried, t));
    return weighted_sum(c, contexts) + weighted_sum(ccarried, carried);
  }

  void backward() {
    Workspace ws;
    EncoderOutput dmemory = gradient();
    dattention_state = ccarried;
    for (int t = packing.steps() - 1; t >= 0; --t) {
      Mat dbefore = Mat::Zero(carried.rows(), packing.width(t));
      attention->step_backward(w, memory(), reading(t), packing.step(states, t), before(t),
                               packing.step(c, t), packing.step(dattention_state, t),
                               packing.step(tapes, t), g, dmemory, packing.step(dstates, t),
                               dbefore, ws);
      if (t > 0) packing.step(dattention_state, t - 1).leftCols(packing.width(t)) += dbefore;
    }
    AttentionStep whole = reading(0);
    whole.example_ids = example_ids;
    attention->accumulate(w, memory(), packing, whole, states, tapes, c, g, dmemory, ws);
  }
};

void check_attention(const AttentionOptions& options) {
  CAPTURE(options.score);
  CAPTURE(options.normalizer);
  CAPTURE(options.window);
  CAPTURE(options.sizes.coverage);
  CAPTURE(options.heads);
  CAPTURE(options.segments);
  Attending at(options);
  const auto forward = [&] { return at.forward(); };
  forward();
  at.backward();
  check_parameters(at.layout, at.w, at.g, forward);
  CHECK(at.dfirst.isZero(0));  // the decoder's start alone reads it
  if (at.attention->heads() > 0) {
    check_gradient("values", at.values, at.dvalues, forward);
    check_gradient("states", at.states, at.dstates, forward);
    if (options.segments > 0) check_gradient("sentences", at.pvalues, at.dpvalues, forward);
    CHECK(at.dlast.isZero(0));
  } else {
    check_gradient("last", at.last, at.dlast, forward);
    CHECK(at.dvalues.isZero(0));
    CHECK(at.dstates.isZero(0));
  }
}

// One step over one sentence, its weights drawn or soft, of the same parameters.
struct OneStep {
  Layout layout;
  std::unique_ptr<Attention> attention;
  std::vector<Index> begins = {0, 3}, blocks = {0};
  std::vector<int> sentence = {0};
  std::vector<std::uint64_t> place = {0};
  std::vector<Real> weights = std::vector<Real>(3), advantage = {0};
  Packing packing{std::vector<int>{1}};
  Mat values, state, keys, tape, context, none, dvalues, dstate, dkeys;

  OneStep(AttentionOptions o, const std::string& normalizer, const Mat& h, const Mat& s)
      : values(h), state(s), none(0, 1) {
    o.normalizer = normalizer;
    attention = make_attention(Scope(layout), o);
    keys.resize(attention->rows().words.keys, 3);
    tape.resize(attention->rows().tape, 1);
    context.resize(values.rows(), 1);
  }
  EncoderOutput memory(Mat& h, Mat& k) {
    const auto no = [&] { return view(none); };
    return {{begins, view(h), view(k), no()}, no(), no(), no(), {begins, no(), no(), no()}, begins};
  }
  AttentionStep reading(const DropoutContext& noise) {
    return {sentence, weights.data(), blocks, 3, 0, 0, noise, place, nullptr, advantage};
  }
  void forward(const Params& w, const DropoutContext& noise) {
    EncoderOutput m = memory(values, keys);
    attention->prepare(w, m);
    attention->step(w, m, reading(noise), state, none, tape, context, none);
  }
  void backward(const Params& w, const DropoutContext& noise, const Mat& dcontext, Params& g) {
    Workspace ws;
    dvalues = Mat::Zero(values.rows(), 3), dkeys = Mat::Zero(keys.rows(), 3);
    dstate = Mat::Zero(state.rows(), 1);
    EncoderOutput dmemory = memory(dvalues, dkeys);
    const EncoderOutput m = memory(values, keys);
    attention->step_backward(w, m, reading(noise), state, none, dcontext, none, tape, g, dmemory,
                             dstate, none, ws);
    attention->accumulate(w, m, packing, reading(noise), state, tape, dcontext, g, dmemory, ws);
  }
};

// E = −Σ_i p_i R_i, R_i = c·h_i the reward of drawing word i: its gradient is the mean of the
// estimates over all draws, whatever the baseline.
void check_drawn(const std::string& score) {
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
  std::set<Index> drawn;
  for (std::uint64_t seed = 0; drawn.size() < 3; ++seed) {
    REQUIRE(seed < 1000);
    const DropoutContext noise{true, kKey.at(seed)};
    hard.forward(w, noise);
    const auto at = std::max_element(hard.weights.begin(), hard.weights.end());
    CHECK(*at == 1);
    const Index i = at - hard.weights.begin();
    if (!drawn.insert(i).second) continue;
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

// Sizes that differ where the score lets them.
AttentionOptions attention_of(const std::string& score, int heads) {
  AttentionOptions o;
  o.score = score;
  o.heads = heads;
  o.summary = 3;
  const bool same_size = attention_scores().at(score).same_size && heads == 1;
  o.sizes = {
      .memory = 5, .state = same_size ? 5 : 3, .attention = heads > 1 ? 6 : 7, .max_positions = 4};
  if (heads > 1) o.projection = 6;
  o.window_width = 1;
  o.window_size = 6;
  o.normalizer_options = {Real(0.7), 2, 0.5};
  return o;
}

void check_readout(const std::string& name, const Activation& activation) {
  CAPTURE(name);
  const Readout::Sizes sizes{3, 5, 7, 2};
  const Index columns = 11;
  const std::vector<int> which = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2};  // embedding of each column
  Layout layout;
  const Readout readout(Scope(layout), sizes, activation);
  Params w = random_params(kKey, layout), g(layout);
  Mat state = random_matrix(kKey.at("state"), sizes.state, columns),
      embedded = random_matrix(kKey.at("embedded"), sizes.embedding, 4),
      context = random_matrix(kKey.at("context"), sizes.context, columns);
  Mat inner(readout.inner_rows(), columns), t(sizes.out, columns);
  const Mat c = random_matrix(kKey.at("c"), sizes.out, columns);
  Workspace ws;
  const UniqueColumns repeated{view(embedded), which};
  const auto forward = [&] {
    readout.forward(w, state, repeated, context, inner, t, ws);
    return weighted_sum(c, t);
  };
  forward();
  Mat dstate = Mat::Zero(sizes.state, columns), dembedded = Mat::Zero(sizes.embedding, 4),
      dcontext = Mat::Zero(sizes.context, columns);
  readout.backward(w, c, inner, dstate, dcontext);
  readout.accumulate(w, state, repeated, context, inner, g, dembedded, ws);
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

// Columns for more than one of the output layer's chunks.
void check_output(const Layout& layout, const Output& output, Index rows, double smoothing) {
  CAPTURE(smoothing);
  const Index columns = 600;
  Params w = random_params(kKey, layout), g(layout);
  Mat t = random_matrix(kKey.at("t"), rows, columns);
  const auto words = random_words(kKey.at("words"), columns, output.vocabulary());
  std::vector<Real> log_probs(words.size()), again(words.size());
  Workspace ws;
  const auto forward = [&] { return output.loss(w, t, words, smoothing, log_probs, ws).objective; };
  Mat dt = Mat::Zero(rows, columns);
  const auto loss = output.loss_and_gradient(w, t, words, smoothing, again, g, dt, ws);
  CHECK(forward() == loss.objective);
  CHECK(log_probs == again);
  check_gradient("t", t, dt, forward);
  check_parameters(layout, w, g, forward);
}

// The definitions, word by word.
void check_losses(const Layout& layout, const Output& output, Slot matrix, Slot bias, Index rows) {
  const Params w = random_params(kKey, layout);
  const Mat t = random_matrix(kKey.at("t"), rows, 5);
  const auto words = random_words(kKey.at("words"), 5, output.vocabulary());
  Mat log_probs(output.vocabulary(), 5);
  output.log_probs(w, t, log_probs);
  std::vector<Real> of_words(5);
  Workspace ws;
  const double smoothing = 0.1, V = static_cast<double>(output.vocabulary());
  const auto loss = output.loss(w, t, words, smoothing, of_words, ws);
  double objective = 0, cross_entropy = 0, correct = 0;
  for (Index j = 0; j < 5; ++j) {
    const int word = words[static_cast<std::size_t>(j)];
    const Mat z = w.transposed(matrix).transpose() * t.col(j) + w.vector(bias);
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

// Over sentences of 3, 1, 5 and 2 words.
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
    Sublayer::Kept kept;
    f.forward(w, s, x, y, kept, ws);
    return weighted_sum(c, y);
  };
  {
    const auto scope = ws.scope();
    Sublayer::Kept kept;
    f.forward(w, s, x, y, kept, ws);
    f.backward(w, s, x, c, kept, g, dx, ws);
  }
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

void check_encoder(const std::string& name, const ModelConfig& config) {
  CAPTURE(name);
  const Index vocabulary = 7;
  Layout layout;
  const auto encoder = make_encoder(layout, config, vocabulary);
  Params w = random_params(kKey.at(name).at(1), layout), g(layout);
  const std::vector<std::vector<int>> sentences = {{4, 2, 1}, {1}, {3, 6, 1, 0, 1}, {1, 1}};
  const std::vector<Words> sources(sentences.begin(), sentences.end());
  SourceBatch batch;
  batch.assign(sources, std::vector<std::uint64_t>{2, 0, 1, 3});
  const Index tokens = batch.packing().columns();
  const auto coefficients = [&](const std::string& what, Index rows, Index cols) {
    return random_matrix(kKey.at(what), rows, cols);
  };
  const EncoderOutputRows rows = encoder->rows();
  Mat values(rows.values, tokens), keys(0, tokens), first(rows.first, 4), last(rows.last, 4);
  const Index n = batch.segments().packing().columns();
  Mat none(0, tokens), parts(rows.segments, n);
  Mat dparts = coefficients("parts", parts.rows(), n);
  Mat dvalues = coefficients("values", values.rows(), tokens),
      dfirst = coefficients("first", first.rows(), 4), dlast = coefficients("last", last.rows(), 4);
  const Mat cvalues = dvalues, cfirst = dfirst, clast = dlast, cparts = dparts;
  const auto level = [&](std::span<const Index> begins, Mat& of) {
    return EncoderLevel{begins, view(of), view(keys), view(none)};
  };
  const auto parts_begins = batch.segments().begins();
  EncoderOutput memory{level(batch.begins(), values),
                       view(none),
                       view(first),
                       view(last),
                       level(parts_begins, parts),
                       batch.segment_begins()},
      dmemory{level(batch.begins(), dvalues),
              view(none),
              view(dfirst),
              view(dlast),
              level(parts_begins, dparts),
              batch.segment_begins()};
  const DropoutContext noise{true, kKey.at("noise")};
  const auto tape = encoder->make_saved();
  Workspace ws;
  const auto forward = [&] {
    const auto scope = ws.scope();
    encoder->forward(w, batch, noise, *tape, memory, ws);
    return weighted_sum(cvalues, values) + weighted_sum(cfirst, first) + weighted_sum(clast, last) +
           weighted_sum(cparts, parts);
  };
  {
    const auto scope = ws.scope();
    encoder->forward(w, batch, noise, *tape, memory, ws);
    encoder->backward(w, batch, noise, *tape, dmemory, g, ws);
  }
  check_parameters(layout, w, g, forward);
}

}  // namespace

TEST_CASE("a linear layer") {
  Layout layout;
  const Linear linear(Scope(layout), 3, 5);
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), 3, 7), y(5, 7), dx = Mat::Zero(3, 7);
  const Mat c = random_matrix(kKey.at("c"), 5, 7);
  const auto forward = [&] { return linear.forward(w, x, y), weighted_sum(c, y); };
  linear.backward(w, c, dx);
  linear.accumulate(x, c, g);
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

TEST_CASE("an embedding, of words that come twice and of no word") {
  Layout layout;
  const Embedding embedding(Scope(layout), 7, 3);
  Params w = random_params(kKey, layout), g(layout);
  const std::vector<int> words = {4, 0, -1, 4, 6, -1, 4, 1, 2, 3, 5};
  Mat x(3, 11);
  const Mat c = random_matrix(kKey.at("c"), 3, 11);
  const auto forward = [&] { return embedding.forward(w, words, x), weighted_sum(c, x); };
  embedding.backward(words, c, g);
  check_parameters(layout, w, g, forward);
  forward();
  CHECK(x.col(2).isZero(0));
}

TEST_CASE("every cell: one step") {
  for (const auto& cell : cells())
    for (const bool normalized : {false, true}) check_cell(cell.name, cell.value, normalized);
}

TEST_CASE("every cell along sequences of unequal lengths, in both directions") {
  for (const auto& cell : cells())
    for (const bool normalized : {false, true})
      for (const auto direction : {Direction::forward, Direction::backward})
        check_rnn(cell.name, cell.value, normalized, direction);
}

TEST_CASE("attention by every score, with one head and with several") {
  for (const auto& score : attention_scores())
    for (const int heads : {1, 2, 3})
      if (score.value.make || heads == 1) check_attention(attention_of(score.name, heads));
}

TEST_CASE("attention by every score with every normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers()) {
      if (!score.value.make || normalizer.value.stochastic) continue;
      AttentionOptions o = attention_of(score.name, 1);
      o.normalizer = normalizer.name;
      check_attention(o);
    }
}

TEST_CASE("the gradient of words that are drawn is right on average, for every score") {
  for (const auto& score : attention_scores())
    if (score.value.make) check_drawn(score.name);
}

TEST_CASE("attention in every window, with and without coverage, with one head and with several") {
  for (const auto& window : windows())
    for (const bool coverage : {false, true})
      for (const int heads : {1, 2}) {
        AttentionOptions o = attention_of("additive", heads);
        o.window = window.name;
        o.sizes.coverage = coverage;
        check_attention(o);
      }
}

TEST_CASE("attention to words and sentences by every score, with every normalizer") {
  for (const auto& score : attention_scores())
    for (const auto& normalizer : normalizers())
      for (const int heads : {1, 2}) {
        if (!score.value.make || !score.value.uses_content || normalizer.value.stochastic) continue;
        AttentionOptions o = attention_of(score.name, heads);
        o.normalizer = normalizer.name;
        o.normalizer_options.temperature =
            4;  // else the sparse ones look at one word of one sentence
        o.segments = o.sizes.memory;
        o.dropout = 0.2;
        check_attention(o);
      }
}

TEST_CASE("attention in a projection, normed, and with dropout of its weights") {
  for (const char* score : {"dot", "cosine"}) {
    AttentionOptions o = attention_of(score, 1);
    o.sizes = {5, 3, 7};
    o.projection = 7;
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

TEST_CASE("the readout with every activation") {
  for (const auto& activation : activations()) check_readout(activation.name, activation.value);
}

TEST_CASE("the output layer, with and without label smoothing") {
  Layout layout;
  const Output output(Scope(layout), 5, 7);
  for (const double smoothing : {0.0, 0.1}) check_output(layout, output, 5, smoothing);
}

TEST_CASE("the output layer whose matrix is a table of embeddings") {
  Layout layout;
  const Embedding embedding(Scope(layout) / "target", 7, 5);
  const Output output(Scope(layout) / "output", embedding.table());
  CHECK(layout.entries().size() == 2);
  check_output(layout, output, 5, 0.1);
}

TEST_CASE("the output layer's log-probabilities and losses are what their definitions say") {
  Layout layout;
  const Output output(Scope(layout), 5, 7);
  check_losses(layout, output, layout.entries()[0].slot, layout.entries()[1].slot, 5);
}

TEST_CASE("layer normalization") {
  Layout layout;
  const LayerNorm norm(Scope(layout), 5);
  Params w = random_params(kKey, layout), g(layout);
  Mat x = random_matrix(kKey.at("x"), 5, 7), kept(norm.saved_rows(), 7), y(5, 7),
      dx = Mat::Zero(5, 7);
  const Mat c = random_matrix(kKey.at("c"), 5, 7);
  const auto forward = [&] { return norm.forward(w, x, kept, y), weighted_sum(c, y); };
  forward();
  norm.backward(w, kept, c, dx);
  norm.accumulate(kept, c, g);
  check_gradient("x", x, dx, forward);
  check_parameters(layout, w, g, forward);
}

TEST_CASE("self-attention with one head and with several, and with distances") {
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

TEST_CASE("the position-wise feed-forward network") {
  Layout layout;
  const FeedForward f(Scope(layout), 3, 7);
  check_sublayer(layout, f, 3);
}

TEST_CASE("every encoder, through all that the decoder sees of it") {
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
    config.embedding_size = 10;  // as the h_j: without projection
    config.encoder.layers = 2;
    config.encoder.recurrent_layers = 2;
    config.residual = true;
    config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
    check_encoder(name + ", deep", config);
  }
}

TEST_CASE("dropout keeps the expected share, and what it keeps it scales up") {
  const Dropout dropout("layer", 0.3);
  const DropoutContext noise{true, kKey};
  std::vector<std::uint64_t> example_ids(103);
  std::iota(example_ids.begin(), example_ids.end(), 0U);
  Mat x = Mat::Ones(101, 103);
  dropout.apply(noise, example_ids, x);
  const auto zeros = static_cast<double>((x.array() == 0).count());
  CHECK(zeros / 10403 == doctest::Approx(0.3).epsilon(0.05));  // 3 deviations and a bit
  CHECK((x.array() == 0 || x.array() == 1 / 0.7).all());
  std::set<std::vector<double>> masks;
  for (Index j = 0; j < x.cols(); ++j) masks.emplace(x.col(j).begin(), x.col(j).end());
  for (Index i = 0; i < x.rows(); ++i) masks.emplace(x.row(i).begin(), x.row(i).end());
  CHECK(masks.size() == 101 + 103);
}

TEST_CASE("dropout is a function of key, layer and place; without noise it does nothing") {
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

TEST_CASE("dropout's backward is dropout of the gradient") {
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

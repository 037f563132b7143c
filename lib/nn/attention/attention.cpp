#include "nn/attention/attention.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/profile.h"

namespace attn {
namespace {

// What is weighed, and the projections before it is compared.
enum LevelNumber : std::size_t { kWords, kSentences };
struct Level {
  Slot w_query, w_key;
  Index projected = 0, dprojected = 0;  // of a column's tape: Q q, where queries are projected
};

const EncoderLevel& of_level(const EncoderOutput& memory, std::size_t level) {
  return level == kSentences ? memory.segments : memory;
}
EncoderLevel& of_level(EncoderOutput& memory, std::size_t level) {
  return level == kSentences ? memory.segments : memory;
}

// The rows of a column's tape: the queries of all heads, after backward their gradients; then those
// of each Level, and
struct SavedRows {
  Index window = 0, dwindow = 0;
  Index contexts = 0, dcontexts = 0;  // of all heads, where they are projected again
  Index all = 0;
};

class ScoredAttention : public Attention {
 public:
  ScoredAttention(Scope at, const AttentionOptions& o)
      : sizes_(o.sizes),
        is_stochastic_(normalizers().at(o.normalizer).stochastic),
        has_coverage_(o.sizes.coverage),
        normalizer_(normalizers().at(o.normalizer).make(o.normalizer_options)),
        window_(windows().at(o.window).make(at / "window",
                                            {o.sizes.state, o.window_size, o.window_width})),
        projects_(o.projection > 0),
        head_size_(o.projection / o.heads) {
    if (o.heads > 1) {
      const Scope in = at / "projection";
      w_content_ = in.matrix("content", o.projection, sizes_.memory, Role::input, o.heads);
      w_context_ = in.matrix("context", sizes_.memory, o.projection, Role::input);
    }
    for (int i = 0; i < o.heads; ++i)
      heads_.push_back({i, Dropout("attention." + std::to_string(i), o.dropout), {}});
    add_level(at, o, sizes_.memory, rows_.words);
    if (o.segments > 0) add_level(at / "sentences", o, o.segments, rows_.segments);
    count_rows(o);
  }

  Index context_rows() const override { return sizes_.memory; }
  const AttentionRows& rows() const override { return rows_; }
  int heads() const override { return static_cast<int>(heads_.size()); }
  bool is_stochastic() const override { return is_stochastic_; }
  Index attention_state_rows(Index longest) const override {
    return has_coverage_ ? longest * heads() : 0;
  }

  void prepare(const Params& w, EncoderOutput& memory) const override {
    const Timed timed(Stage::attention);
    if (joins()) product(w, w_content_, memory.values, memory.contents);
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      EncoderLevel& m = of_level(memory, l);
      if (projects_keys()) product(w, levels_[l].w_key, m.values, m.projected);
      for (const Head& head : heads_)
        head.scored[l].score->keys(w, input(m.values, m.projected, head),
                                   keys_of(m, head.scored[l]));
    }
  }

  void step(const Params& w, const EncoderOutput& memory, const AttentionStep& r, In state,
            In carried, Out tape, Out context, Out next_attention_state) const override {
    const Timed timed(Stage::attention);
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      auto projected = tape.middleRows(levels_[l].projected, query_rows());
      if (projects_) product(w, levels_[l].w_query, state, projected);
      for (const Head& head : heads_)
        head.scored[l].score->query(w, input(state, projected, head),
                                    queries_of(tape, head.scored[l]));
    }
    window_->center(w, state, tape.middleRows(tape_.window, window_->saved_rows()));
    next_attention_state = carried;
    for (Index j = 0; j < tape.cols(); ++j)
      for (const Head& head : heads_)
        attend(w, memory, r, head, j, tape,
               joins() ? tape.col(j).data() + tape_.contexts + contents_at(head)
                       : context.col(j).data(),
               coverage_of(next_attention_state, head, j));
    if (joins()) product(w, w_context_, tape.middleRows(tape_.contexts, w_content_.rows), context);
  }

  void step_backward(const Params& w, const EncoderOutput& memory, const AttentionStep& r, In state,
                     In carried, In dcontext, In dnext_attention_state, Out tape, Params& g,
                     EncoderOutput& dmemory, Out dstate, Out dattention_state,
                     Workspace& ws) const override {
    const Timed timed(Stage::attention);
    const auto scope = ws.scope();
    auto dcontexts = tape.middleRows(tape_.dcontexts, joins() ? w_content_.rows : 0);
    if (joins()) {
      dcontexts.setZero();
      add_transposed_product(w, w_context_, dcontext, dcontexts);
    }
    tape.middleRows(tape_.dwindow, window_->saved_rows()).setZero();
    dattention_state += dnext_attention_state;
    View dqueries = ws.zeros(tape_.window, tape.cols());  // queries stand first
    for (Index j = 0; j < tape.cols(); ++j)
      for (const Head& head : heads_) {
        const Step at{memory,
                      r,
                      head,
                      j,
                      tape.col(j).data(),
                      coverage_of(carried, head, j),
                      coverage_of(dnext_attention_state, head, j),
                      g,
                      dmemory,
                      dqueries.col(j).data(),
                      coverage_of(dattention_state, head, j)};
        const Real* dc =
            joins() ? dcontexts.col(j).data() + contents_at(head) : dcontext.col(j).data();
        attend_backward(w, at, dc, ws);
      }
    queries_backward(w, state, dqueries, tape, dstate);
    window_->center_backward(w, tape.middleRows(tape_.window, window_->saved_rows()),
                             tape.middleRows(tape_.dwindow, window_->saved_rows()), dstate);
  }

  void accumulate(const Params& w, const EncoderOutput& memory, const Packing& p,
                  const AttentionStep& r, In states, In tapes, In dcontexts, Params& g,
                  EncoderOutput& dmemory, Workspace& ws) const override {
    const Timed timed(Stage::attention);
    const Eigen::Ref<const Mat> dheads = joins()
                                             ? tapes.middleRows(tape_.dcontexts, w_content_.rows)
                                             : dcontexts.middleRows(0, sizes_.memory);
    for (const Head& head : heads_) accumulate_contents(memory, p, r, head, dheads, dmemory, ws);
    for (std::size_t l = 0; l < levels_.size(); ++l)
      accumulate_level(w, memory, l, states, tapes, g, dmemory);
    window_->accumulate(states, tapes.middleRows(tape_.window, window_->saved_rows()),
                        tapes.middleRows(tape_.dwindow, window_->saved_rows()), g);
    if (joins()) {
      add_outer_product(dcontexts, tapes.middleRows(tape_.contexts, w_content_.rows), g,
                        w_context_);
      add_outer_product(dmemory.contents, memory.values, g, w_content_);
      add_transposed_product(w, w_content_, dmemory.contents, dmemory.values);
    }
  }

 private:
  // A head's score of one level.
  struct Scored {
    std::unique_ptr<AttentionScore> score;
    Index keys, queries;  // where its rows begin, in the level's keys and in the tape
  };
  struct Head {
    Index number;
    Dropout dropout;  // of its weights
    std::vector<Scored> scored;
  };
  // One column of a step in backward.
  struct Step {
    const EncoderOutput& memory;
    const AttentionStep& r;
    const Head& head;
    Index j;
    Real* column;  // of the tape
    const Real* coverage;
    const Real* dcoverage_after;
    Params& g;
    EncoderOutput& dmemory;
    Real* dqueries;
    Real* dcoverage;
  };

  void add_level(Scope at, const AttentionOptions& o, Index memory, LevelRows& rows) {
    Level level;
    if (projects_) {
      const Scope in = at / "projection";
      level.w_query = in.matrix("query", o.projection, sizes_.state, Role::attention);
      if (attention_scores().at(o.score).uses_content)
        level.w_key = in.matrix("key", o.projection, memory, Role::attention);
    }
    levels_.push_back(level);
    rows.projected = level.w_key.rows;
    AttentionScoreSizes sizes = sizes_;
    sizes.memory = memory;
    if (projects_) sizes.memory = sizes.state = head_size_;
    if (o.heads > 1) sizes.attention = head_size_;
    for (Head& head : heads_) {
      head.scored.push_back(
          {attention_scores().at(o.score).make(o.heads > 1 ? at / head.number : at, sizes),
           rows.keys, tape_.all});
      rows.keys += head.scored.back().score->key_rows();
      tape_.all += head.scored.back().score->query_rows();
    }
  }

  void count_rows(const AttentionOptions& o) {
    const auto take = [this](Index& at, Index rows) { at = tape_.all, tape_.all += rows; };
    take(tape_.window, window_->saved_rows());
    take(tape_.dwindow, window_->saved_rows());
    for (Level& level : levels_) {
      take(level.projected, o.projection);
      take(level.dprojected, o.projection);
    }
    const Index joined = joins() ? o.projection : 0;
    take(tape_.contexts, joined);
    take(tape_.dcontexts, joined);
    rows_.contents = joined;
    rows_.tape = tape_.all;
  }

  bool projects_keys() const { return levels_[kWords].w_key.rows > 0; }
  Index query_rows() const { return levels_[kWords].w_query.rows; }
  bool has_segments() const { return levels_.size() > 1; }
  bool joins() const { return heads_.size() > 1; }
  Index contents_rows() const { return joins() ? head_size_ : sizes_.memory; }
  Index contents_at(const Head& head) const { return joins() ? head.number * head_size_ : 0; }

  // What a head's score takes: its part of the projection, or the thing itself.
  Eigen::Ref<const Mat> input(In whole, In projected, const Head& head) const {
    if (projected.rows() > 0) return projected.middleRows(head.number * head_size_, head_size_);
    return whole;
  }
  Eigen::Ref<Mat> gradient(Out whole, Out projected, const Head& head) const {
    if (projected.rows() > 0) return projected.middleRows(head.number * head_size_, head_size_);
    return whole;
  }

  static View keys_of(const EncoderLevel& m, const Scored& s) {
    return attn::rows(m.keys, s.keys, s.score->key_rows());
  }
  static Eigen::Ref<Mat> queries_of(Out tape, const Scored& s) {
    return tape.middleRows(s.queries, s.score->query_rows());
  }

  Span span_of(const AttentionStep& r, const Head& head, const Real* tape, Index words) const {
    Span span = window_->span(tape + tape_.window, r.t, words);
    span.end = std::min(span.end, head.scored[kWords].score->max_positions());
    ATTN_CHECK(span.size() > 0);
    return span;
  }
  // Source b's columns of one level.
  static View keys_of(const EncoderLevel& m, const Scored& s, Index b, const Span& span) {
    return columns(keys_of(m, s), m.begin(b) + span.begin, span.size());
  }
  static KeyBlock key_block(const EncoderLevel& m, const Scored& s, Index b, const Span& span,
                            const Real* coverage = nullptr) {
    const View keys = keys_of(m, s, b, span);
    return {ConstView(keys.data(), keys.rows(), keys.cols(), keys.outerStride()), span.begin,
            coverage ? coverage + span.begin : nullptr};
  }
  const Real* content(const EncoderOutput& memory, const Head& head, Index b, Index word) const {
    const View& m = joins() ? memory.contents : memory.values;
    return m.data() + (memory.begin(b) + word) * m.outerStride() + contents_at(head);
  }
  // The sums of a head's past weights, or their gradient.
  const Real* coverage_of(In carried, const Head& head, Index j) const {
    return has_coverage_ ? carried.col(j).data() + coverage_at(carried.rows(), head) : nullptr;
  }
  Real* coverage_of(Out carried, const Head& head, Index j) const {
    return has_coverage_ ? carried.col(j).data() + coverage_at(carried.rows(), head) : nullptr;
  }
  Index coverage_at(Index carried, const Head& head) const {
    return head.number * (carried / heads());
  }
  Dropout::Mask mask_of(const AttentionStep& r, const Head& head, Index column) const {
    return r.noise.on ? head.dropout.mask(r.noise, r.example_ids[static_cast<std::size_t>(column)])
                      : Dropout::Mask();
  }
  Draw draw_of(const AttentionStep& r, const Head& head, Index j) const {
    const auto at = static_cast<std::size_t>(j);
    return {r.noise, r.noise.on ? r.example_ids[at] : 0, head.number,
            r.advantages.empty() ? 0 : r.advantages[at]};
  }

  // Weights and context of one head in one column; adds the weights to its coverage.
  void attend(const Params& w, const EncoderOutput& memory, const AttentionStep& r,
              const Head& head, Index j, In tape, Real* context, Real* coverage) const {
    const Index b = r.sentence_of(j), words = memory.length(b);
    const Real* column = tape.col(j).data();
    Real* all = r.weights + r.at(memory, j) + head.number * r.head;
    const Span span = span_of(r, head, column, words);
    std::fill_n(all, words, Real(0));
    if (has_segments())
      weigh_levels(w, memory, head, b, draw_of(r, head, j), column, all);
    else
      weigh(w, key_block(memory, head.scored[kWords], b, span, coverage), head.scored[kWords],
            draw_of(r, head, j), column, all + span.begin);
    window_->shape(column + tape_.window, span, words, all + span.begin);
    const Dropout::Mask mask = mask_of(r, head, j);
    std::fill_n(context, contents_rows(), Real(0));
    for (Index i = span.begin; i < span.end; ++i)
      if (all[i] != 0)
        add_scaled(contents_rows(), all[i] * mask(i), content(memory, head, b, i), context);
    if (coverage) add(words, all, coverage);
    count_operations(operations(memory, head, b) + 2 * words * contents_rows());
  }

  void weigh(const Params& w, const KeyBlock& run, const Scored& scored, const Draw& draw,
             const Real* column, Real* weights) const {
    scored.score->energies(w, run, column + scored.queries, weights);
    normalizer_->weigh(run.keys.cols(), draw, weights);
  }

  // The β come first, into the same numbers: part s's words stand nowhere before number s, so that
  // from the last part to the first they overwrite no β that is still needed.
  void weigh_levels(const Params& w, const EncoderOutput& memory, const Head& head, Index b,
                    const Draw& draw, const Real* column, Real* weights) const {
    const Index segments = memory.segments.length(b);
    const auto& [of_words, of_segments] = std::tie(head.scored[kWords], head.scored[kSentences]);
    weigh(w, key_block(memory.segments, of_segments, b, {0, segments}), of_segments, draw, column,
          weights);
    for (Index s = segments; s-- > 0;) {
      const Real beta = weights[s];
      const Span words = memory.segment(b, s);
      weigh(w, key_block(memory, of_words, b, words), of_words, draw, column,
            weights + words.begin);
      for (Index i = words.begin; i < words.end; ++i) weights[i] *= beta;
    }
  }

  // A window counts as if it saw every word: the work of a model is a formula of lengths.
  Index operations(const EncoderOutput& memory, const Head& head, Index b) const {
    Index sum = 0;
    for (std::size_t l = 0; l < levels_.size(); ++l)
      sum += of_level(memory, l).length(b) * head.scored[l].score->operations();
    return sum;
  }

  void attend_backward(const Params& w, const Step& at, const Real* dcontext, Workspace& ws) const {
    const auto& [memory, r, head, j] = std::tie(at.memory, at.r, at.head, at.j);
    const Index b = r.sentence_of(j), words = memory.length(b);
    const Span span = span_of(r, head, at.column, words);
    const Index block = r.at(memory, j) + head.number * r.head + span.begin;
    const auto scope = ws.scope();
    Real* weights = ws.take(span.size(), 1).data();
    std::copy_n(r.weights + block, span.size(), weights);

    Real* d = ws.take(span.size(), 1).data();
    const Dropout::Mask mask = mask_of(r, head, j);
    for (Index i = 0; i < span.size(); ++i)
      d[i] = mask(span.begin + i) *
             dot(contents_rows(), content(memory, head, b, span.begin + i), dcontext);
    if (r.dweights) add(span.size(), r.dweights + block, d);
    if (at.coverage) add(span.size(), at.dcoverage_after + span.begin, d);
    window_->shape_backward(at.column + tape_.window, span, words, weights, d,
                            at.column + tape_.dwindow);
    if (has_segments())
      weigh_levels_backward(w, at, weights, d, ws);
    else
      weigh_backward(w, at, span, weights, d, ws);
    count_operations(2 * operations(memory, head, b) + 2 * words * contents_rows());
  }

  // d is the weights' gradient, and becomes the energies'.
  void weigh_backward(const Params& w, const Step& at, const Span& span, const Real* weights,
                      Real* d, Workspace& ws) const {
    const Scored& scored = at.head.scored[kWords];
    const KeyBlock run = key_block(at.memory, scored, at.r.sentence_of(at.j), span, at.coverage);
    Real* energies = is_stochastic_ ? ws.take(span.size(), 1).data() : nullptr;
    if (energies) scored.score->energies(w, run, at.column + scored.queries, energies);
    normalizer_->backward(span.size(), draw_of(at.r, at.head, at.j), energies, weights, d);
    energies_backward(w, at, kWords, span, d);
  }

  // a_j = β α_j:  β = Σ_j a_j,  dα_j = β da_j,  dβ = Σ_j α_j da_j, of the words j of each part.
  // Where β is 0, so is all that its words have to do with the rest.
  void weigh_levels_backward(const Params& w, const Step& at, Real* weights, Real* d,
                             Workspace& ws) const {
    const Index b = at.r.sentence_of(at.j), segments = at.memory.segments.length(b);
    const Draw draw = draw_of(at.r, at.head, at.j);
    Real* beta = ws.take(segments, 1).data();
    Real* dbeta = ws.zeros(segments, 1).data();
    for (Index s = 0; s < segments; ++s) {
      const Span words = at.memory.segment(b, s);
      Eigen::Map<Mat> alpha(weights + words.begin, words.size(), 1);
      Eigen::Map<Mat> dalpha(d + words.begin, words.size(), 1);
      beta[s] = alpha.sum();
      if (beta[s] == 0) {
        dalpha.setZero();
        continue;
      }
      alpha /= beta[s];
      dbeta[s] = dot(words.size(), alpha.data(), dalpha.data());
      dalpha *= beta[s];
      normalizer_->backward(words.size(), draw, nullptr, alpha.data(), dalpha.data());
    }
    normalizer_->backward(segments, draw, nullptr, beta, dbeta);
    energies_backward(w, at, kWords, {0, at.memory.length(b)}, d);
    energies_backward(w, at, kSentences, {0, segments}, dbeta);
  }

  void energies_backward(const Params& w, const Step& at, std::size_t level, const Span& span,
                         const Real* denergies) const {
    const Scored& scored = at.head.scored[level];
    const Index b = at.r.sentence_of(at.j);
    scored.score->energies_backward(
        w, key_block(of_level(at.memory, level), scored, b, span, at.coverage),
        at.column + scored.queries, denergies, at.g,
        keys_of(of_level(at.dmemory, level), scored, b, span), at.dqueries + scored.queries,
        at.dcoverage ? at.dcoverage + span.begin : nullptr);
  }

  // The tape's queries become their gradient, for accumulate.
  void queries_backward(const Params& w, In state, In dqueries, Out tape, Out dstate) const {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      auto projected = tape.middleRows(levels_[l].projected, query_rows());
      auto dprojected = tape.middleRows(levels_[l].dprojected, query_rows());
      dprojected.setZero();
      for (const Head& head : heads_) {
        const Scored& scored = head.scored[l];
        const auto dquery = dqueries.middleRows(scored.queries, scored.score->query_rows());
        auto query = queries_of(tape, scored);
        scored.score->query_backward(w, input(state, projected, head), query, dquery,
                                     gradient(dstate, dprojected, head));
        query = dquery;
      }
      if (projects_) add_transposed_product(w, levels_[l].w_query, dprojected, dstate);
    }
  }

  void accumulate_level(const Params& w, const EncoderOutput& memory, std::size_t level, In states,
                        In tapes, Params& g, EncoderOutput& dmemory) const {
    const Level& of = levels_[level];
    const EncoderLevel& m = of_level(memory, level);
    EncoderLevel& dm = of_level(dmemory, level);
    const auto projected = tapes.middleRows(of.projected, query_rows());
    for (const Head& head : heads_) {
      const Scored& scored = head.scored[level];
      const auto values = input(m.values, m.projected, head);
      const View dkeys = keys_of(dm, scored);
      scored.score->accumulate(values, dkeys, input(states, projected, head),
                               tapes.middleRows(scored.queries, scored.score->query_rows()), g);
      scored.score->keys_backward(w, values, keys_of(m, scored), dkeys,
                                  gradient(dm.values, dm.projected, head));
    }
    if (projects_)
      add_outer_product(tapes.middleRows(of.dprojected, query_rows()), states, g, of.w_query);
    if (projects_keys()) {
      add_outer_product(dm.projected, m.values, g, of.w_key);
      add_transposed_product(w, of.w_key, dm.projected, dm.values);
    }
  }

  // One product a sentence for what its contexts say of its states: dH += dC αᵀ.
  void accumulate_contents(const EncoderOutput& memory, const Packing& p, const AttentionStep& r,
                           const Head& head, In dcontexts, EncoderOutput& dmemory,
                           Workspace& ws) const {
    const View& dcontents = joins() ? dmemory.contents : dmemory.values;
    for (int b = 0; b < p.sequences(); ++b) {
      const auto scope = ws.scope();
      const Index words = memory.length(b), steps = p.length(b);
      View dc = ws.take(contents_rows(), steps), used = ws.take(words, steps);
      std::copy_n(r.weights + r.begins[static_cast<std::size_t>(b)] + head.number * r.head,
                  words * steps, used.data());
      for (int t = 0; t < steps; ++t) {
        const Index column = p.column(b, t);
        dc.col(t) = dcontexts.col(column).middleRows(contents_at(head), contents_rows());
        if (!r.noise.on) continue;
        const Dropout::Mask mask = mask_of(r, head, column);
        for (Index i = 0; i < words; ++i) used(i, t) *= mask(i);
      }
      add_product_nt(dc, used,
                     attn::rows(columns(dcontents, memory.begin(b), words), contents_at(head),
                                contents_rows()));
    }
  }

  AttentionScoreSizes sizes_;
  bool is_stochastic_, has_coverage_;
  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<Window> window_;
  bool projects_;
  Index head_size_;  // rows of a head's projection
  Slot w_content_, w_context_;
  std::vector<Level> levels_;  // the words; where sources are documents, the segments too
  std::vector<Head> heads_;
  AttentionRows rows_;
  SavedRows tape_;
};

// c_i = →h_Tx: the RNN Encoder-Decoder (Cho et al. 2014; Bahdanau et al. 2015, A.1.2, last
// paragraph).
class FixedContext : public Attention {
 public:
  explicit FixedContext(Index context) : context_rows_(context) {}

  Index context_rows() const override { return context_rows_; }
  const AttentionRows& rows() const override { return rows_; }
  int heads() const override { return 0; }
  bool is_stochastic() const override { return false; }
  Index attention_state_rows(Index) const override { return 0; }
  void prepare(const Params&, EncoderOutput&) const override {}

  void step(const Params&, const EncoderOutput& memory, const AttentionStep& r, In, In, Out,
            Out context, Out) const override {
    for (Index j = 0; j < context.cols(); ++j) context.col(j) = memory.last.col(r.sentence_of(j));
  }

  void step_backward(const Params&, const EncoderOutput&, const AttentionStep&, In, In, In, In, Out,
                     Params&, EncoderOutput&, Out, Out, Workspace&) const override {}

  void accumulate(const Params&, const EncoderOutput&, const Packing& p, const AttentionStep&, In,
                  In, In dcontexts, Params&, EncoderOutput& dmemory, Workspace&) const override {
    for (int t = 0; t < p.steps(); ++t) dmemory.last.leftCols(p.width(t)) += p.step(dcontexts, t);
  }

 private:
  Index context_rows_;
  AttentionRows rows_;
};

}  // namespace

std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options) {
  if (!attention_scores().at(options.score).make)
    return std::make_unique<FixedContext>(options.summary);
  return std::make_unique<ScoredAttention>(at, options);
}

}  // namespace attn

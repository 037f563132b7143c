#include "nn/attention.h"

#include <algorithm>

#include "base/error.h"
#include "base/profile.h"

namespace attn {
namespace {

// The rows of a column's tape: the queries of all heads, after backward their gradients; then
struct TapeRows {
  Index projected = 0, dprojected = 0;  // Q q, where queries are projected
  Index window = 0, dwindow = 0;
  Index contexts = 0, dcontexts = 0;  // of all heads, where they are projected again
  Index all = 0;
};

class ScoredAttention : public Attention {
 public:
  ScoredAttention(Scope at, const AttentionOptions& o)
      : sizes_(o.sizes),
        weighting_(weightings().at(o.weights)(o.weighting)),
        window_(
            windows().at(o.window)(at / "window", {o.sizes.state, o.window_size, o.window_width})),
        projects_(o.projection > 0),
        part_(o.projection / o.heads) {
    if (projects_) {
      const Scope in = at / "projection";
      w_query_ = in.matrix("query", o.projection, sizes_.state, Role::attention);
      if (scores().at(o.score).reads_words)
        w_key_ = in.matrix("key", o.projection, sizes_.memory, Role::attention);
    }
    if (o.heads > 1) {
      const Scope in = at / "projection";
      w_content_ = in.matrix("content", o.projection, sizes_.memory, Role::input, o.heads);
      w_context_ = in.matrix("context", sizes_.memory, o.projection, Role::input);
    }
    make_heads(at, o);
    count_rows(o);
  }

  Index context_rows() const override { return sizes_.memory; }
  const AttentionRows& rows() const override { return rows_; }
  int heads() const override { return static_cast<int>(heads_.size()); }
  bool draws() const override { return weighting_->draws(); }
  Index carried_rows(Index longest) const override {
    return window_->covers() ? longest * heads() : 0;
  }

  void prepare(const Params& w, Memory& memory) const override {
    const Timed timed(Part::attention);
    if (projects_keys()) product(w, w_key_, memory.values, memory.projected);
    if (joins()) product(w, w_content_, memory.values, memory.contents);
    for (const Head& head : heads_)
      head.score->keys(w, input(memory.values, memory.projected, head),
                       memory.keys.middleRows(head.keys, head.score->key_rows()));
  }

  void step(const Params& w, const Memory& memory, const Reading& r, In state, In carried, Out tape,
            Out context, Out carried_after) const override {
    const Timed timed(Part::attention);
    auto projected = tape.middleRows(tape_.projected, projects_ ? w_query_.rows : 0);
    if (projects_) product(w, w_query_, state, projected);
    for (const Head& head : heads_)
      head.score->query(w, input(state, projected, head),
                        tape.middleRows(head.queries, head.score->query_rows()));
    window_->place(w, state, tape.middleRows(tape_.window, window_->tape_rows()));
    carried_after = carried;
    for (Index j = 0; j < tape.cols(); ++j)
      for (const Head& head : heads_)
        attend(w, memory, r, head, j, tape,
               joins() ? tape.col(j).data() + tape_.contexts + contents_at(head)
                       : context.col(j).data(),
               coverage_of(carried_after, head, j));
    if (joins()) product(w, w_context_, tape.middleRows(tape_.contexts, w_content_.rows), context);
  }

  void step_backward(const Params& w, const Memory& memory, const Reading& r, In state, In carried,
                     In dcontext, In dcarried_after, Out tape, Params& g, Memory& dmemory,
                     Out dstate, Out dcarried, Workspace& ws) const override {
    const Timed timed(Part::attention);
    const auto scope = ws.scope();
    auto dcontexts = tape.middleRows(tape_.dcontexts, joins() ? w_content_.rows : 0);
    if (joins()) {
      dcontexts.setZero();
      add_transposed_product(w, w_context_, dcontext, dcontexts);
    }
    tape.middleRows(tape_.dwindow, window_->tape_rows()).setZero();
    dcarried += dcarried_after;
    View dqueries = ws.zeros(tape_.window, tape.cols());  // queries stand first
    for (Index j = 0; j < tape.cols(); ++j)
      for (const Head& head : heads_) {
        const Step at{memory,
                      r,
                      head,
                      j,
                      coverage_of(carried, head, j),
                      coverage_of(dcarried_after, head, j)};
        const Real* dc =
            joins() ? dcontexts.col(j).data() + contents_at(head) : dcontext.col(j).data();
        attend_backward(w, at, dc, tape, g, dmemory, dqueries.col(j).data() + head.queries,
                        coverage_of(dcarried, head, j), ws);
      }
    queries_backward(w, state, dqueries, tape, dstate);
    window_->place_backward(w, tape.middleRows(tape_.window, window_->tape_rows()),
                            tape.middleRows(tape_.dwindow, window_->tape_rows()), dstate);
  }

  void accumulate(const Params& w, const Memory& memory, const Packing& p, const Reading& r,
                  In states, In tapes, In dcontexts, Params& g, Memory& dmemory,
                  Workspace& ws) const override {
    const Timed timed(Part::attention);
    const Eigen::Ref<const Mat> dheads = joins()
                                             ? tapes.middleRows(tape_.dcontexts, w_content_.rows)
                                             : dcontexts.middleRows(0, sizes_.memory);
    for (const Head& head : heads_) accumulate_contents(memory, p, r, head, dheads, dmemory, ws);
    const auto projected = tapes.middleRows(tape_.projected, projects_ ? w_query_.rows : 0);
    for (const Head& head : heads_) {
      const Index keys = head.score->key_rows();
      auto dkeys = dmemory.keys.middleRows(head.keys, keys);
      const auto values = input(memory.values, memory.projected, head);
      head.score->accumulate(values, dkeys, input(states, projected, head),
                             tapes.middleRows(head.queries, head.score->query_rows()), g);
      head.score->keys_backward(w, values, memory.keys.middleRows(head.keys, keys), dkeys,
                                gradient(dmemory.values, dmemory.projected, head));
    }
    window_->accumulate(states, tapes.middleRows(tape_.window, window_->tape_rows()),
                        tapes.middleRows(tape_.dwindow, window_->tape_rows()), g);
    if (projects_)
      add_outer_product(tapes.middleRows(tape_.dprojected, w_query_.rows), states, g, w_query_);
    if (projects_keys()) {
      add_outer_product(dmemory.projected, memory.values, g, w_key_);
      add_transposed_product(w, w_key_, dmemory.projected, dmemory.values);
    }
    if (joins()) {
      add_outer_product(dcontexts, tapes.middleRows(tape_.contexts, w_content_.rows), g,
                        w_context_);
      add_outer_product(dmemory.contents, memory.values, g, w_content_);
      add_transposed_product(w, w_content_, dmemory.contents, dmemory.values);
    }
  }

 private:
  struct Head {
    std::unique_ptr<Score> score;
    Index number;
    Index keys, queries;  // where its rows begin, in the memory's keys and in the tape
    Dropout dropout;      // of its weights
  };
  // One column of a step in backward.
  struct Step {
    const Memory& memory;
    const Reading& r;
    const Head& head;
    Index j;
    const Real* carried;
    const Real* dcarried_after;
  };

  void make_heads(Scope at, const AttentionOptions& o) {
    ScoreSizes sizes = sizes_;
    if (projects_) sizes.memory = sizes.state = part_;
    if (o.heads > 1) sizes.attention = part_;
    sizes.coverage = window_->covers();
    for (int i = 0; i < o.heads; ++i) {
      heads_.push_back({scores().at(o.score).make(o.heads > 1 ? at / i : at, sizes), i, rows_.keys,
                        tape_.all, Dropout("attention." + std::to_string(i), o.dropout)});
      rows_.keys += heads_.back().score->key_rows();
      tape_.all += heads_.back().score->query_rows();
    }
  }

  void count_rows(const AttentionOptions& o) {
    const auto take = [this](Index& at, Index rows) { at = tape_.all, tape_.all += rows; };
    take(tape_.window, window_->tape_rows());
    take(tape_.dwindow, window_->tape_rows());
    take(tape_.projected, o.projection);
    take(tape_.dprojected, o.projection);
    const Index joined = joins() ? o.projection : 0;
    take(tape_.contexts, joined);
    take(tape_.dcontexts, joined);
    rows_.projected = w_key_.rows;
    rows_.contents = joined;
    rows_.tape = tape_.all;
  }

  bool projects_keys() const { return w_key_.rows > 0; }
  bool joins() const { return heads_.size() > 1; }
  Index contents_rows() const { return joins() ? part_ : sizes_.memory; }
  Index contents_at(const Head& head) const { return joins() ? head.number * part_ : 0; }

  // What a head's score takes: its part of the projection, or the thing itself.
  Eigen::Ref<const Mat> input(In whole, In projected, const Head& head) const {
    if (projected.rows() > 0) return projected.middleRows(head.number * part_, part_);
    return whole;
  }
  Eigen::Ref<Mat> gradient(Out whole, Out projected, const Head& head) const {
    if (projected.rows() > 0) return projected.middleRows(head.number * part_, part_);
    return whole;
  }

  Span span_of(const Reading& r, const Head& head, const Real* tape, Index words) const {
    Span span = window_->span(tape + tape_.window, r.t, words);
    span.end = std::min(span.end, head.score->reach());
    ATTN_CHECK(span.size() > 0);
    return span;
  }
  static Run run_of(const Memory& memory, const Head& head, Index b, const Span& span,
                    const Real* coverage) {
    const View& keys = memory.keys;
    return {ConstView(keys.data() + (memory.begin(b) + span.begin) * keys.outerStride() + head.keys,
                      head.score->key_rows(), span.size(), keys.outerStride()),
            span.begin, coverage ? coverage + span.begin : nullptr};
  }
  const Real* content(const Memory& memory, const Head& head, Index b, Index word) const {
    const View& m = joins() ? memory.contents : memory.values;
    return m.data() + (memory.begin(b) + word) * m.outerStride() + contents_at(head);
  }
  // The sums of a head's past weights, or their gradient.
  const Real* coverage_of(In carried, const Head& head, Index j) const {
    return window_->covers() ? carried.col(j).data() + coverage_at(carried.rows(), head) : nullptr;
  }
  Real* coverage_of(Out carried, const Head& head, Index j) const {
    return window_->covers() ? carried.col(j).data() + coverage_at(carried.rows(), head) : nullptr;
  }
  Index coverage_at(Index carried, const Head& head) const {
    return head.number * (carried / heads());
  }
  Dropout::Mask mask_of(const Reading& r, const Head& head, Index column) const {
    return r.noise.on ? head.dropout.mask(r.noise, r.places[static_cast<std::size_t>(column)])
                      : Dropout::Mask();
  }
  Draw draw_of(const Reading& r, Index j) const {
    const auto at = static_cast<std::size_t>(j);
    return {r.noise, r.noise.on ? r.places[at] : 0, r.advantages.empty() ? 0 : r.advantages[at]};
  }

  // Weights and context of one head in one column; adds the weights to its coverage.
  void attend(const Params& w, const Memory& memory, const Reading& r, const Head& head, Index j,
              In tape, Real* context, Real* coverage) const {
    const Index b = r.sentence_of(j), words = memory.length(b);
    const Span span = span_of(r, head, tape.col(j).data(), words);
    Real* all = r.weights + r.at(memory, j) + head.number * r.head;
    Real* weights = all + span.begin;
    std::fill_n(all, words, Real(0));
    head.score->energies(w, run_of(memory, head, b, span, coverage),
                         tape.col(j).data() + head.queries, weights);
    weighting_->weigh(span.size(), draw_of(r, j), weights);
    window_->shape(tape.col(j).data() + tape_.window, span, words, weights);
    const Dropout::Mask mask = mask_of(r, head, j);
    std::fill_n(context, contents_rows(), Real(0));
    for (Index i = span.begin; i < span.end; ++i)
      if (all[i] != 0)
        add_scaled(contents_rows(), all[i] * mask(i), content(memory, head, b, i), context);
    if (coverage) add(words, all, coverage);
    // A window counts as if it saw every word: the work of a model is a formula of lengths.
    count_operations(words * (head.score->operations() + 2 * contents_rows()));
  }

  void attend_backward(const Params& w, const Step& at, const Real* dcontext, Out tape, Params& g,
                       Memory& dmemory, Real* dquery, Real* dcoverage, Workspace& ws) const {
    const auto& [memory, r, head, j, coverage, dcoverage_after] = at;
    const Index b = r.sentence_of(j), words = memory.length(b);
    Real* column = tape.col(j).data();
    const Span span = span_of(r, head, column, words);
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
    if (coverage) add(span.size(), dcoverage_after + span.begin, d);
    window_->shape_backward(column + tape_.window, span, words, weights, d, column + tape_.dwindow);

    const Run run = run_of(memory, head, b, span, coverage);
    Real* energies = weighting_->draws() ? ws.take(span.size(), 1).data() : nullptr;
    if (energies) head.score->energies(w, run, column + head.queries, energies);
    weighting_->backward(span.size(), draw_of(r, j), energies, weights, d);
    View& keys = dmemory.keys;
    head.score->energies_backward(
        w, run, column + head.queries, d, g,
        View(keys.data() + (memory.begin(b) + span.begin) * keys.outerStride() + head.keys,
             head.score->key_rows(), span.size(), keys.outerStride()),
        dquery, coverage ? dcoverage + span.begin : nullptr);
    count_operations(words * (2 * head.score->operations() + 2 * contents_rows()));
  }

  // The tape's queries become their gradient, for accumulate.
  void queries_backward(const Params& w, In state, In dqueries, Out tape, Out dstate) const {
    const Index rows = projects_ ? w_query_.rows : 0;
    auto projected = tape.middleRows(tape_.projected, rows);
    auto dprojected = tape.middleRows(tape_.dprojected, rows);
    dprojected.setZero();
    for (const Head& head : heads_) {
      const Index n = head.score->query_rows();
      const auto dquery = dqueries.middleRows(head.queries, n);
      auto query = tape.middleRows(head.queries, n);
      head.score->query_backward(w, input(state, projected, head), query, dquery,
                                 gradient(dstate, dprojected, head));
      query = dquery;
    }
    if (projects_) add_transposed_product(w, w_query_, dprojected, dstate);
  }

  // One product a sentence for what its contexts say of its states: dH += dC αᵀ.
  void accumulate_contents(const Memory& memory, const Packing& p, const Reading& r,
                           const Head& head, In dcontexts, Memory& dmemory, Workspace& ws) const {
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

  ScoreSizes sizes_;
  std::unique_ptr<Weighting> weighting_;
  std::unique_ptr<Window> window_;
  bool projects_;
  Index part_;  // rows of a head's projection
  Slot w_query_, w_key_, w_content_, w_context_;
  std::vector<Head> heads_;
  AttentionRows rows_;
  TapeRows tape_;
};

// c_i = →h_Tx: the RNN Encoder-Decoder (Cho et al. 2014; Bahdanau et al. 2015, A.1.2, last
// paragraph).
class FixedContext : public Attention {
 public:
  explicit FixedContext(Index context) : context_rows_(context) {}

  Index context_rows() const override { return context_rows_; }
  const AttentionRows& rows() const override { return rows_; }
  int heads() const override { return 0; }
  bool draws() const override { return false; }
  Index carried_rows(Index) const override { return 0; }
  void prepare(const Params&, Memory&) const override {}

  void step(const Params&, const Memory& memory, const Reading& r, In, In, Out, Out context,
            Out) const override {
    for (Index j = 0; j < context.cols(); ++j) context.col(j) = memory.last.col(r.sentence_of(j));
  }

  void step_backward(const Params&, const Memory&, const Reading&, In, In, In, In, Out, Params&,
                     Memory&, Out, Out, Workspace&) const override {}

  void accumulate(const Params&, const Memory&, const Packing& p, const Reading&, In, In,
                  In dcontexts, Params&, Memory& dmemory, Workspace&) const override {
    for (int t = 0; t < p.steps(); ++t) dmemory.last.leftCols(p.width(t)) += p.step(dcontexts, t);
  }

 private:
  Index context_rows_;
  AttentionRows rows_;
};

}  // namespace

std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options) {
  if (!scores().at(options.score).make) return std::make_unique<FixedContext>(options.summary);
  return std::make_unique<ScoredAttention>(at, options);
}

}  // namespace attn

#include "nn/attention/attention.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/profile.h"

namespace attn {
namespace {

enum LevelNumber : std::size_t { kWords, kSegments };

// The projections of one level.
struct Level {
  Slot w_query, w_key;
  Index projected = 0, dprojected = 0;  // first rows of Q q and its gradient among the saved rows
};

const EncoderLevel& level_of(const EncoderOutput& memory, std::size_t level) {
  return level == kSegments ? memory.segments : memory;
}
EncoderLevel& level_of(EncoderOutput& memory, std::size_t level) {
  return level == kSegments ? memory.segments : memory;
}

// First rows of the activations that a step saves for each column. The queries of all heads start
// at row 0; step_backward() replaces them by their gradients.
struct SavedOffsets {
  Index window = 0, dwindow = 0;
  Index contexts = 0, dcontexts = 0;  // contexts of all heads, if there are several
  Index total = 0;
};

class ScoredAttention : public Attention {
 public:
  ScoredAttention(Scope at, const AttentionOptions& o)
      : sizes_(o.sizes),
        normalizer_(normalizers().at(o.normalizer).make(o.normalizer_options)),
        window_(attention_windows().at(o.window).make(
            at / "window", {o.sizes.state, o.window_hidden_size, o.window_width})),
        projects_(o.projection_size > 0),
        head_size_(o.projection_size / o.heads) {
    if (o.heads > 1) {
      const Scope in = at / "projection";
      w_content_ = in.matrix("content", o.projection_size, sizes_.value, Role::input, o.heads);
      w_context_ = in.matrix("context", sizes_.value, o.projection_size, Role::input);
    }
    for (int i = 0; i < o.heads; ++i)
      score_heads_.push_back({i, Dropout("attention." + std::to_string(i), o.dropout), {}});
    add_level(at, o, sizes_.value, rows_.words);
    if (o.segment_size > 0) add_level(at / "sentences", o, o.segment_size, rows_.segments);
    count_rows(o);
    rows_.context = sizes_.value;
    heads_ = o.heads;
    is_stochastic_ = normalizers().at(o.normalizer).stochastic;
    has_coverage_ = o.sizes.coverage;
  }

  void prepare(const Weights& w, EncoderOutput& memory) const override {
    const Timed timed(Stage::attention);
    if (multi_head()) product(w, w_content_, memory.values, memory.contents);
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      EncoderLevel& m = level_of(memory, l);
      if (projects_keys()) product(w, levels_[l].w_key, m.values, m.projected);
      for (const Head& head : score_heads_)
        head.scores[l].score->keys(w, score_input(m.values, m.projected, head),
                                   keys_of(m, head.scores[l]));
    }
  }

  void step(const Weights& w, const EncoderOutput& memory,
            const AttentionStep& operands) const override {
    const auto& [step, state, attention_state, saved, context, next_attention_state] = operands;
    const Timed timed(Stage::attention);
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      auto projected = saved.row_range(levels_[l].projected, query_rows());
      if (projects_) product(w, levels_[l].w_query, state, projected);
      for (const Head& head : score_heads_)
        head.scores[l].score->query(w, score_input(state, projected, head),
                                    queries_of(saved, head.scores[l]));
    }
    window_->center(w, state, saved.row_range(offset_.window, window_->saved_rows()));
    copy(attention_state, next_attention_state);
    for (Index j = 0; j < saved.cols(); ++j)
      for (const Head& head : score_heads_)
        attend(w, memory, step, head, j, saved,
               multi_head() ? saved.col(j) + offset_.contexts + content_row(head) : context.col(j),
               coverage_of(next_attention_state, head, j));
    if (multi_head())
      product(w, w_context_, saved.row_range(offset_.contexts, w_content_.rows), context);
  }

  void step_backward(const Weights& w, const EncoderOutput& memory, const AttentionStep& operands,
                     const AttentionStepGrad& d, WeightGradients g, Workspace& ws) const override {
    const AttentionColumns& step = operands.columns;
    const In state = operands.state, attention_state = operands.attention_state;
    const In dcontext = d.dcontext, dnext_attention_state = d.dnext_attention_state;
    const Out saved = operands.saved, dstate = d.dstate, dattention_state = d.dattention_state;
    EncoderOutput& dmemory = d.dmemory;
    const Timed timed(Stage::attention);
    const auto scope = ws.scope();
    auto dcontexts = saved.row_range(offset_.dcontexts, multi_head() ? w_content_.rows : 0);
    if (multi_head()) {
      dcontexts.set_zero();
      add_transposed_product(w, w_context_, dcontext, dcontexts);
    }
    saved.row_range(offset_.dwindow, window_->saved_rows()).set_zero();
    add(dnext_attention_state, dattention_state);
    MatrixView dqueries = ws.zeros(offset_.window, saved.cols());  // the queries are the first rows
    for (Index j = 0; j < saved.cols(); ++j)
      for (const Head& head : score_heads_) {
        const ColumnBackward at{.memory = memory,
                                .step = step,
                                .head = head,
                                .j = j,
                                .saved = saved.col(j),
                                .coverage = coverage_of(attention_state, head, j),
                                .dnext_coverage = coverage_of(dnext_attention_state, head, j),
                                .g = g,
                                .dmemory = dmemory,
                                .dqueries = dqueries.col(j),
                                .dcoverage = coverage_of(dattention_state, head, j)};
        const Real* dc = multi_head() ? dcontexts.col(j) + content_row(head) : dcontext.col(j);
        attend_backward(w, at, dc, ws);
      }
    queries_backward(w, state, dqueries, saved, dstate);
    window_->center_backward(w, saved.row_range(offset_.window, window_->saved_rows()),
                             saved.row_range(offset_.dwindow, window_->saved_rows()), dstate);
  }

  void accumulate(const Weights& w, const EncoderOutput& memory, const Packing& p,
                  const AttentionStep& operands, In dcontexts, EncoderOutput& dmemory,
                  WeightGradients g, Workspace& ws) const override {
    const AttentionColumns& step = operands.columns;
    const In states = operands.state;
    const Out saved = operands.saved;
    const Timed timed(Stage::attention);
    const In dheads = multi_head() ? saved.row_range(offset_.dcontexts, w_content_.rows)
                                   : dcontexts.row_range(0, sizes_.value);
    for (const Head& head : score_heads_)
      accumulate_contents(memory, p, step, head, dheads, dmemory, ws);
    for (std::size_t l = 0; l < levels_.size(); ++l)
      accumulate_level(w, memory, l, states, saved, g, dmemory);
    window_->accumulate(states, saved.row_range(offset_.window, window_->saved_rows()),
                        saved.row_range(offset_.dwindow, window_->saved_rows()), g);
    if (multi_head()) {
      add_outer_product(dcontexts, saved.row_range(offset_.contexts, w_content_.rows), g,
                        w_context_);
      add_outer_product(dmemory.contents, memory.values, g, w_content_);
      add_transposed_product(w, w_content_, dmemory.contents, dmemory.values);
    }
  }

 private:
  // The score of one head and one level.
  struct HeadScore {
    std::unique_ptr<AttentionScore> score;
    Index keys, queries;  // first rows in EncoderLevel::keys and in the saved rows
  };
  struct Head {
    Index number;
    Dropout dropout;                // dropout of the attention weights
    std::vector<HeadScore> scores;  // one per level
  };
  // The backward pass of one head for column j of a step.
  struct ColumnBackward {
    const EncoderOutput& memory;
    const AttentionColumns& step;
    const Head& head;
    Index j;
    Real* saved;
    const Real* coverage;  // null without coverage, like the gradients
    const Real* dnext_coverage;
    WeightGradients g;
    EncoderOutput& dmemory;
    Real* dqueries;
    Real* dcoverage;
  };

  void add_level(Scope at, const AttentionOptions& o, Index memory, LevelRows& rows) {
    Level level;
    if (projects_) {
      const Scope in = at / "projection";
      level.w_query = in.matrix("query", o.projection_size, sizes_.state, Role::attention);
      if (attention_scores().at(o.score).uses_content)
        level.w_key = in.matrix("key", o.projection_size, memory, Role::attention);
    }
    levels_.push_back(level);
    rows.projected = level.w_key.rows;
    AttentionScoreSizes sizes = sizes_;
    sizes.value = memory;
    if (projects_) sizes.value = sizes.state = head_size_;
    if (o.heads > 1) sizes.hidden = head_size_;
    for (Head& head : score_heads_) {
      head.scores.push_back(
          {attention_scores().at(o.score).make(o.heads > 1 ? at / head.number : at, sizes),
           rows.keys, offset_.total});
      rows.keys += head.scores.back().score->key_rows();
      offset_.total += head.scores.back().score->query_rows();
    }
  }

  void count_rows(const AttentionOptions& o) {
    const auto take = [this](Index& at, Index rows) { at = offset_.total, offset_.total += rows; };
    take(offset_.window, window_->saved_rows());
    take(offset_.dwindow, window_->saved_rows());
    for (Level& level : levels_) {
      take(level.projected, o.projection_size);
      take(level.dprojected, o.projection_size);
    }
    const Index projected = multi_head() ? o.projection_size : 0;
    take(offset_.contexts, projected);
    take(offset_.dcontexts, projected);
    rows_.contents = projected;
    rows_.saved = offset_.total;
  }

  bool projects_keys() const { return levels_[kWords].w_key.rows > 0; }
  Index query_rows() const { return levels_[kWords].w_query.rows; }
  bool has_segments() const { return levels_.size() > 1; }
  bool multi_head() const { return score_heads_.size() > 1; }
  Index contents_rows() const { return multi_head() ? head_size_ : sizes_.value; }
  Index content_row(const Head& head) const { return multi_head() ? head.number * head_size_ : 0; }

  // Returns the input of the score of a head: the head's rows of the projection, or the unprojected
  // matrix; below, the same for its gradient.
  In score_input(In whole, In projected, const Head& head) const {
    if (projected.rows() > 0) return projected.row_range(head.number * head_size_, head_size_);
    return whole;
  }
  Out score_gradient(Out whole, Out projected, const Head& head) const {
    if (projected.rows() > 0) return projected.row_range(head.number * head_size_, head_size_);
    return whole;
  }

  // Returns the keys of one head and one level.
  static MatrixView keys_of(const EncoderLevel& m, const HeadScore& s) {
    return m.keys.row_range(s.keys, s.score->key_rows());
  }
  static Out queries_of(Out saved, const HeadScore& s) {
    return saved.row_range(s.queries, s.score->query_rows());
  }

  Span span_of(const AttentionColumns& step, const Head& head, const Real* saved,
               Index words) const {
    Span span = window_->span(saved + offset_.window, step.t, words);
    span.end = std::min(span.end, head.scores[kWords].score->max_positions());
    ATTN_CHECK(span.size() > 0);
    return span;
  }
  // The same for columns `span` of source b.
  static MatrixView keys_of(const EncoderLevel& m, const HeadScore& s, Index b, const Span& span) {
    return keys_of(m, s).columns(m.begin(b) + span.begin, span.size());
  }
  static KeyBlock key_block(const EncoderLevel& m, const HeadScore& s, Index b, const Span& span,
                            const Real* coverage = nullptr) {
    const MatrixView keys = keys_of(m, s, b, span);
    return {keys, span.begin, coverage ? coverage + span.begin : nullptr};
  }
  const Real* content(const EncoderOutput& memory, const Head& head, Index b, Index word) const {
    MatrixView m = multi_head() ? memory.contents : memory.values;
    return m.data() + (memory.begin(b) + word) * m.stride() + content_row(head);
  }
  // Returns the sums of the past weights of a head, or their gradient; null without coverage.
  const Real* coverage_of(In attention_state, const Head& head, Index j) const {
    return has_coverage_ ? attention_state.col(j) + coverage_row(attention_state.rows(), head)
                         : nullptr;
  }
  Real* coverage_of(Out attention_state, const Head& head, Index j) const {
    return has_coverage_ ? attention_state.col(j) + coverage_row(attention_state.rows(), head)
                         : nullptr;
  }
  Index coverage_row(Index state_rows, const Head& head) const {
    return head.number * (state_rows / heads());
  }
  Dropout::Mask mask_of(const AttentionColumns& step, const Head& head, Index column) const {
    return step.noise.on
               ? head.dropout.mask(step.noise, step.example_ids[static_cast<std::size_t>(column)])
               : Dropout::Mask();
  }
  SamplingContext sampling_context(const AttentionColumns& step, const Head& head, Index j) const {
    const auto at = static_cast<std::size_t>(j);
    return {step.noise, step.noise.on ? step.example_ids[at] : 0, head.number,
            step.advantages.empty() ? 0 : step.advantages[at]};
  }

  // Computes the weights and the context of one head for column j, and adds the weights to the
  // coverage.
  void attend(const Weights& w, const EncoderOutput& memory, const AttentionColumns& step,
              const Head& head, Index j, In saved, Real* context, Real* coverage) const {
    const Index b = step.source_of(j), words = memory.length(b);
    const Real* column = saved.col(j);
    Real* weights = step.weights + step.offset(memory, j) + head.number * step.head_stride;
    const Span span = span_of(step, head, column, words);
    std::fill_n(weights, words, Real(0));
    if (has_segments())
      compute_two_level_weights(w, memory, head, b, sampling_context(step, head, j), column,
                                weights);
    else
      compute_weights(w, key_block(memory, head.scores[kWords], b, span, coverage),
                      head.scores[kWords], sampling_context(step, head, j), column,
                      weights + span.begin);
    window_->reweight(column + offset_.window, span, words, weights + span.begin);
    const Dropout::Mask mask = mask_of(step, head, j);
    std::fill_n(context, contents_rows(), Real(0));
    for (Index i = span.begin; i < span.end; ++i)
      if (weights[i] != 0)
        add_scaled(contents_rows(), weights[i] * mask(i), content(memory, head, b, i), context);
    if (coverage) add(words, weights, coverage);
    count_operations(operations(memory, head, b) + 2 * words * contents_rows());
  }

  void compute_weights(const Weights& w, const KeyBlock& block, const HeadScore& head_score,
                       const SamplingContext& sampling, const Real* column, Real* weights) const {
    head_score.score->energies(w, block, column + head_score.queries, weights);
    normalizer_->forward(block.keys.cols(), sampling, weights);
  }

  // First stores the β in `weights`. The words of segment s do not start before position s, so that
  // processing the segments from the last to the first overwrites no β that is still needed.
  void compute_two_level_weights(const Weights& w, const EncoderOutput& memory, const Head& head,
                                 Index b, const SamplingContext& sampling, const Real* column,
                                 Real* weights) const {
    const Index segments = memory.segments.length(b);
    const auto& [word_score, segment_score] = std::tie(head.scores[kWords], head.scores[kSegments]);
    compute_weights(w, key_block(memory.segments, segment_score, b, {0, segments}), segment_score,
                    sampling, column, weights);
    for (Index s = segments; s-- > 0;) {
      const Real beta = weights[s];
      const Span words = memory.segment(b, s);
      compute_weights(w, key_block(memory, word_score, b, words), word_score, sampling, column,
                      weights + words.begin);
      for (Index i = words.begin; i < words.end; ++i) weights[i] *= beta;
    }
  }

  // Returns the operations of the energies of one column. Counts all words even if the window is
  // local, so that the operations of a model are a function of lengths.
  Index operations(const EncoderOutput& memory, const Head& head, Index b) const {
    Index sum = 0;
    for (std::size_t l = 0; l < levels_.size(); ++l)
      sum += level_of(memory, l).length(b) * head.scores[l].score->operations();
    return sum;
  }

  void attend_backward(const Weights& w, const ColumnBackward& at, const Real* dcontext,
                       Workspace& ws) const {
    const auto& [memory, step, head, j] = std::tie(at.memory, at.step, at.head, at.j);
    const Index b = step.source_of(j), words = memory.length(b);
    const Span span = span_of(step, head, at.saved, words);
    const Index block = step.offset(memory, j) + head.number * step.head_stride + span.begin;
    const auto scope = ws.scope();
    Real* weights = ws.take(span.size(), 1).data();
    std::copy_n(step.weights + block, span.size(), weights);

    Real* d = ws.take(span.size(), 1).data();
    const Dropout::Mask mask = mask_of(step, head, j);
    for (Index i = 0; i < span.size(); ++i)
      d[i] = mask(span.begin + i) *
             dot(contents_rows(), content(memory, head, b, span.begin + i), dcontext);
    if (step.dweights) add(span.size(), step.dweights + block, d);
    if (at.coverage) add(span.size(), at.dnext_coverage + span.begin, d);
    window_->reweight_backward(at.saved + offset_.window, span, words, weights, d,
                               at.saved + offset_.dwindow);
    if (has_segments())
      two_level_weights_backward(w, at, weights, d, ws);
    else
      weights_backward(w, at, span, weights, d, ws);
    count_operations(2 * operations(memory, head, b) + 2 * words * contents_rows());
  }

  // Replaces d, the gradient of the weights, by that of the energies, and adds the gradients of
  // keys, queries and coverage.
  void weights_backward(const Weights& w, const ColumnBackward& at, const Span& span,
                        const Real* weights, Real* d, Workspace& ws) const {
    const HeadScore& head_score = at.head.scores[kWords];
    const KeyBlock block =
        key_block(at.memory, head_score, at.step.source_of(at.j), span, at.coverage);
    Real* energies = is_stochastic_ ? ws.take(span.size(), 1).data() : nullptr;
    if (energies) head_score.score->energies(w, block, at.saved + head_score.queries, energies);
    normalizer_->backward(span.size(), sampling_context(at.step, at.head, at.j), energies, weights,
                          d);
    energies_backward(w, at, kWords, span, d);
  }

  // With a_j = β α_j for the words j of a segment:
  //   β = Σ_j a_j,   dα_j = β da_j,   dβ = Σ_j α_j da_j
  // If β is 0, α is unknown, and both gradients are set to 0.
  void two_level_weights_backward(const Weights& w, const ColumnBackward& at, Real* weights,
                                  Real* d, Workspace& ws) const {
    const Index b = at.step.source_of(at.j), segments = at.memory.segments.length(b);
    const SamplingContext sampling = sampling_context(at.step, at.head, at.j);
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
      normalizer_->backward(words.size(), sampling, nullptr, alpha.data(), dalpha.data());
    }
    normalizer_->backward(segments, sampling, nullptr, beta, dbeta);
    energies_backward(w, at, kWords, {0, at.memory.length(b)}, d);
    energies_backward(w, at, kSegments, {0, segments}, dbeta);
  }

  void energies_backward(const Weights& w, const ColumnBackward& at, std::size_t level,
                         const Span& span, const Real* denergies) const {
    const HeadScore& head_score = at.head.scores[level];
    const Index b = at.step.source_of(at.j);
    head_score.score->energies_backward(
        w, key_block(level_of(at.memory, level), head_score, b, span, at.coverage),
        at.saved + head_score.queries, denergies, at.g,
        keys_of(level_of(at.dmemory, level), head_score, b, span), at.dqueries + head_score.queries,
        at.dcoverage ? at.dcoverage + span.begin : nullptr);
  }

  // Adds to dstate, and replaces the saved queries by their gradients.
  void queries_backward(const Weights& w, In state, In dqueries, Out saved, Out dstate) const {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      auto projected = saved.row_range(levels_[l].projected, query_rows());
      auto dprojected = saved.row_range(levels_[l].dprojected, query_rows());
      dprojected.set_zero();
      for (const Head& head : score_heads_) {
        const HeadScore& head_score = head.scores[l];
        const auto dquery = dqueries.row_range(head_score.queries, head_score.score->query_rows());
        auto query = queries_of(saved, head_score);
        head_score.score->query_backward(w, score_input(state, projected, head), query, dquery,
                                         score_gradient(dstate, dprojected, head));
        copy(dquery, query);
      }
      if (projects_) add_transposed_product(w, levels_[l].w_query, dprojected, dstate);
    }
  }

  void accumulate_level(const Weights& w, const EncoderOutput& memory, std::size_t level, In states,
                        In saved, WeightGradients g, EncoderOutput& dmemory) const {
    const Level& projections = levels_[level];
    const EncoderLevel& m = level_of(memory, level);
    EncoderLevel& dm = level_of(dmemory, level);
    const auto projected = saved.row_range(projections.projected, query_rows());
    for (const Head& head : score_heads_) {
      const HeadScore& head_score = head.scores[level];
      const auto values = score_input(m.values, m.projected, head);
      const MatrixView dkeys = keys_of(dm, head_score);
      head_score.score->accumulate(
          values, dkeys, score_input(states, projected, head),
          saved.row_range(head_score.queries, head_score.score->query_rows()), g);
      head_score.score->keys_backward(w, values, keys_of(m, head_score), dkeys,
                                      score_gradient(dm.values, dm.projected, head));
    }
    if (projects_)
      add_outer_product(saved.row_range(projections.dprojected, query_rows()), states, g,
                        projections.w_query);
    if (projects_keys()) {
      add_outer_product(dm.projected, m.values, g, projections.w_key);
      add_transposed_product(w, projections.w_key, dm.projected, dm.values);
    }
  }

  // Computes dH += dC αᵀ, with one product per source.
  void accumulate_contents(const EncoderOutput& memory, const Packing& p,
                           const AttentionColumns& step, const Head& head, In dcontexts,
                           EncoderOutput& dmemory, Workspace& ws) const {
    MatrixView dcontents = multi_head() ? dmemory.contents : dmemory.values;
    for (int b = 0; b < p.sequences(); ++b) {
      const auto scope = ws.scope();
      const Index words = memory.length(b), steps = p.length(b);
      MatrixView dc = ws.take(contents_rows(), steps), alpha = ws.take(words, steps);
      std::copy_n(
          step.weights + step.begins[static_cast<std::size_t>(b)] + head.number * step.head_stride,
          words * steps, alpha.data());
      for (int t = 0; t < steps; ++t) {
        const Index column = p.column(b, t);
        std::copy_n(dcontexts.col(column) + content_row(head), contents_rows(), dc.col(t));
        if (!step.noise.on) continue;
        const Dropout::Mask mask = mask_of(step, head, column);
        for (Index i = 0; i < words; ++i) alpha(i, t) *= mask(i);
      }
      add_product_nt(
          dc, alpha,
          dcontents.columns(memory.begin(b), words).row_range(content_row(head), contents_rows()));
    }
  }

  AttentionScoreSizes sizes_;
  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<AttentionWindow> window_;
  bool projects_;
  Index head_size_;  // rows of the projections of one head
  Slot w_content_, w_context_;
  std::vector<Level> levels_;  // the words and, in two-level attention, the segments
  std::vector<Head> score_heads_;
  SavedOffsets offset_;
};

// A fixed context c_i = →h_Tx, as in the RNN Encoder-Decoder (Cho et al. 2014; Bahdanau et al.
// 2015, A.1.2, last paragraph).
class FixedContext : public Attention {
 public:
  explicit FixedContext(Index context) { rows_.context = context; }

  void prepare(const Weights&, EncoderOutput&) const override {}

  void step(const Weights&, const EncoderOutput& memory, const AttentionStep& step) const override {
    for (Index j = 0; j < step.context.cols(); ++j)
      std::copy_n(memory.last.col(step.columns.source_of(j)), step.context.rows(),
                  step.context.col(j));
  }

  void step_backward(const Weights&, const EncoderOutput&, const AttentionStep&,
                     const AttentionStepGrad&, WeightGradients, Workspace&) const override {}

  void accumulate(const Weights&, const EncoderOutput&, const Packing& p, const AttentionStep&,
                  In dcontexts, EncoderOutput& dmemory, WeightGradients,
                  Workspace&) const override {
    for (int t = 0; t < p.steps(); ++t)
      add(p.step(dcontexts, t), dmemory.last.columns(0, p.width(t)));
  }
};

}  // namespace

std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options) {
  if (!attention_scores().at(options.score).make)
    return std::make_unique<FixedContext>(options.fixed_context_size);
  return std::make_unique<ScoredAttention>(at, options);
}

}  // namespace attn

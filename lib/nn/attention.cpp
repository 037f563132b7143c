#include "nn/attention.h"

#include "base/profile.h"
#include "math/elementary.h"

namespace attn {
namespace {

// e ← softmax(e); the largest is taken off first, so that nothing overflows.
void softmax(Index n, Real* e) {
  const Real top = *std::max_element(e, e + n);
  Real sum = 0;
  for (Index i = 0; i < n; ++i) {
    e[i] = fast_exp(e[i] - top);
    sum += e[i];
  }
  for (Index i = 0; i < n; ++i) e[i] /= sum;
}

// dweights → denergies: α∘(dα − α·dα).
void softmax_backward(Index n, const Real* weights, Real* d) {
  const Real mean = dot(n, weights, d);
  for (Index i = 0; i < n; ++i) d[i] = weights[i] * (d[i] - mean);
}

class ScoredAttention : public Attention {
 public:
  ScoredAttention(std::unique_ptr<Score> score, const ScoreSizes& sizes)
      : score_(std::move(score)), context_rows_(sizes.memory) {}

  Index context_rows() const override { return context_rows_; }
  Index query_rows() const override { return score_->rows(); }

  void prepare(const Params& w, Memory& memory) const override {
    const Timed timed(Part::attention);
    score_->keys(w, memory.values, memory.keys);
  }

  void step(const Params& w, const Memory& memory, const Reading& r, In state, Out query,
            Out context) const override {
    const Timed timed(Part::attention);
    score_->query(w, state, query);
    for (Index j = 0; j < query.cols(); ++j) {
      const Index b = r.sentence_of(j), words = memory.length(b);
      Real* weights = r.of(memory, j);
      score_->energies(w, memory.of(memory.keys, b), query.col(j).data(), weights);
      softmax(words, weights);
      context.col(j).setZero();
      for (Index i = 0; i < words; ++i)
        add_scaled(context_rows_, weights[i], memory.values.col(memory.begin(b) + i).data(),
                   context.col(j).data());
      count_operations(words * (score_->operations() + 2 * context_rows_));
    }
  }

  void step_backward(const Params& w, const Memory& memory, const Reading& r, In dcontext,
                     Out query, Params& g, Memory& dmemory, Out dstate,
                     Workspace& ws) const override {
    const Timed timed(Part::attention);
    const auto scope = ws.scope();
    View dquery = ws.zeros(query.rows(), query.cols());
    for (Index j = 0; j < query.cols(); ++j) {
      const Index b = r.sentence_of(j), words = memory.length(b);
      const auto column_scope = ws.scope();
      Real* d = ws.take(words, 1).data();
      for (Index i = 0; i < words; ++i)
        d[i] = dot(context_rows_, memory.values.col(memory.begin(b) + i).data(),
                   dcontext.col(j).data());
      softmax_backward(words, r.of(memory, j), d);
      score_->energies_backward(w, memory.of(memory.keys, b), query.col(j).data(), d, g,
                                dmemory.of(dmemory.keys, b), dquery.col(j).data());
      count_operations(words * (2 * score_->operations() + 2 * context_rows_));
    }
    query = dquery;
    score_->query_backward(w, query, dstate);
  }

  // One product a sentence for what its contexts say of its states: dH += dC αᵀ.
  void accumulate(const Params& w, const Memory& memory, const Packing& p, const Reading& r,
                  In states, In dqueries, In dcontexts, Params& g, Memory& dmemory,
                  Workspace& ws) const override {
    const Timed timed(Part::attention);
    const auto scope = ws.scope();
    for (int b = 0; b < p.sequences(); ++b) {
      const auto sentence_scope = ws.scope();
      View dc = ws.take(context_rows_, p.length(b));
      for (int t = 0; t < p.length(b); ++t) dc.col(t) = dcontexts.col(p.column(b, t));
      const View weights(r.weights + r.begins[static_cast<std::size_t>(b)], memory.length(b),
                         p.length(b), Eigen::OuterStride<>(memory.length(b)));
      add_product_nt(dc, weights, dmemory.of(dmemory.values, b));
    }
    score_->keys_backward(w, dmemory.keys, dmemory.values);
    score_->accumulate(memory.values, dmemory.keys, states, dqueries, g);
  }

 private:
  std::unique_ptr<Score> score_;
  Index context_rows_;
};

// c_i = →h_Tx: the RNN Encoder-Decoder (Cho et al. 2014; Bahdanau et al. 2015, A.1.2, last
// paragraph).
class FixedContext : public Attention {
 public:
  explicit FixedContext(Index rows) : rows_(rows) {}

  Index context_rows() const override { return rows_; }
  Index query_rows() const override { return 0; }
  void prepare(const Params&, Memory&) const override {}

  void step(const Params&, const Memory& memory, const Reading& r, In, Out,
            Out context) const override {
    for (Index j = 0; j < context.cols(); ++j) context.col(j) = memory.last.col(r.sentence_of(j));
  }

  void step_backward(const Params&, const Memory&, const Reading&, In, Out, Params&, Memory&, Out,
                     Workspace&) const override {}

  void accumulate(const Params&, const Memory&, const Packing& p, const Reading&, In, In,
                  In dcontexts, Params&, Memory& dmemory, Workspace&) const override {
    for (int t = 0; t < p.steps(); ++t) dmemory.last.leftCols(p.width(t)) += p.step(dcontexts, t);
  }

 private:
  Index rows_;
};

}  // namespace

std::unique_ptr<Attention> make_attention(std::unique_ptr<Score> score, const ScoreSizes& sizes) {
  if (!score) return std::make_unique<FixedContext>(sizes.state);
  return std::make_unique<ScoredAttention>(std::move(score), sizes);
}

}  // namespace attn

#include "nn/score.h"

#include "math/elementary.h"

namespace attn {
namespace {

// v·tanh(q + k), q = W_a s, k = U_a h (Bahdanau et al. 2015, A.1.2).
class AdditiveScore : public Score {
 public:
  AdditiveScore(Scope at, const ScoreSizes& sizes)
      : w_(at.matrix("w_query", sizes.attention, sizes.state, Role::attention)),
        u_(at.matrix("w_key", sizes.attention, sizes.memory, Role::attention)),
        v_(at.vector("v", sizes.attention, Role::attention_vector)) {}

  Index rows() const override { return v_.rows; }
  Index operations() const override { return 2 * rows(); }  // the product with v

  void keys(const Params& w, In values, Out keys) const override { product(w, u_, values, keys); }
  void query(const Params& w, In state, Out query) const override { product(w, w_, state, query); }

  void energies(const Params& w, In keys, const Real* query, Real* energies) const override {
    for (Index j = 0; j < keys.cols(); ++j)
      energies[j] = energy(rows(), w.data(v_), keys.col(j).data(), query);
  }

  void energies_backward(const Params& w, In keys, const Real* query, const Real* denergies,
                         Params& g, Out dkeys, Real* dquery) const override {
    for (Index j = 0; j < keys.cols(); ++j)
      energy_backward(rows(), denergies[j], w.data(v_), keys.col(j).data(), query, g.data(v_),
                      dkeys.col(j).data(), dquery);
  }

  void query_backward(const Params& w, In dquery, Out dstate) const override {
    add_transposed_product(w, w_, dquery, dstate);
  }
  void keys_backward(const Params& w, In dkeys, Out dvalues) const override {
    add_transposed_product(w, u_, dkeys, dvalues);
  }
  void accumulate(In values, In dkeys, In states, In dqueries, Params& g) const override {
    add_outer_product(dkeys, values, g, u_);
    add_outer_product(dqueries, states, g, w_);
  }

 private:
  static Real energy(Index n, const Real* __restrict v, const Real* __restrict k,
                     const Real* __restrict q) {
    Real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (Index i = 0; i < n; ++i) sum += v[i] * fast_tanh(k[i] + q[i]);
    return sum;
  }

  // tanh is computed again: keeping it takes n' × S × T numbers a sentence and as long to read
  // back.
  static void energy_backward(Index n, Real de, const Real* __restrict v, const Real* __restrict k,
                              const Real* __restrict q, Real* __restrict dv, Real* __restrict dk,
                              Real* __restrict dq) {
    for (Index i = 0; i < n; ++i) {
      const Real t = fast_tanh(k[i] + q[i]);
      const Real d = de * v[i] * (1 - t * t);
      dv[i] += de * t;
      dk[i] += d;
      dq[i] += d;
    }
  }

  Slot w_, u_, v_;
};

std::unique_ptr<Score> make_additive(Scope at, const ScoreSizes& sizes) {
  return std::make_unique<AdditiveScore>(at, sizes);
}

std::unique_ptr<Score> make_none(Scope, const ScoreSizes&) {
  return nullptr;
}

}  // namespace

const Table<MakeScore>& scores() {
  static const Table<MakeScore> table = {
      {"additive", "v·tanh(W q + U h) (Bahdanau et al. 2015, A.1.2)", make_additive},
      {"none",
       "no attention: the encoder's last forward state as a fixed context (Cho et al. 2014)",
       make_none},
  };
  return table;
}

}  // namespace attn

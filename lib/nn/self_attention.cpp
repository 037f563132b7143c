#include "nn/self_attention.h"

#include <cmath>

#include "math/softmax.h"

namespace attn {
namespace {

MatrixView square(Real* data, Index n) {
  return MatrixView(data, n, n, n);
}

// Returns the number of attention weights of one head.
Index weights_per_head(const SentenceColumns& s) {
  Index sum = 0;
  for (Index b = 0; b < s.sentences(); ++b) sum += s.length(b) * s.length(b);
  return sum;
}

}  // namespace

SelfAttention::SelfAttention(Scope at, const SelfAttentionOptions& o)
    : size_(o.size),
      head_size_(o.size / o.heads),
      max_relative_position_(o.max_relative_position),
      projection_(at.matrix("projection", 3 * o.size, o.size, Role::input, 3)),
      output_(at.matrix("output", o.size, o.size, Role::input)) {
  if (o.max_relative_position > 0) {
    relative_key_ =
        at.matrix("relative_key", 2 * o.max_relative_position + 1, head_size_, Role::input);
    relative_value_ =
        at.matrix("relative_value", 2 * o.max_relative_position + 1, head_size_, Role::input);
  }
  for (int head = 0; head < o.heads; ++head)
    dropout_.emplace_back(at.path() + "." + std::to_string(head), o.dropout);
}

SelfAttention::HeadViews SelfAttention::head_views(MatrixView projected, MatrixView joined,
                                                   Index head) const {
  const auto block = [&](Index i) {
    return projected.row_range(i * size_ + head * head_size_, head_size_);
  };
  return {block(0), block(1), block(2), joined.row_range(head * head_size_, head_size_)};
}

void SelfAttention::forward(const Weights& w, const SentenceColumns& s, In x, Out y, Saved& saved,
                            Workspace& ws) const {
  const auto heads = static_cast<Index>(dropout_.size()), all = weights_per_head(s);
  saved.push_back(ws.take(3 * size_, x.cols()));
  saved.push_back(ws.zeros(size_, x.cols()));
  saved.push_back(ws.take(all * heads, 1));
  product(w, projection_, x, saved[0]);
  for (Index head = 0; head < heads; ++head)
    attend(w, s, head, head_views(saved[0], saved[1], head), saved[2].data() + head * all, ws);
  product(w, output_, saved[1], y);
}

void SelfAttention::backward(const Weights& w, const SentenceColumns& s, In x, In dy, Saved& saved,
                             WeightGradients g, Out dx, Workspace& ws) const {
  const auto scope = ws.scope();
  const auto heads = static_cast<Index>(dropout_.size()), all = weights_per_head(s);
  MatrixView dprojected = ws.zeros(3 * size_, x.cols()), djoined = ws.zeros(size_, x.cols());
  add_outer_product(dy, saved[1], g, output_);
  add_transposed_product(w, output_, dy, djoined);
  for (Index head = 0; head < heads; ++head)
    attend_backward(w, s, head, head_views(saved[0], saved[1], head),
                    head_views(dprojected, djoined, head), saved[2].data() + head * all, g, ws);
  add_outer_product(dprojected, x, g, projection_);
  add_transposed_product(w, projection_, dprojected, dx);
}

std::vector<Mat> SelfAttention::weights(const Saved& saved) const {
  const Index words = saved[0].cols();
  std::vector<Mat> heads;
  for (std::size_t head = 0; head < dropout_.size(); ++head)
    heads.emplace_back(
        square(saved[2].data() + static_cast<Index>(head) * words * words, words).map());
  return heads;
}

void SelfAttention::attend(const Weights& w, const SentenceColumns& s, Index head,
                           const HeadViews& x, Real* weights, Workspace& ws) const {
  const auto scope = ws.scope();
  const Real scale = 1 / std::sqrt(static_cast<Real>(head_size_));
  MatrixView relative_energies = ws.take(distances(), x.q.cols()),
             relative_weights = ws.zeros(distances(), x.q.cols());
  if (distances() > 0) product(w, relative_key_, x.q, relative_energies);
  for (Index b = 0; b < s.sentences(); ++b) {
    const auto in_sentence = ws.scope();
    const Index begin = s.begin(b), words = s.length(b);
    MatrixView alpha = square(weights, words), dropped = ws.take(words, words);
    product_tn(x.k.columns(begin, words), x.q.columns(begin, words), alpha);
    add_by_distance(relative_energies.columns(begin, words), alpha);
    alpha.map() *= scale;
    for (Index i = 0; i < words; ++i) softmax(words, alpha.col(i));
    copy(alpha, dropped);
    apply_dropout(s, head, b, dropped);
    add_product_nn(x.v.columns(begin, words), dropped, x.z.columns(begin, words));
    sum_by_distance(dropped, relative_weights.columns(begin, words));
    weights += words * words;
  }
  if (distances() > 0) add_transposed_product(w, relative_value_, relative_weights, x.z);
}

void SelfAttention::attend_backward(const Weights& w, const SentenceColumns& s, Index head,
                                    const HeadViews& x, const HeadViews& dx, Real* weights,
                                    WeightGradients g, Workspace& ws) const {
  const auto scope = ws.scope();
  const Real scale = 1 / std::sqrt(static_cast<Real>(head_size_));
  const Index tokens = x.q.cols();
  MatrixView relative_weights = ws.zeros(distances(), tokens),
             drelative_weights = ws.take(distances(), tokens),
             drelative_energies = ws.zeros(distances(), tokens);
  if (distances() > 0) product(w, relative_value_, dx.z, drelative_weights);
  for (Index b = 0; b < s.sentences(); ++b) {
    const auto in_sentence = ws.scope();
    const Index begin = s.begin(b), words = s.length(b);
    MatrixView alpha = square(weights, words), dropped = ws.take(words, words),
               d = ws.take(words, words);  // dα, then de
    copy(alpha, dropped);
    apply_dropout(s, head, b, dropped);
    add_product_nt(dx.z.columns(begin, words), dropped, dx.v.columns(begin, words));
    sum_by_distance(dropped, relative_weights.columns(begin, words));

    product_tn(x.v.columns(begin, words), dx.z.columns(begin, words), d);
    add_by_distance(drelative_weights.columns(begin, words), d);
    apply_dropout(s, head, b, d);
    for (Index i = 0; i < words; ++i) softmax_backward(words, alpha.col(i), d.col(i));
    d.map() *= scale;
    add_product_nn(x.k.columns(begin, words), d, dx.q.columns(begin, words));
    add_product_nt(x.q.columns(begin, words), d, dx.k.columns(begin, words));
    sum_by_distance(d, drelative_energies.columns(begin, words));
    weights += words * words;
  }
  if (distances() == 0) return;
  add_outer_product(relative_weights, dx.z, g, relative_value_);
  add_outer_product(drelative_energies, x.q, g, relative_key_);
  add_transposed_product(w, relative_key_, drelative_energies, dx.q);
}

void SelfAttention::apply_dropout(const SentenceColumns& s, Index head, Index b,
                                  Out weights) const {
  IndexSpan(dropout_)[head].apply(s.noise, s.example_ids.subspan(s.begin(b), s.length(b)), weights);
}

void SelfAttention::add_by_distance(In by_distance, Out by_word) const {
  if (distances() == 0) return;
  for (Index i = 0; i < by_word.cols(); ++i)
    for (Index j = 0; j < by_word.rows(); ++j) by_word(j, i) += by_distance(distance_row(i, j), i);
}

void SelfAttention::sum_by_distance(In by_word, Out by_distance) const {
  if (distances() == 0) return;
  for (Index i = 0; i < by_word.cols(); ++i)
    for (Index j = 0; j < by_word.rows(); ++j) by_distance(distance_row(i, j), i) += by_word(j, i);
}

}  // namespace attn

#include "model/transformer_layers.h"

#include "model/model_config.h"
#include "nn/feed_forward.h"
#include "nn/self_attention.h"

namespace attn {

const Registry<NormPosition>& norms() {
  static const Registry<NormPosition> table = {
      {"pre", "before each sublayer and once at the end; needs no warm-up (Xiong et al. 2020)",
       NormPosition::pre},
      {"post", "after each residual connection (Vaswani et al. 2017)", NormPosition::post},
  };
  return table;
}

TransformerLayers::TransformerLayers(Scope at, const ModelConfig& config, Index size,
                                     Index max_relative_position)
    : size_(size), norm_position_(norms().at(config.encoder.norm)) {
  const SelfAttentionOptions options{size, config.encoder.heads, max_relative_position,
                                     config.dropout.attention};
  const auto add_sublayer = [&](Scope in, std::unique_ptr<Sublayer> f) {
    sublayers_.push_back(
        {std::move(f), LayerNorm(in / "norm", size), Dropout(in.path(), config.dropout.layer)});
  };
  for (Index l = 0; l < config.encoder.layers; ++l) {
    const Scope attention = at / l / "attention", feed_forward = at / l / "feed_forward";
    add_sublayer(attention, std::make_unique<SelfAttention>(attention, options));
    add_sublayer(feed_forward, std::make_unique<FeedForward>(feed_forward, size,
                                                             config.encoder.feed_forward_size));
  }
  if (norm_position_ == NormPosition::pre)
    last_norm_ = std::make_unique<LayerNorm>(at / "norm", size);
}

TransformerLayers::Saved::Saved(const TransformerLayers& layers)
    : sublayers(layers.sublayers_.size()) {}

Index TransformerLayers::numbers_per_token() const {
  Index sum = 0;
  for (const ResidualSublayer& sublayer : sublayers_)
    sum += 2 * sublayer.f->saved_rows() + 3 * size_;
  return sum;
}

std::vector<std::vector<Mat>> TransformerLayers::weights(const Saved& saved) const {
  std::vector<std::vector<Mat>> layers;
  for (std::size_t i = 0; i < sublayers_.size(); ++i)
    if (auto heads = sublayers_[i].f->weights(saved.sublayers[i]); !heads.empty())
      layers.push_back(std::move(heads));
  return layers;
}

MatrixView TransformerLayers::forward(const Weights& w, const SentenceColumns& s, MatrixView x,
                                      Saved& saved, Workspace& ws) const {
  saved.inputs.clear(), saved.norms.clear();
  MatrixView h = x;
  for (std::size_t i = 0; i < sublayers_.size(); ++i) {
    saved.sublayers[i].clear();
    const MatrixView y = sublayer_forward(w, s, i, h, saved, ws);
    h = y;
  }
  if (last_norm_) normalize(w, *last_norm_, h, h, saved, ws);
  return h;
}

void TransformerLayers::backward(const Weights& w, const SentenceColumns& s, Saved& saved,
                                 WeightGradients g, MatrixView dx, Workspace& ws) const {
  if (last_norm_) {
    const auto scope = ws.scope();
    MatrixView dy = ws.take(dx.rows(), dx.cols());
    copy(dx, dy);
    dx.set_zero();
    last_norm_->backward(w, saved.norms.back(), dy, dx);
    last_norm_->accumulate(saved.norms.back(), dy, g);
  }
  for (std::size_t i = sublayers_.size(); i-- > 0;) sublayer_backward(w, s, i, saved, g, dx, ws);
}

MatrixView TransformerLayers::sublayer_forward(const Weights& w, const SentenceColumns& s,
                                               std::size_t i, MatrixView x, Saved& saved,
                                               Workspace& ws) const {
  const ResidualSublayer& sublayer = sublayers_[i];
  const bool pre = norm_position_ == NormPosition::pre;
  const MatrixView input = pre ? ws.take(x.rows(), x.cols()) : x;
  if (pre) normalize(w, sublayer.norm, x, input, saved, ws);
  saved.inputs.push_back(input);
  MatrixView y = ws.take(x.rows(), x.cols());
  sublayer.f->forward(w, s, input, y, saved.sublayers[i], ws);
  sublayer.dropout.apply(s.noise, s.example_ids, y);
  add(x, y);
  if (!pre) normalize(w, sublayer.norm, y, y, saved, ws);
  return y;
}

void TransformerLayers::sublayer_backward(const Weights& w, const SentenceColumns& s, std::size_t i,
                                          Saved& saved, WeightGradients g, MatrixView dx,
                                          Workspace& ws) const {
  const auto scope = ws.scope();
  const ResidualSublayer& sublayer = sublayers_[i];
  MatrixView dy = ws.zeros(dx.rows(), dx.cols());
  if (norm_position_ == NormPosition::post) {
    sublayer.norm.backward(w, saved.norms[i], dx, dy);
    sublayer.norm.accumulate(saved.norms[i], dx, g);
    copy(dy, dx);
    sublayer.dropout.apply(s.noise, s.example_ids, dy);
    sublayer.f->backward(w, s, saved.inputs[i], dy, saved.sublayers[i], g, dx, ws);
  } else {
    copy(dx, dy);
    sublayer.dropout.apply(s.noise, s.example_ids, dy);
    MatrixView dinput = ws.zeros(dx.rows(), dx.cols());
    sublayer.f->backward(w, s, saved.inputs[i], dy, saved.sublayers[i], g, dinput, ws);
    sublayer.norm.backward(w, saved.norms[i], dinput, dx);
    sublayer.norm.accumulate(saved.norms[i], dinput, g);
  }
}

void TransformerLayers::normalize(const Weights& w, const LayerNorm& norm, In x, Out y,
                                  Saved& saved, Workspace& ws) const {
  saved.norms.push_back(ws.take(norm.saved_rows(), x.cols()));
  norm.forward(w, x, saved.norms.back(), y);
}

}  // namespace attn

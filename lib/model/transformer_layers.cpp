#include "model/transformer_layers.h"

#include "model/model_config.h"
#include "nn/feed_forward.h"
#include "nn/self_attention.h"

namespace attn {

const Registry<Normalization>& norms() {
  static const Registry<Normalization> table = {
      {"pre",
       "before each sublayer, and once at the end: learns without warm-up (Xiong et al. 2020)",
       Normalization::before},
      {"post", "after each residual connection (Vaswani et al. 2017)", Normalization::after},
  };
  return table;
}

TransformerLayers::TransformerLayers(Scope at, const ModelConfig& config, Index size,
                                     Index max_relative_position)
    : size_(size), normalization_(norms().at(config.encoder.norm)) {
  const SelfAttentionOptions options{size, config.encoder.heads, max_relative_position,
                                     config.dropout.attention};
  const auto add_step = [&](Scope in, std::unique_ptr<Sublayer> f) {
    steps_.push_back(
        {std::move(f), LayerNorm(in / "norm", size), Dropout(in.path(), config.dropout.layer)});
  };
  for (Index l = 0; l < config.encoder.layers; ++l) {
    const Scope attention = at / l / "attention", feed_forward = at / l / "feed_forward";
    add_step(attention, std::make_unique<SelfAttention>(attention, options));
    add_step(feed_forward,
             std::make_unique<FeedForward>(feed_forward, size, config.encoder.feed_forward_size));
  }
  if (normalization_ == Normalization::before)
    last_ = std::make_unique<LayerNorm>(at / "norm", size);
}

TransformerLayers::Tape::Tape(const TransformerLayers& layers) : kept(layers.steps_.size()) {}

Index TransformerLayers::numbers_per_token() const {
  Index sum = 0;
  for (const Step& step : steps_) sum += 2 * step.f->saved_rows() + 3 * size_;
  return sum;
}

std::vector<std::vector<Mat>> TransformerLayers::weights(const Tape& tape) const {
  std::vector<std::vector<Mat>> layers;
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (auto heads = steps_[i].f->weights(tape.kept[i]); !heads.empty())
      layers.push_back(std::move(heads));
  return layers;
}

View TransformerLayers::forward(const Params& w, const SentenceColumns& s, const View& x,
                                Tape& tape, Workspace& ws) const {
  tape.inputs.clear(), tape.norms.clear();
  View h = x;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    tape.kept[i].clear();
    const View y = step_forward(w, s, i, h, tape, ws);
    new (&h) View(y);
  }
  if (last_) normalize(w, *last_, h, h, tape, ws);
  return h;
}

void TransformerLayers::backward(const Params& w, const SentenceColumns& s, Tape& tape, Params& g,
                                 View dx, Workspace& ws) const {
  if (last_) {
    const auto scope = ws.scope();
    View dy = ws.take(dx.rows(), dx.cols());
    dy = dx;
    dx.setZero();
    last_->backward(w, tape.norms.back(), dy, dx);
    last_->accumulate(tape.norms.back(), dy, g);
  }
  for (std::size_t i = steps_.size(); i-- > 0;) step_backward(w, s, i, tape, g, dx, ws);
}

View TransformerLayers::step_forward(const Params& w, const SentenceColumns& s, std::size_t i,
                                     const View& x, Tape& tape, Workspace& ws) const {
  const Step& step = steps_[i];
  const bool before = normalization_ == Normalization::before;
  const View input = before ? ws.take(x.rows(), x.cols()) : x;
  if (before) normalize(w, step.norm, x, input, tape, ws);
  tape.inputs.push_back(input);
  View y = ws.take(x.rows(), x.cols());
  step.f->forward(w, s, input, y, tape.kept[i], ws);
  step.dropout.apply(s.noise, s.example_ids, y);
  y += x;
  if (!before) normalize(w, step.norm, y, y, tape, ws);
  return y;
}

void TransformerLayers::step_backward(const Params& w, const SentenceColumns& s, std::size_t i,
                                      Tape& tape, Params& g, View dx, Workspace& ws) const {
  const auto scope = ws.scope();
  const Step& step = steps_[i];
  View dy = ws.zeros(dx.rows(), dx.cols());
  if (normalization_ == Normalization::after) {
    step.norm.backward(w, tape.norms[i], dx, dy);
    step.norm.accumulate(tape.norms[i], dx, g);
    dx = dy;
    step.dropout.apply(s.noise, s.example_ids, dy);
    step.f->backward(w, s, tape.inputs[i], dy, tape.kept[i], g, dx, ws);
  } else {
    dy = dx;
    step.dropout.apply(s.noise, s.example_ids, dy);
    View dinput = ws.zeros(dx.rows(), dx.cols());
    step.f->backward(w, s, tape.inputs[i], dy, tape.kept[i], g, dinput, ws);
    step.norm.backward(w, tape.norms[i], dinput, dx);
    step.norm.accumulate(tape.norms[i], dinput, g);
  }
}

void TransformerLayers::normalize(const Params& w, const LayerNorm& norm, In x, Out y, Tape& tape,
                                  Workspace& ws) const {
  tape.norms.push_back(ws.take(norm.saved_rows(), x.cols()));
  norm.forward(w, x, tape.norms.back(), y);
}

}  // namespace attn

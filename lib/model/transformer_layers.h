// Layers of self-attention (Vaswani et al. 2017, 3.1): in each, self-attention f, then a
// feed-forward network f; around each f a residual connection and layer normalization:
//   post  x ← norm(x + f(x))                         (Vaswani et al. 2017)
//   pre   x ← x + f(norm(x)), and at the end norm(x) (Xiong et al. 2020)
#pragma once

#include <memory>

#include "base/registry.h"
#include "nn/layer_norm.h"
#include "nn/sublayer.h"

namespace attn {

struct ModelConfig;

enum class Normalization { before, after };  // f
const Registry<Normalization>& norms();

class TransformerLayers {
 public:
  // max_relative_position: 0 without relative positions.
  TransformerLayers(Scope at, const ModelConfig& config, Index size, Index max_relative_position);

  // The record of one pass; what it names lies in the workspace.
  struct Tape {
    explicit Tape(const TransformerLayers& layers);
    std::vector<View> inputs;  // of each f
    std::vector<View> norms;   // what each normalization kept
    std::vector<Sublayer::Kept> kept;
  };
  Index numbers_per_token() const;
  // Of a pass over one sentence, of each layer: as Sublayer::weights.
  std::vector<std::vector<Mat>> weights(const Tape& tape) const;

  // Gives the top layer's x.
  View forward(const Params& w, const SentenceColumns& s, const View& x, Tape& tape,
               Workspace& ws) const;
  // dx: of what forward gives; becomes that of its x.
  void backward(const Params& w, const SentenceColumns& s, Tape& tape, Params& g, View dx,
                Workspace& ws) const;

 private:
  struct Step {
    std::unique_ptr<Sublayer> f;
    LayerNorm norm;
    Dropout dropout;  // of what f gives
  };

  View step_forward(const Params& w, const SentenceColumns& s, std::size_t i, const View& x,
                    Tape& tape, Workspace& ws) const;
  void step_backward(const Params& w, const SentenceColumns& s, std::size_t i, Tape& tape,
                     Params& g, View dx, Workspace& ws) const;
  void normalize(const Params& w, const LayerNorm& norm, In x, Out y, Tape& tape,
                 Workspace& ws) const;

  Index size_;
  Normalization normalization_;
  std::vector<Step> steps_;
  std::unique_ptr<LayerNorm> last_;  // pre: at the end
};

}  // namespace attn

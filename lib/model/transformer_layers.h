// Transformer encoder layers (Vaswani et al. 2017, 3.1). Each layer has two sublayers f,
// self-attention and a feed-forward network. Around each f there are a residual connection and
// layer normalization:
//   post  x ← norm(x + f(x))                         (Vaswani et al. 2017)
//   pre   x ← x + f(norm(x)), and norm(x) at the end (Xiong et al. 2020)
#pragma once

#include <memory>

#include "base/registry.h"
#include "nn/layer_norm.h"
#include "nn/sublayer.h"

namespace attn {

struct ModelConfig;

enum class NormPosition { pre, post };
// Returns the table of the positions of layer normalization.
const Registry<NormPosition>& norms();

class TransformerLayers {
 public:
  // `size` is the number of rows of x. A max_relative_position of 0 means no relative positions.
  TransformerLayers(Scope at, const ModelConfig& config, Index size, Index max_relative_position);

  // The activations of one forward pass that backward needs. The matrices are in the workspace.
  struct Saved {
    explicit Saved(const TransformerLayers& layers);
    std::vector<MatrixView> inputs;  // inputs of each f
    std::vector<MatrixView> norms;   // saved by each normalization
    std::vector<Sublayer::Saved> sublayers;
  };
  // Returns an estimate of how many numbers a forward and backward pass store per word.
  Index numbers_per_token() const;
  // Returns the attention weights of each layer after a pass over one sentence (see
  // Sublayer::weights).
  std::vector<std::vector<Mat>> weights(const Saved& saved) const;

  // Returns the output of the top layer, in the workspace.
  MatrixView forward(const Weights& w, const SentenceColumns& s, MatrixView x, Saved& saved,
                     Workspace& ws) const;
  // Overwrites dx, the gradient of the output, with the gradient of the input. Adds to g.
  void backward(const Weights& w, const SentenceColumns& s, Saved& saved, WeightGradients g,
                MatrixView dx, Workspace& ws) const;

 private:
  struct ResidualSublayer {
    std::unique_ptr<Sublayer> f;
    LayerNorm norm;
    Dropout dropout;  // dropout of the output of f
  };

  MatrixView sublayer_forward(const Weights& w, const SentenceColumns& s, std::size_t i,
                              MatrixView x, Saved& saved, Workspace& ws) const;
  void sublayer_backward(const Weights& w, const SentenceColumns& s, std::size_t i, Saved& saved,
                         WeightGradients g, MatrixView dx, Workspace& ws) const;
  void normalize(const Weights& w, const LayerNorm& norm, In x, Out y, Saved& saved,
                 Workspace& ws) const;

  Index size_;
  NormPosition norm_position_;
  std::vector<ResidualSublayer> sublayers_;
  std::unique_ptr<LayerNorm> last_norm_;  // NormPosition::pre only
};

}  // namespace attn

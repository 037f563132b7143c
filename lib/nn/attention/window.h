// Attention windows: the source words that a step can attend to. S is the number of source words, D
// the window width.
//   global   all words                                            (Luong et al. 2015, 3.1)
//   local_m  the words within D of position t                     (Luong et al. 2015, local-m)
//   local_p  the words within D of p = S σ(v·tanh(W s)), with weights multiplied by
//            exp(−(j − p)² / 2σ²), σ = D/2                        (Luong et al. 2015, local-p)
#pragma once

#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

struct AttentionWindowOptions {
  Index state = 0;        // rows of the decoder state
  Index hidden_size = 0;  // hidden size of the layer that predicts the center of local_p
  int width = 0;          // D
};

// The half-open range of positions [begin, end).
struct Span {
  Index begin, end;
  Index size() const { return end - begin; }
};

// The defaults are for windows without parameters.
class AttentionWindow {
 public:
  AttentionWindow() = default;
  virtual ~AttentionWindow() = default;
  AttentionWindow(const AttentionWindow&) = delete;
  AttentionWindow& operator=(const AttentionWindow&) = delete;

  // Returns the number of rows that a step saves per column.
  virtual Index saved_rows() const { return 0; }
  // Predicts the center of the window of each column from the decoder states [state × columns], and
  // writes what the other functions need to saved [saved_rows() × columns].
  virtual void center(const Weights&, In /*state*/, Out /*saved*/) const {}
  // Returns the words that a column with `saved` can attend to in step t.
  virtual Span span(const Real* saved, Index t, Index words) const = 0;
  // Multiplies the weights of the span by the factors of the window.
  virtual void reweight(const Real* /*saved*/, const Span&, Index /*words*/,
                        Real* /*weights*/) const {}
  // Undoes reweight() on the weights, and replaces d, the gradient of the reweighted weights, by
  // that of the original ones. Adds the gradient of the center to dsaved.
  virtual void reweight_backward(const Real* /*saved*/, const Span&, Index /*words*/,
                                 Real* /*weights*/, Real* /*d*/, Real* /*dsaved*/) const {}
  // Adds the gradient of center() to dstate, and replaces dsaved by the input of accumulate().
  virtual void center_backward(const Weights&, In /*saved*/, Out /*dsaved*/, Out /*dstate*/) const {
  }
  // Adds the gradients of the parameters, for any number of columns.
  virtual void accumulate(In /*states*/, In /*saved*/, In /*dsaved*/, WeightGradients) const {}
};

using MakeAttentionWindow =
    std::unique_ptr<AttentionWindow> (*)(Scope at, const AttentionWindowOptions& options);
struct AttentionWindowKind {
  MakeAttentionWindow make;
  bool is_local = false;             // at most 2D + 1 words can have a weight
  bool is_centered_at_step = false;  // the center of step t is position t
  bool has_hidden_layer = false;     // a hidden layer of size model.attention.hidden_size
};
// Returns the table of all windows.
const Registry<AttentionWindowKind>& attention_windows();

}  // namespace attn

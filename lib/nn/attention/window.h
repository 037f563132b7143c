// Where attention looks at each step.
//   global   all words
//   local_m  the words within D of position t                     (Luong et al. 2015, local-m)
//   local_p  the words within D of p = S σ(v·tanh(W s)), their weights times
//            exp(−(j − p)² / 2σ²), σ = D/2                        (Luong et al. 2015, local-p)
#pragma once

#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

struct WindowOptions {
  Index state = 0;  // rows of what asks
  Index size = 0;   // of the hidden layer of predictive
  int width = 0;    // D
};

// Numbers of the first word and of the one after the last.
struct Span {
  Index begin, end;
  Index size() const { return end - begin; }
};

class Window {
 public:
  Window() = default;
  virtual ~Window() = default;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  virtual Index saved_rows() const { return 0; }  // kept for each column
  virtual void center(const Params&, In /*state*/, Out /*tape*/) const {}
  virtual Span span(const Real* tape, Index t, Index words) const = 0;
  // Of the span's weights.
  virtual void shape(const Real*, const Span&, Index /*words*/, Real*) const {}
  // The gradient of shaped weights becomes that of the weights, which `weights` becomes too; what
  // the place has of it goes to dtape.
  virtual void shape_backward(const Real*, const Span&, Index, Real*, Real*, Real*) const {}
  // dtape, of all columns of a step, becomes what accumulate needs.
  virtual void center_backward(const Params&, In /*tape*/, Out /*dtape*/, Out /*dstate*/) const {}
  virtual void accumulate(In /*states*/, In /*tapes*/, In /*dtapes*/, Params&) const {}
};

using MakeWindow = std::unique_ptr<Window> (*)(Scope at, const WindowOptions& options);
struct WindowKind {
  MakeWindow make;
  bool is_local = false;             // at most 2D + 1 words have a weight
  bool is_centered_at_step = false;  // the center is position t
  bool has_hidden_layer = false;     // of size model.attention.hidden_size
};
const Registry<WindowKind>& windows();

}  // namespace attn

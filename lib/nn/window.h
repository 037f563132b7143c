// Where attention looks at each step.
//   global      every word
//   monotonic   the words within D of word t                       (Luong et al. 2015, local-m)
//   predictive  the words within D of p = S σ(v·tanh(W s)), their weights times
//               exp(−(j − p)² / 2σ²), σ = D/2                      (Luong et al. 2015, local-p)
//   coverage    every word, and the score is told the sum of its past weights (Tu et al. 2016)
#pragma once

#include <memory>

#include "base/table.h"
#include "math/ops.h"
#include "math/product.h"

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

  virtual Index tape_rows() const { return 0; }  // kept for each column
  virtual void place(const Params&, In /*state*/, Out /*tape*/) const {}
  virtual Span span(const Real* tape, Index t, Index words) const = 0;
  // Of the span's weights.
  virtual void shape(const Real*, const Span&, Index /*words*/, Real*) const {}
  // The gradient of shaped weights becomes that of the weights, which `weights` becomes too; what
  // the place has of it goes to dtape.
  virtual void shape_backward(const Real*, const Span&, Index, Real*, Real*, Real*) const {}
  // dtape, of all columns of a step, becomes what accumulate needs.
  virtual void place_backward(const Params&, In /*tape*/, Out /*dtape*/, Out /*dstate*/) const {}
  virtual void accumulate(In /*states*/, In /*tapes*/, In /*dtapes*/, Params&) const {}
};

using MakeWindow = std::unique_ptr<Window> (*)(Scope at, const WindowOptions& options);
struct WindowKind {
  MakeWindow make;
  bool everywhere = true;  // else at 2D + 1 words at most
  bool covers = false;     // tells the score the sums of past weights
  bool predicts = false;   // by a hidden layer of its own, of model.attention.size
};
const Table<WindowKind>& windows();

}  // namespace attn

// The one door for every matrix product. Behind it stands oneDNN, or Eigen where the build or the
// number type has none.
//
// A weight is told by its slot, so that a packed form of it can be kept (see FixedWeights); W is
// [out × in], and what multiplies it may be said (math/precision.h). All others are column-major
// matrices with a column per token. Error: none; shapes are checked (Bug). Threads: any number at
// once; each runs its product alone.
#pragma once

#include "math/params.h"

namespace attn {

void product(const Params& w, Slot weight, In x, Out y);                  // y = W x
void add_product(const Params& w, Slot weight, In x, Out y);              // y += W x
void add_transposed_product(const Params& w, Slot weight, In d, Out dx);  // dx += Wᵀ d
void add_outer_product(In d, In x, Params& g, Slot weight);               // gW += d xᵀ

// Of two activations.
void product_tn(In a, In b, Out c);       // c = aᵀ b
void add_product_nt(In a, In b, Out dc);  // dc += a bᵀ
void add_product_nn(In a, In b, Out dc);  // dc += a b

// While one lives, in any thread, no weight changes, and the door keeps those that meet few
// columns, as in time loops, in the form that suits these.
class FixedWeights {
 public:
  FixedWeights();
  ~FixedWeights();
  FixedWeights(const FixedWeights&) = delete;
  FixedWeights& operator=(const FixedWeights&) = delete;
};

// While one lives, the products of this thread with a weight come again with the next step.
class TimeLoop {
 public:
  TimeLoop();
  ~TimeLoop();
  TimeLoop(const TimeLoop&) = delete;
  TimeLoop& operator=(const TimeLoop&) = delete;
};

// What stands behind the door, for logs: "oneDNN 2.6.3" or "Eigen 3.4.0".
const char* product_library();

}  // namespace attn

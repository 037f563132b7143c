// The parameters of a model as factors of products, and their gradients.
#pragma once

#include <memory>

#include "math/gemm/precision.h"
#include "math/params.h"

namespace attn {

class Pool;
class PreparedWeights;

// Parameters, the precision of products with them, and the forms of them that products read
// (math/gemm/prepared_weights.h). Constructed once per set of weights, and shared by all
// threads.
class Weights {
 public:
  // Refers to `params`, which must outlive the object. Throws Bug if the precision is not
  // available.
  explicit Weights(const Params& params, Precision precision = Precision::float32);
  Weights(Weights&&) noexcept;
  Weights& operator=(Weights&&) noexcept;
  ~Weights();

  Precision precision() const { return precision_; }
  const PreparedWeights& prepared() const { return *prepared_; }
  // Must be called after the parameters have changed, while no other thread uses the object:
  // prepares the forms again that products have used, in parallel.
  void renew(Pool& pool);

  // As in Params.
  ConstMatrixView transposed(Slot s) const { return params_->transposed(s); }
  ConstMatrixView vector(Slot s) const { return params_->vector(s); }
  const Real* data(Slot s) const { return params_->data(s); }

 private:
  const Params* params_;
  Precision precision_;
  std::unique_ptr<PreparedWeights> prepared_;
};

// The arena to which a backward pass adds the gradients of the weights, and the precision of the
// products that it adds. Refers to the arena.
class WeightGradients {
 public:
  WeightGradients(Params& params, Precision precision = Precision::float32)
      : params_(&params), precision_(precision) {}

  Precision precision() const { return precision_; }

  // As in Params.
  MatrixView transposed(Slot s) const { return params_->transposed(s); }
  MatrixView vector(Slot s) const { return params_->vector(s); }
  Real* data(Slot s) const { return params_->data(s); }

 private:
  Params* params_;
  Precision precision_;
};

}  // namespace attn

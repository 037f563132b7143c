#include "math/gemm/weights.h"

#include "base/error.h"
#include "math/gemm/prepared_weights.h"

namespace attn {

Weights::Weights(const Params& params, Precision precision)
    : params_(&params), precision_(precision), prepared_(std::make_unique<PreparedWeights>()) {
  ATTN_CHECK(available(precision));
}

Weights::Weights(Weights&&) noexcept = default;
Weights& Weights::operator=(Weights&&) noexcept = default;
Weights::~Weights() = default;

void Weights::renew(Pool& pool) {
  prepared_->renew(pool);
}

}  // namespace attn

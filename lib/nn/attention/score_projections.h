// The projections that scores consist of.
#pragma once

#include "nn/attention/score.h"

namespace attn {

// y = x.
std::unique_ptr<ScoreProjection> make_identity_projection(Index rows);
// y = x / max(‖x‖, 10⁻⁶).
std::unique_ptr<ScoreProjection> make_unit_length_projection(Index rows);
// y = W x, or W x + b if `bias` has rows.
std::unique_ptr<ScoreProjection> make_linear_projection(Slot matrix, Slot bias = {});
// y has no rows.
std::unique_ptr<ScoreProjection> make_empty_projection();

}  // namespace attn

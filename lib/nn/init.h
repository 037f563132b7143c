// Initialization of parameters. A scheme selects the distribution by the role of the parameter. An
// initial value is a function of the seed, the name of the parameter and the index.
#pragma once

#include "base/registry.h"
#include "math/params.h"

namespace attn {

// Assigns the initial values of one parameter. `values` are zero at first.
using Scheme = void (*)(const Entry& entry, RandomKey key, std::span<Real> values);
// Returns the table of all schemes.
const Registry<Scheme>& init_schemes();

// Initializes all parameters. Parameters of role `scale` are set to 1 in every scheme.
void initialize(const Layout& layout, Scheme scheme, std::uint64_t seed, Params& w);

}  // namespace attn

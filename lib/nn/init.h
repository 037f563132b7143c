// First values: a named scheme gives every role its distribution; a value is a function of seed,
// name and index.
#pragma once

#include "base/registry.h"
#include "math/params.h"

namespace attn {

using Scheme = void (*)(const Entry& entry, RandomKey key, std::span<Real> values);
const Registry<Scheme>& init_schemes();

void initialize(const Layout& layout, Scheme scheme, std::uint64_t seed, Params& w);

}  // namespace attn

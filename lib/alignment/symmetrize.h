// One alignment from two: from source to target and from target to source, the links of both being
// written (source, target).
#pragma once

#include <vector>

#include "alignment/word_alignment.h"
#include "base/registry.h"

namespace attn {

using Symmetrization = std::vector<Link> (*)(const std::vector<Link>& forward,
                                             const std::vector<Link>& backward);

// intersection, union (Och and Ney 2003, 4.1), grow-diag and grow-diag-final-and (Koehn et al.
// 2005). The links come sorted, each once; the order of those given does not matter.
const Registry<Symmetrization>& symmetrizations();

}  // namespace attn

// Symmetrization: combines the links of two alignments, one in each direction, into one. The links
// of both are written (source, target).
//   intersection, union                  Och and Ney 2003, section 4.1
//   grow-diag, grow-diag-final-and       Koehn et al. 2005
#pragma once

#include <vector>

#include "alignment/word_alignment.h"
#include "base/registry.h"

namespace attn {

// Returns the combined links, sorted and without repetitions. The order of the given links does not
// matter.
using Symmetrization = std::vector<Link> (*)(const std::vector<Link>& forward,
                                             const std::vector<Link>& backward);

// Returns the table of all symmetrizations.
const Registry<Symmetrization>& symmetrizations();

}  // namespace attn

// A text that one process reads for all.
#pragma once

#include "text/corpus.h"
#include "train/communicator.h"

namespace attn {

// Returns a source of the pairs that `read` gives in the first process, which alone calls it. All
// processes must use the result. If it throws in the first process, it throws ReportedElsewhere in
// all others.
PairSource read_by_first(PairSource read, Communicator& communicator);

}  // namespace attn

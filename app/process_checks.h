// Checks that the processes of a training fit together.
#pragma once

#include <cstdint>

#include "train/communicator.h"
#include "train/run_log.h"

namespace attn {

// Throws Error if `processes` cannot share `shards` shards.
void check_processes(int processes, int shards);

// Logs the machines of the processes. Warns if their processors or libraries differ, because
// products may then be rounded differently.
void compare_processors(Communicator& communicator, RunLog& log);

// Throws Error if the processes have different hashes of data and weights.
void compare_fingerprints(Communicator& communicator, std::uint64_t fingerprint);

}  // namespace attn

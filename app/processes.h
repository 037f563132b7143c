// Commands that run in several processes, and checks that these fit together.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "train/communicator.h"
#include "train/config.h"
#include "train/run_log.h"

namespace attn {

// Calls f in each of the processes that a launcher has started together, and returns its exit code.
// An error in one process is reported and ends all.
int in_processes(const std::function<int(Communicator&)>& f);

// Returns the configuration that `read` returns in the first process, which alone calls it.
Config config_of_first(const std::function<Config()>& read, Communicator& communicator);

// Throws Error if `processes` cannot share `shards` shards.
void check_processes(int processes, int shards);

// Logs the machines of the processes. Warns if their processors or libraries differ, because
// products may then be rounded differently.
void compare_processors(Communicator& communicator, RunLog& log);

// Throws Error if the processes have different hashes of `what`: "texts" or "weights".
void compare_fingerprints(Communicator& communicator, const std::string& what,
                          std::uint64_t fingerprint);

}  // namespace attn

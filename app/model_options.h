// Options of commands that run trained models.
#pragma once

#include <string>

#include "train/trained_model.h"

namespace attn {

// Returns the number of worker threads to start: `threads`, or one per processor if that is 0.
int worker_threads(int threads);

// Returns the warning that more threads than shards were requested.
std::string idle_threads_warning(int threads, int shards);

}  // namespace attn

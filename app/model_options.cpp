#include "model_options.h"

#include "base/parallel.h"

namespace attn {

int worker_threads(int threads) {
  return threads > 0 ? threads : hardware_threads();
}

std::string idle_threads_warning(int threads, int shards) {
  return std::to_string(threads) + " threads, but train.shards is " + std::to_string(shards) +
         ": some threads will be idle";
}

}  // namespace attn

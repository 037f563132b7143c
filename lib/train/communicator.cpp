#include "train/communicator.h"

namespace attn {

std::vector<Index> divide_evenly(Index count, int processes) {
  std::vector<Index> bounds;
  for (Index r = 0; r <= processes; ++r) bounds.push_back(count * r / processes);
  return bounds;
}

}  // namespace attn

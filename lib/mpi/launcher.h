// What the environment says about the launcher of this process.
#pragma once

#include <memory>
#include <string>

#include "mpi/processes.h"

namespace attn {

struct Launcher {
  std::string name;  // "mpirun", "srun"; "": none
  int rank = 0, size = 1;
};

// Reads the environment variables of Open MPI, MPICH (Hydra) and Slurm.
Launcher find_launcher();

// Returns a process that is connected to itself.
std::unique_ptr<Processes> lone_process();

}  // namespace attn

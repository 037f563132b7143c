// The connection in a program that was built without MPI.
#include "mpi/launcher.h"
#include "mpi/processes.h"

namespace attn {

std::unique_ptr<Processes> connect_processes() {
  const Launcher launcher = find_launcher();
  if (launcher.size > 1)
    throw CommonError(
        launcher.name + " has started " + std::to_string(launcher.size) +
        " processes, but this attn was built without MPI; install the package attn-mpi, or "
        "build with -DATTN_MPI=ON");
  return lone_process();
}

std::string process_library() {
  return "none";
}

}  // namespace attn

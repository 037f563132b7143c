// The connection to the other processes that a launcher (mpirun, srun) has started, by MPI.
#pragma once

#include <memory>
#include <string>

#include "train/communicator.h"

namespace attn {

// Returns the number of this process among those of the launcher, from its environment variables.
// Returns 0 without a launcher.
int launched_rank();
// Throws Error if a launcher has started several processes of a command that needs none, and that
// would all write the same file.
void check_not_launched(const std::string& command);
// Returns the name of this machine.
std::string host_name();

// A connection. Processes that end without finish() must call abort.
class Processes {
 public:
  virtual ~Processes() = default;
  virtual Communicator& communicator() = 0;
  // Waits for all processes and ends the connection. No function may be called afterward.
  virtual void finish() = 0;
  // Ends all processes; if another one reports the error, it has time to do so. Returns only if
  // this process is alone.
  virtual void abort(int exit_code, bool is_reported_elsewhere) = 0;
};

// Connects to the other processes. A process that was started alone gets a connection to itself.
// Throws Error if a launcher has started several processes that cannot be connected.
std::unique_ptr<Processes> connect_processes();

// Returns the library that connects processes, for --version: "Open MPI v4.1.4" or "none".
std::string process_library();

}  // namespace attn

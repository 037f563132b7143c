#include "mpi/launcher.h"

#include <array>
#include <cstdlib>

#include <unistd.h>

namespace attn {
namespace {

// Returns the whole number in an environment variable, or -1.
int number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return -1;
  char* end = nullptr;
  const long number = std::strtol(text, &end, 10);
  return *end == '\0' && number >= 0 && number < 1000000 ? static_cast<int>(number) : -1;
}

class LoneProcess final : public Processes {
 public:
  Communicator& communicator() override { return process_; }
  void finish() override {}
  void abort(int, bool) override {}

 private:
  SingleProcess process_;
};

}  // namespace

// Batch scripts inherit Slurm's variables too, with one task: they are no launcher. Only srun sets
// SLURM_STEP_NUM_TASKS for more than the script's own step.
Launcher find_launcher() {
  struct Variables {
    const char *name, *rank, *size;
  };
  static constexpr std::array<Variables, 3> known = {
      {{"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
       {"mpirun", "PMI_RANK", "PMI_SIZE"},
       {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}}};
  for (const Variables& v : known) {
    const int rank = number_in(v.rank), size = number_in(v.size);
    if (rank < 0 || size <= 0) continue;
    const bool is_srun =
        number_in("SLURM_PROCID") == rank && number_in("SLURM_STEP_NUM_TASKS") == size;
    return {is_srun ? "srun" : v.name, rank, size};
  }
  return {};
}

int launched_rank() {
  return find_launcher().rank;
}

void check_not_launched(const std::string& command) {
  const Launcher launcher = find_launcher();
  if (launcher.size > 1)
    throw CommonError(launcher.name + " has started " + std::to_string(launcher.size) +
                      " processes, which would all write the same file; start attn " + command +
                      " without it, or give each process its --part and its own --output");
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::unique_ptr<Processes> lone_process() {
  return std::make_unique<LoneProcess>();
}

}  // namespace attn

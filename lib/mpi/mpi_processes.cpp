// The connection by MPI, with any library of the MPI standard, version 2 or later. Only one thread
// calls it.
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <regex>
#include <thread>

#include <mpi.h>

#include "base/stopwatch.h"
#include "base/strings.h"
#include "mpi/launcher.h"
#include "mpi/processes.h"

namespace attn {
namespace {

constexpr std::size_t kMaxMessage = std::size_t{1} << 28;  // bytes; MPI counts in int
constexpr int kTag = 1;
// A process that waits calls MPI without a pause for the first milliseconds, which is fastest. Then
// it lets others use its processor.
constexpr double kBusySeconds = 0.005;
constexpr std::chrono::microseconds kPause{200};
constexpr double kStopped = 1;  // seconds between two looks

class MpiCommunicator final : public Communicator {
 public:
  MpiCommunicator() {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void set_timeout(double seconds) override { timeout_ = seconds; }

 private:
  // Messages of more than kMaxMessage bytes are sent in pieces.
  void exchange_bytes(int partner, std::span<const std::byte> sent,
                      std::span<std::byte> received) override {
    while (!sent.empty() || !received.empty()) {
      const std::size_t out = std::min(sent.size(), kMaxMessage);
      const std::size_t in = std::min(received.size(), kMaxMessage);
      std::array<MPI_Request, 2> requests = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
      if (in > 0)
        MPI_Irecv(received.data(), static_cast<int>(in), MPI_BYTE, partner, kTag, MPI_COMM_WORLD,
                  &requests[0]);
      if (out > 0)
        MPI_Isend(sent.data(), static_cast<int>(out), MPI_BYTE, partner, kTag, MPI_COMM_WORLD,
                  &requests[1]);
      wait(requests, partner);
      sent = sent.subspan(out), received = received.subspan(in);
    }
  }

  void wait(std::array<MPI_Request, 2>& requests, int partner) const {
    Stopwatch watch;
    double before = 0;
    for (int done = 0;;) {
      MPI_Testall(2, requests.data(), &done, MPI_STATUSES_IGNORE);
      if (done != 0) return;
      const double seconds = watch.seconds();
      // This process itself was stopped for a while.
      if (seconds - before > kStopped) watch = {};
      before = watch.seconds();
      if (seconds < kBusySeconds) {
        std::this_thread::yield();  // there may be more processes than processors
        continue;
      }
      if (timeout_ > 0 && before > timeout_) end_waiting(partner);
      std::this_thread::sleep_for(kPause);
    }
  }

  // Several processes may wait. The first of them reports it, and ends the others.
  [[noreturn]] void end_waiting(int partner) const {
    std::this_thread::sleep_for(std::min(rank_, 10) * std::chrono::milliseconds(500));
    std::cerr << "error: [rank " + std::to_string(rank_) + " on " + host_name() +
                     "] no message from rank " + std::to_string(partner) + " for " +
                     format("%.0f", timeout_) +
                     " seconds (train.process_timeout): it, or a process that it waits for, does "
                     "not answer; the training ends. Continue it with --resume=auto\n";
    MPI_Abort(MPI_COMM_WORLD, 1);
    std::abort();
  }

  int rank_ = 0, size_ = 1;
  double timeout_ = 0;
};

class MpiProcesses final : public Processes {
 public:
  Communicator& communicator() override { return communicator_; }
  void finish() override { MPI_Finalize(); }
  void abort(int exit_code, bool is_reported_elsewhere) override {
    if (is_reported_elsewhere) std::this_thread::sleep_for(std::chrono::seconds(2));
    MPI_Abort(MPI_COMM_WORLD, exit_code);
  }

 private:
  MpiCommunicator communicator_;
};

}  // namespace

std::unique_ptr<Processes> connect_processes() {
  const Launcher launcher = find_launcher();
  if (launcher.size == 1) return lone_process();
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == launcher.size) return std::make_unique<MpiProcesses>();
  MPI_Finalize();
  throw CommonError(launcher.name + " has started " + std::to_string(launcher.size) +
                    " processes, but MPI connects only " + std::to_string(size) + " of them; use " +
                    (launcher.name == "srun"
                         ? "srun --mpi=pmix"
                         : "the mpirun of the MPI library that attn --version names"));
}

std::string process_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  // "Open MPI v4.1.4, package: …", or "MPICH Version:\t4.0.2\n…"
  const std::string all(text.data());
  return std::regex_replace(all.substr(0, all.find_first_of(",\n")),
                            std::regex("\\s+(Version:\\s+)?"), " ");
}

}  // namespace attn

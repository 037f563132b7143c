// The number of processes does not change training. The processes of these tests are threads, each
// with a model of its own.
#include <barrier>
#include <thread>

#include <doctest/doctest.h>

#include "property/run.h"

namespace attn::test {
namespace {

// What the communicators of all processes share.
struct Meeting {
  explicit Meeting(int processes) : barrier(processes), arrays(std::size_t(processes)) {}
  std::barrier<> barrier;
  std::vector<void*> arrays;  // the argument of each process
};

class ThreadCommunicator final : public Communicator {
 public:
  ThreadCommunicator(int rank, Meeting& meeting) : rank_(rank), meeting_(meeting) {}

  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(meeting_.arrays.size()); }

  void reduce_scatter(IndexSpan<Real> numbers, IndexSpan<const Index> bounds) override {
    publish(numbers.data());
    std::vector<Real> sums;
    for (Index i = bounds[rank_]; i < bounds[rank_ + 1]; ++i) sums.push_back(sum_of_pairs(i));
    wait();
    std::fill(numbers.begin(), numbers.end(), Real(0));
    std::copy(sums.begin(), sums.end(), numbers.begin() + bounds[rank_]);
  }

  void all_reduce_or(IndexSpan<char> flags) override {
    publish(flags.data());
    std::vector<char> any(std::size_t(flags.size()));
    for (int r = 0; r < size(); ++r)
      for (std::size_t i = 0; i < any.size(); ++i)
        if (array<char>(r)[i] != 0) any[i] = 1;
    wait();
    std::copy(any.begin(), any.end(), flags.begin());
  }

 private:
  void all_gather_bytes(std::byte* items, std::size_t item_size,
                        IndexSpan<const Index> bounds) override {
    publish(items);
    for (int r = 0; r < size(); ++r) {
      const auto begin = static_cast<Index>(item_size) * bounds[r];
      const auto end = static_cast<Index>(item_size) * bounds[r + 1];
      if (r != rank_)
        std::copy(array<std::byte>(r) + begin, array<std::byte>(r) + end, items + begin);
    }
    wait();
  }

  // Adds number i of neighbors, then the sums of neighboring pairs, until one sum is left.
  Real sum_of_pairs(Index i) const {
    std::vector<Real> sums;
    for (int r = 0; r < size(); ++r) sums.push_back(array<Real>(r)[i]);
    for (; sums.size() > 1; sums.resize(sums.size() / 2))
      for (std::size_t k = 0; k < sums.size() / 2; ++k) sums[k] = sums[2 * k] + sums[2 * k + 1];
    return sums[0];
  }

  template <class T>
  const T* array(int process) const {
    return static_cast<const T*>(meeting_.arrays[std::size_t(process)]);
  }
  void publish(void* data) {
    meeting_.arrays[std::size_t(rank_)] = data;
    wait();
  }
  void wait() { meeting_.barrier.arrive_and_wait(); }

  int rank_;
  Meeting& meeting_;
};

struct Outcome {
  std::vector<Real> weights;
  double expected_log_prob, loss, tokens, distinct_source;
  bool operator==(const Outcome&) const = default;
};

// Returns the outcome of a few updates in one process.
Outcome train(const TinyTask& task, Communicator& communicator, int threads) {
  const RunDirectory nowhere{std::filesystem::path()};
  Pool pool(threads);
  Model model = task.model();
  RunLog log;
  Trainer trainer(task.config, task.data, model, nowhere, log, {pool, communicator});
  trainer.start();
  for (int update = 0; update < 4; ++update) trainer.update();
  const auto w = model.weights.flat();
  return {{w.begin(), w.end()},
          trainer.state().expected_log_prob,
          trainer.state().sums.objective,
          trainer.last_sums().tokens,
          trainer.last_sums().distinct_source};
}

std::vector<Outcome> train_together(const TinyTask& task, int processes, int threads) {
  Meeting meeting(processes);
  std::vector<Outcome> out(static_cast<std::size_t>(processes));
  std::vector<std::thread> running;
  for (int rank = 0; rank < processes; ++rank)
    running.emplace_back([&, rank] {
      ThreadCommunicator communicator(rank, meeting);
      out[std::size_t(rank)] = train(task, communicator, threads);
    });
  for (auto& process : running) process.join();
  return out;
}

// A model with several parts of the arena, and updates of two batches with dropout.
struct Task : TinyTask {
  Task() : TinyTask(60, 1, 7) {
    config.model.hidden_size = 97;
    config.model.dropout = {0.3, 0, 0.3, 0.3};
    config.train.batch_size = 14;
    config.train.gradient_accumulation = 2;
    config.train.clip_norm = 0.1;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Task, "2, 4 and 8 processes train the same weights as one, bit by bit") {
  for (const int shards : {8, 24, 40}) {  // 24, 40: some are empty
    config.train.shards = shards;
    SingleProcess alone;
    const Outcome one = train(*this, alone, 2);
    for (const int processes : {1, 2, 4, 8})
      for (const int threads : {1, 2}) {
        CAPTURE(shards);
        CAPTURE(processes);
        CAPTURE(threads);
        for (const Outcome& outcome : train_together(*this, processes, threads))
          CHECK(outcome == one);
      }
  }
}

TEST_CASE_FIXTURE(Task, "a number of processes that does not divide the shards is rejected") {
  Meeting meeting(4);
  ThreadCommunicator communicator(0, meeting);
  Pool pool(1);
  const Model tiny = model();
  CHECK_THROWS_AS(Gradient(tiny.network, 6, {pool, communicator}), Bug);
}

}  // namespace attn::test

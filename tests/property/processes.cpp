// The number of processes does not change training. The processes of these tests are threads, each
// with a model of its own.
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <numeric>
#include <span>
#include <thread>

#include <doctest/doctest.h>

#include "property/run.h"

namespace attn::test {
namespace {

// Messages between threads. mailbox(a, b) holds the bytes that a has sent to b.
class Mail {
 public:
  explicit Mail(int processes)
      : processes_(processes), boxes_(std::size_t(processes * processes)) {}
  int processes() const { return processes_; }

  void send(int from, int to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    auto& box = boxes_[std::size_t(from * processes_ + to)];
    box.insert(box.end(), bytes.begin(), bytes.end());
    arrived_.notify_all();
  }
  void receive(int from, int to, std::span<std::byte> bytes) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[std::size_t(from * processes_ + to)];
    arrived_.wait(lock, [&] { return box.size() >= bytes.size(); });
    std::copy_n(box.begin(), bytes.size(), bytes.begin());
    box.erase(box.begin(), box.begin() + std::ptrdiff_t(bytes.size()));
  }

 private:
  int processes_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::deque<std::byte>> boxes_;
};

class ThreadCommunicator final : public Communicator {
 public:
  ThreadCommunicator(int rank, Mail& mail) : rank_(rank), mail_(mail) {}

  int rank() const override { return rank_; }
  int size() const override { return mail_.processes(); }

 private:
  void exchange_bytes(int partner, std::span<const std::byte> sent,
                      std::span<std::byte> received) override {
    mail_.send(rank_, partner, sent);
    mail_.receive(partner, rank_, received);
  }

  int rank_;
  Mail& mail_;
};

// Calls f(communicator) in each of several processes.
void in_processes(int processes, const std::function<void(Communicator&)>& f) {
  Mail mail(processes);
  std::vector<std::thread> running;
  for (int rank = 0; rank < processes; ++rank)
    running.emplace_back([&, rank] {
      ThreadCommunicator communicator(rank, mail);
      f(communicator);
    });
  for (auto& process : running) process.join();
}

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
  std::vector<Outcome> out(static_cast<std::size_t>(processes));
  in_processes(processes, [&](Communicator& communicator) {
    out[std::size_t(communicator.rank())] = train(task, communicator, threads);
  });
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
  Mail mail(4);
  ThreadCommunicator communicator(0, mail);
  Pool pool(1);
  const Model tiny = model();
  CHECK_THROWS_AS(Gradient(tiny.network, 6, {pool, communicator}), Bug);
}

TEST_CASE("numbers, texts and flags reach the processes that they are for") {
  for (const int n : {1, 2, 4, 8}) {
    CAPTURE(n);
    in_processes(n, [n](Communicator& process) {
      const int r = process.rank();
      const auto bounds = divide_evenly(3 * n + 1, n);
      const IndexSpan<const Index> parts(bounds);
      const Index own_begin = bounds[std::size_t(r)], own_end = bounds[std::size_t(r) + 1];
      std::vector<int> all(std::size_t(3 * n + 1), -1), expected(all.size());
      std::iota(expected.begin(), expected.end(), 100);
      for (Index i = own_begin; i < own_end; ++i) all[std::size_t(i)] = 100 + int(i);
      std::vector<int> own(all.begin() + own_begin, all.begin() + own_end);
      process.all_gather(IndexSpan(all), parts);
      CHECK(all == expected);

      std::vector<int> gathered(process.is_first() ? all.size() : 0);
      process.gather(IndexSpan(own), IndexSpan(gathered), parts);
      if (process.is_first()) CHECK(gathered == expected);
      std::vector<int> back(own.size());
      process.scatter(IndexSpan(gathered), IndexSpan(back), parts);
      CHECK(back == own);

      CHECK(process.broadcast(r == 0 ? "a text" : "another one") == "a text");
      const auto texts = process.gather_texts(std::string(std::size_t(r), 'x'));
      CHECK(texts.size() == std::size_t(process.is_first() ? n : 0));
      for (std::size_t i = 0; i < texts.size(); ++i) CHECK(texts[i] == std::string(i, 'x'));
      CHECK(process.all_values(r * r).back() == (n - 1) * (n - 1));

      std::vector<char> flags(70, 0);
      flags[std::size_t(r)] = 1, flags[69] = r == n - 1 ? 1 : 0;
      process.all_reduce_or(flags);
      for (int i = 0; i < 70; ++i) CHECK(flags[std::size_t(i)] == (i < n || i == 69 ? 1 : 0));

      CHECK(process.from_first([r] { return "from " + std::to_string(r); }) == "from 0");
      const auto fail = []() -> std::string { throw Error("no file"); };
      if (process.is_first())
        CHECK_THROWS_WITH_AS(process.from_first(fail), "no file", Error);
      else
        CHECK_THROWS_AS(process.from_first(fail), ReportedElsewhere);
    });
  }
}

TEST_CASE("a text reaches any number of processes") {
  for (const int n : {1, 3, 5, 6, 7})
    in_processes(n, [](Communicator& process) {
      CHECK(process.from_first([] { return "a text"; }) == "a text");
    });
}

TEST_CASE("sums that are sent in bfloat16 are close, and half as many bytes") {
  constexpr int kProcesses = 4, kNumbers = 1000;
  std::array<std::int64_t, 2> bytes{};
  for (const WireFormat format : {WireFormat::exact, WireFormat::bfloat16})
    in_processes(kProcesses, [&](Communicator& process) {
      const RandomKey key(3);
      std::vector<Real> numbers(kNumbers);
      std::vector<std::vector<NumberRange>> owned;
      for (int r = 0; r < kProcesses; ++r) owned.push_back({{250 * r + 7, 250 * r + 250}});
      const auto number = [&](int r, std::size_t i) {
        return static_cast<Real>(key.at(std::uint64_t(r)).at(i).uniform() - 0.5);
      };
      for (const auto& ranges : owned)
        for (Index i = ranges[0].begin; i < ranges[0].end; ++i)
          numbers[std::size_t(i)] = number(process.rank(), std::size_t(i));
      process.reduce_scatter(numbers, owned, format);
      if (process.is_first()) bytes[format == WireFormat::exact ? 0 : 1] = process.traffic().bytes;
      const NumberRange own = owned[std::size_t(process.rank())][0];
      for (Index i = 0; i < kNumbers; ++i) {
        double sum = 0;
        if (i >= own.begin && i < own.end)
          for (int r = 0; r < kProcesses; ++r) sum += double(number(r, std::size_t(i)));
        CHECK(double(numbers[std::size_t(i)]) ==
              doctest::Approx(sum).scale(1).epsilon(format == WireFormat::exact ? 1e-6 : 1e-2));
      }
    });
  CHECK(bytes[0] == 3 * 243 * std::int64_t(sizeof(Real)));
  CHECK(bytes[1] == 3 * 243 * 2);
}

}  // namespace attn::test

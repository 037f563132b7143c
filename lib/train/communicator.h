// The processes that train one model together. Each of them computes the gradients of its own
// shards. An update then takes four steps:
//
//   1. Each process sums the gradients of its shards in the order of a tree (train/tree_sum.h).
//   2. reduce_scatter adds these sums. Each process receives the result for its range of the arena.
//   3. Each process computes its part of the squared norm, and updates the weights of its range.
//   4. all_gather sends the updated weights to all processes.
//
// The result does not depend on the number of processes.
//
// All processes call the same functions in the same order, with arguments of the same sizes unless
// a function says otherwise. A function returns when this process has its result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/index_span.h"
#include "base/parallel.h"
#include "base/registry.h"
#include "math/buffer.h"
#include "math/types.h"

namespace attn {

// Divides `count` items among processes as evenly as possible. Process r owns the items [bounds[r],
// bounds[r + 1]) of the returned bounds.
std::vector<Index> divide_evenly(Index count, int processes);

// The numbers [begin, end) of an arena.
struct NumberRange {
  Index begin, end;
};

// The format in which gradients are sent.
enum class WireFormat { exact, bfloat16 };
// Returns the values of train.communication.
const Registry<WireFormat>& wire_formats();

// An error that all processes find at the same time. The first process reports it for all.
class CommonError : public Error {
 public:
  using Error::Error;
};

// What a process has sent, and how long it has waited.
struct Traffic {
  std::int64_t bytes = 0;  // sent by this process
  double seconds = 0;      // of sending, receiving and waiting for other processes
};

class Communicator {
 public:
  virtual ~Communicator() = default;

  // Returns the number of this process, counted from 0.
  virtual int rank() const = 0;
  // Returns the number of processes: a power of two, except that broadcasts work with any number.
  virtual int size() const = 0;
  // Returns whether this is the first process, which writes the run directory and the log.
  bool is_first() const { return rank() == 0; }

  // Adds the numbers of all processes in the order of tree_sum (recursive halving, the nearest
  // partner first). Process r receives the sums of the ranges owned[r]; all its other ranges are
  // set to zero. Numbers outside of all ranges must be zero in every process; they are not sent.
  // With WireFormat::bfloat16, numbers are rounded before they are sent, so the result depends on
  // the number of processes.
  void reduce_scatter(IndexSpan<Real> numbers, std::span<const std::vector<NumberRange>> owned,
                      WireFormat format);

  // Sends the items [bounds[r], bounds[r + 1]) of each process r to all others (recursive
  // doubling).
  template <class T>
  void all_gather(IndexSpan<T> items, IndexSpan<const Index> bounds) {
    all_gather_bytes(as_bytes_of(items), sizeof(T), bounds);
  }
  // Sends the own items of each process to the items [bounds[r], bounds[r + 1]) of the first one,
  // which alone has `all`.
  template <class T>
  void gather(IndexSpan<T> own, IndexSpan<T> all, IndexSpan<const Index> bounds) {
    gather_bytes(as_bytes_of(own), as_bytes_of(all), sizeof(T), bounds);
  }
  // Sends the items [bounds[r], bounds[r + 1]) of the first process, which alone has `all`, to the
  // own items of each process r.
  template <class T>
  void scatter(IndexSpan<T> all, IndexSpan<T> own, IndexSpan<const Index> bounds) {
    scatter_bytes(as_bytes_of(all), as_bytes_of(own), sizeof(T), bounds);
  }
  // Sends items from the first process to all others.
  template <class T>
  void broadcast(IndexSpan<T> items) {
    broadcast_bytes(as_bytes_of(items), items.size() * static_cast<Index>(sizeof(T)));
  }
  // Returns the text of the first process.
  std::string broadcast(std::string text);
  // Returns the value of each process, in all of them.
  template <class T>
  std::vector<T> all_values(const T& value) {
    std::vector<T> values(static_cast<std::size_t>(size()));
    values[static_cast<std::size_t>(rank())] = value;
    all_gather(IndexSpan(values), divide_evenly(size(), size()));
    return values;
  }
  // Returns the texts of all processes, in the first one; nothing in the others.
  std::vector<std::string> gather_texts(const std::string& text);

  // Sets each flag to 1 if it is 1 in any process, and otherwise to 0.
  void all_reduce_or(IndexSpan<char> flags);

  // Returns what f returns in the first process, which alone calls it. If it throws there, throws
  // ReportedElsewhere in all others.
  std::string from_first(const std::function<std::string()>& f);

  // A process that waits for another one for longer reports that, and ends all. 0: no limit.
  virtual void set_timeout(double /*seconds*/) {}

  const Traffic& traffic() const { return traffic_; }

 private:
  // Sends bytes to a process and receives bytes from it, at the same time. Either may be empty.
  virtual void exchange_bytes(int partner, std::span<const std::byte> sent,
                              std::span<std::byte> received) = 0;

  template <class T>
  static std::byte* as_bytes_of(IndexSpan<T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    return reinterpret_cast<std::byte*>(items.data());
  }
  void all_gather_bytes(std::byte* items, std::size_t item_size, IndexSpan<const Index> bounds);
  void gather_bytes(const std::byte* own, std::byte* all, std::size_t item_size,
                    IndexSpan<const Index> bounds);
  void scatter_bytes(const std::byte* all, std::byte* own, std::size_t item_size,
                     IndexSpan<const Index> bounds);
  void broadcast_bytes(std::byte* bytes, Index size);
  // Calls exchange_bytes, and counts.
  void exchange(int partner, std::span<const std::byte> sent, std::span<std::byte> received);

  BufferOf<std::byte> sent_, received_;                // messages of reduce_scatter
  std::vector<std::uint64_t> flag_bits_, other_bits_;  // messages of all_reduce_or
  Traffic traffic_;
};

// Another process reports the error that ended it.
class ReportedElsewhere : public CommonError {
 public:
  ReportedElsewhere() : CommonError("another process has failed") {}
};

// The communicator of a process that trains alone.
class SingleProcess final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }

 private:
  void exchange_bytes(int, std::span<const std::byte>, std::span<std::byte>) override {}
};

// What computes an update: the threads of this process, and its connection to other processes.
struct Workers {
  Pool& pool;
  Communicator& communicator;
};

}  // namespace attn

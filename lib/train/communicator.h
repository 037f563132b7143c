// The processes that train one model together. Each of them computes the gradients of its own
// shards. An update then takes four steps:
//
//   1. Each process sums the gradients of its shards in the order of a tree (train/tree_sum.h).
//   2. reduce_scatter adds these sums. Each process receives the result for its range of the arena.
//   3. Each process computes its part of the squared norm, and updates the weights of its range.
//   4. all_gather sends the updated weights to all processes.
//
// The result does not depend on the number of processes.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include "base/index_span.h"
#include "base/parallel.h"
#include "math/types.h"

namespace attn {

// Divides `count` items among processes as evenly as possible. Process r owns the items [bounds[r],
// bounds[r + 1]) of the returned bounds.
std::vector<Index> divide_evenly(Index count, int processes);

// All processes call the same functions in the same order, with arguments of the same sizes. A
// function returns when this process has its result.
class Communicator {
 public:
  virtual ~Communicator() = default;

  // Returns the number of this process, counted from 0.
  virtual int rank() const = 0;
  // Returns the number of processes, a power of two.
  virtual int size() const = 0;

  // Adds the numbers of all processes in the order of tree_sum. Process r receives the sums of the
  // range [bounds[r], bounds[r + 1]), and its other numbers are set to zero.
  virtual void reduce_scatter(IndexSpan<Real> numbers, IndexSpan<const Index> bounds) = 0;

  // Sends the items [bounds[r], bounds[r + 1]) of each process r to all others.
  template <class T>
  void all_gather(IndexSpan<T> items, IndexSpan<const Index> bounds) {
    static_assert(std::is_trivially_copyable_v<T>);
    all_gather_bytes(reinterpret_cast<std::byte*>(items.data()), sizeof(T), bounds);
  }

  // Sets each flag to 1 if it is 1 in any process, and otherwise to 0.
  virtual void all_reduce_or(IndexSpan<char> flags) = 0;

 private:
  // Does the same as all_gather, for items of `item_size` bytes.
  virtual void all_gather_bytes(std::byte* items, std::size_t item_size,
                                IndexSpan<const Index> bounds) = 0;
};

// The communicator of a process that trains alone.
class SingleProcess final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void reduce_scatter(IndexSpan<Real>, IndexSpan<const Index>) override {}
  void all_reduce_or(IndexSpan<char>) override {}

 private:
  void all_gather_bytes(std::byte*, std::size_t, IndexSpan<const Index>) override {}
};

// What computes an update: the threads of this process, and its connection to other processes.
struct Workers {
  Pool& pool;
  Communicator& communicator;
};

}  // namespace attn

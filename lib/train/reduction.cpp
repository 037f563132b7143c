#include "train/reduction.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/profile.h"
#include "math/ops.h"
#include "train/tree_sum.h"

namespace attn {

namespace {

constexpr Index kPart = Index{1} << 16;  // approximate number of elements in a part
constexpr Index kSumBlock = 1024;        // elements of one arena that are summed at a time

}  // namespace

Reduction::Reduction(const Seq2Seq& model, std::size_t shards, Workers workers, WireFormat format)
    : tables_(model.sparse_tables()), workers_(workers), format_(format) {
  Index rows = 0, end = 0;
  for (const SparseTable& table : tables_) {
    add_parts({end, table.slot.offset - end});
    add_parts({table.slot.offset, table.slot.size(), table.slot.cols, rows});
    end = table.slot.offset + table.slot.size();
    rows += table.slot.rows;
  }
  add_parts({end, model.layout().size() - end});
  part_bounds_ = divide_evenly(std::ssize(parts_), workers.communicator.size());
  for (const Index part : part_bounds_)
    bounds_.push_back(part < std::ssize(parts_) ? IndexSpan(parts_)[part].offset
                                                : model.layout().size());
  squares_.resize(parts_.size());
  resize(owned_, workers.communicator.size());
  marked_.resize(static_cast<std::size_t>(rows));
  shard_marks_.assign(shards, marked_);
}

void Reduction::add_parts(Part part) {
  const Index step = part.row > 0 ? std::max<Index>(kPart / part.row, 1) * part.row : kPart;
  for (Index left = part.size; left > 0; left -= step, part.offset += step) {
    part.size = std::min(step, left);
    parts_.push_back(part);
    if (part.row > 0) part.first_row += step / part.row;
  }
}

void Reduction::mark_rows(std::size_t shard, const Batch& batch) {
  IndexSpan<char> marks(shard_marks_[shard]);
  for (const SparseTable& table : tables_) {
    for (const int word : table.words(batch))
      if (word >= 0) marks[word] = 1;
    marks = marks.subspan(table.slot.rows, marks.size() - table.slot.rows);
  }
}

void Reduction::collect_marks() {
  std::fill(marked_.begin(), marked_.end(), char{0});
  for (auto& marks : shard_marks_) {
    std::transform(marks.begin(), marks.end(), marked_.begin(), marked_.begin(),
                   std::bit_or<char>());
    std::fill(marks.begin(), marks.end(), char{0});
  }
  workers_.communicator.all_reduce_or(marked_);
}

void Reduction::sum(std::span<Params> arenas) {
  const Timed timed(Stage::reduction);
  Communicator& communicator = workers_.communicator;
  collect_marks();
  Params& total = arenas.front();
  const bool complete = communicator.size() == 1;
  workers_.pool.for_each(parts_.size(), [&](std::size_t i, int) {
    for_each_block(parts_[i], [&](Index offset, Index size) { tree_sum(arenas, offset, size); });
    if (complete) squares_[i] = square_of(parts_[i], total);  // while the part is cached
  });
  if (!complete) {
    collect_owned_ranges();
    communicator.reduce_scatter(total.flat(), owned_, format_);
    square_own_parts(total);
  }
  communicator.all_gather(IndexSpan(squares_), part_bounds_);
}

// Embedding rows of words that are in no batch are not sent.
void Reduction::collect_owned_ranges() {
  const IndexSpan<const Index> bounds(part_bounds_);
  for (Index r = 0; r < std::ssize(owned_); ++r) {
    auto& ranges = IndexSpan(owned_)[r];
    ranges.clear();
    for (Index i = bounds[r]; i < bounds[r + 1]; ++i)
      for_each_block(IndexSpan(parts_)[i], [&](Index offset, Index size) {
        if (!ranges.empty() && ranges.back().end == offset)
          ranges.back().end += size;
        else
          ranges.push_back({offset, offset + size});
      });
  }
}

void Reduction::square_own_parts(const Params& total) {
  const int rank = workers_.communicator.rank();
  const IndexSpan<const Index> bounds(part_bounds_);
  const auto begin = static_cast<std::size_t>(bounds[rank]);
  const auto end = static_cast<std::size_t>(bounds[rank + 1]);
  workers_.pool.for_each(end - begin, [&](std::size_t i, int) {
    squares_[begin + i] = square_of(parts_[begin + i], total);
  });
}

double Reduction::squared_norm() const {
  return std::accumulate(squares_.begin(), squares_.end(), 0.0);
}

double Reduction::square_of(const Part& part, const Params& total) const {
  double square = 0;
  for_each_block(part, [&](Index offset, Index size) {
    const Real* block = total.flat().data() + offset;
    square += double(dot(size, block, block));
  });
  return square;
}

template <class F>
void Reduction::for_each_block(const Part& part, F f) const {
  const Index end = part.offset + part.size;
  if (part.row == 0) {
    for (Index offset = part.offset; offset < end; offset += kSumBlock)
      f(offset, std::min(kSumBlock, end - offset));
    return;
  }
  const IndexSpan<const char> marked(marked_);
  for (Index offset = part.offset, row = part.first_row; offset < end; offset += part.row, ++row)
    if (marked[row]) f(offset, part.row);
}

}  // namespace attn

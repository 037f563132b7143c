#include "train/communicator.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/profile.h"
#include "base/stopwatch.h"
#include "math/gemm/bfloat16.h"

namespace attn {
namespace {

constexpr Index kPackBlock = 4096;  // numbers

using Ranges = std::vector<NumberRange>;

// Calls f(range) for each range that the processes p, p + step, p + 2 step, … own.
template <class F>
void for_each_range(std::span<const Ranges> owned, int p, int step, F f) {
  for (auto i = static_cast<std::size_t>(p); i < owned.size(); i += static_cast<std::size_t>(step))
    for (const NumberRange& range : owned[i]) f(range);
}

Index count_numbers(std::span<const Ranges> owned, int p, int step) {
  Index count = 0;
  for_each_range(owned, p, step, [&](const NumberRange& r) { count += r.end - r.begin; });
  return count;
}

std::size_t bytes_per_number(WireFormat format) {
  return format == WireFormat::bfloat16 ? sizeof(std::uint16_t) : sizeof(Real);
}

// Appends numbers to a message.
std::byte* pack(WireFormat format, IndexSpan<const Real> numbers, std::byte* to) {
  if (format == WireFormat::exact) {
    const std::size_t bytes = static_cast<std::size_t>(numbers.size()) * sizeof(Real);
    std::memcpy(to, numbers.data(), bytes);
    return to + bytes;
  }
  auto* out = reinterpret_cast<std::uint16_t*>(to);
  for (const Real x : numbers) *out++ = bfloat16(static_cast<float>(x));
  return reinterpret_cast<std::byte*>(out);
}

// Adds the numbers of a message.
const std::byte* add(WireFormat format, const std::byte* from, std::span<Real> numbers) {
  if (format == WireFormat::exact) {
    const auto* in = reinterpret_cast<const Real*>(from);
    for (Real& x : numbers) x += *in++;
    return reinterpret_cast<const std::byte*>(in);
  }
  const auto* in = reinterpret_cast<const std::uint16_t*>(from);
  for (Real& x : numbers) x += static_cast<Real>(from_bfloat16(*in++));
  return reinterpret_cast<const std::byte*>(in);
}

// Returns the first bytes of a buffer, which grows if it is smaller.
std::span<std::byte> first_bytes(BufferOf<std::byte>& buffer, Index count, std::size_t size) {
  const Index bytes = count * static_cast<Index>(size);
  if (buffer.size() < bytes) buffer = BufferOf<std::byte>(bytes, Pages::large);
  return {buffer.data(), static_cast<std::size_t>(bytes)};
}

// The bytes of the items of the processes [begin, end).
std::span<std::byte> bytes_of(std::byte* items, std::size_t item_size,
                              IndexSpan<const Index> bounds, int begin, int end) {
  const auto first = static_cast<std::size_t>(bounds[begin]) * item_size;
  return {items + first, static_cast<std::size_t>(bounds[end]) * item_size - first};
}

}  // namespace

std::vector<Index> divide_evenly(Index count, int processes) {
  std::vector<Index> bounds;
  for (Index r = 0; r <= processes; ++r) bounds.push_back(count * r / processes);
  return bounds;
}

const Registry<WireFormat>& wire_formats() {
  static const Registry<WireFormat> table = {
      {"float32", "exact; the result does not depend on the number of processes",
       WireFormat::exact},
      {"bfloat16",
       "half the bytes for gradients, which are rounded before they are sent; the result depends "
       "on the number of processes",
       WireFormat::bfloat16},
  };
  return table;
}

void Communicator::exchange(int partner, std::span<const std::byte> sent,
                            std::span<std::byte> received) {
  const Timed timed(Stage::communication);
  const Stopwatch watch;
  exchange_bytes(partner, sent, received);
  traffic_.bytes += static_cast<std::int64_t>(sent.size());
  traffic_.seconds += watch.seconds();
}

// In round d, a process sends the ranges of all processes that agree with its partner in the last
// bits of their numbers, up to bit d, and keeps the others.
void Communicator::reduce_scatter(IndexSpan<Real> numbers, std::span<const Ranges> owned,
                                  WireFormat format) {
  const auto part = [&](const NumberRange& r) -> std::span<Real> {
    return numbers.subspan(r.begin, r.end - r.begin);
  };
  const std::size_t bytes = bytes_per_number(format);
  for (int d = 1; d < size(); d *= 2) {
    const int partner = rank() ^ d, step = 2 * d;
    const auto sent = first_bytes(sent_, count_numbers(owned, partner % step, step), bytes);
    const auto received = first_bytes(received_, count_numbers(owned, rank() % step, step), bytes);
    std::byte* to = sent.data();
    for_each_range(owned, partner % step, step, [&](const NumberRange& r) {
      for (Index at = r.begin; at < r.end; at += kPackBlock) {
        const auto block = numbers.subspan(at, std::min(kPackBlock, r.end - at));
        to = pack(format, block, to);
        std::ranges::fill(block, Real(0));  // while it is cached
      }
    });
    exchange(partner, sent, received);
    const std::byte* from = received.data();
    for_each_range(owned, rank() % step, step,
                   [&](const NumberRange& r) { from = add(format, from, part(r)); });
  }
}

// In round d, a process has the items of the d processes that agree with it in all bits above d.
void Communicator::all_gather_bytes(std::byte* items, std::size_t item_size,
                                    IndexSpan<const Index> bounds) {
  for (int d = 1; d < size(); d *= 2) {
    const int own = rank() / d * d, other = own ^ d;
    exchange(rank() ^ d, bytes_of(items, item_size, bounds, own, own + d),
             bytes_of(items, item_size, bounds, other, other + d));
  }
}

void Communicator::gather_bytes(const std::byte* own, std::byte* all, std::size_t item_size,
                                IndexSpan<const Index> bounds) {
  const std::size_t count = static_cast<std::size_t>(bounds[rank() + 1] - bounds[rank()]);
  if (!is_first()) return exchange(0, {own, count * item_size}, {});
  std::copy_n(own, count * item_size, all + static_cast<std::size_t>(bounds[0]) * item_size);
  for (int r = 1; r < size(); ++r) exchange(r, {}, bytes_of(all, item_size, bounds, r, r + 1));
}

void Communicator::scatter_bytes(const std::byte* all, std::byte* own, std::size_t item_size,
                                 IndexSpan<const Index> bounds) {
  const std::size_t count = static_cast<std::size_t>(bounds[rank() + 1] - bounds[rank()]);
  if (!is_first()) return exchange(0, {}, {own, count * item_size});
  std::copy_n(all + static_cast<std::size_t>(bounds[0]) * item_size, count * item_size, own);
  for (int r = 1; r < size(); ++r) {
    const auto begin = static_cast<std::size_t>(bounds[r]) * item_size;
    exchange(r, {all + begin, static_cast<std::size_t>(bounds[r + 1]) * item_size - begin}, {});
  }
}

void Communicator::broadcast_bytes(std::byte* bytes, Index size_in_bytes) {
  const std::span<std::byte> all(bytes, static_cast<std::size_t>(size_in_bytes));
  const auto power = std::bit_ceil(static_cast<unsigned>(size()));
  for (int d = static_cast<int>(power) / 2; d >= 1; d /= 2) {
    if (rank() % (2 * d) == 0 && rank() + d < size())
      exchange(rank() + d, all, {});
    else if (rank() % (2 * d) == d)
      exchange(rank() - d, {}, all);
  }
}

std::string Communicator::broadcast(std::string text) {
  std::size_t length = text.size();
  broadcast(IndexSpan(&length, 1));
  text.resize(length);
  broadcast(IndexSpan(text.data(), static_cast<Index>(length)));
  return text;
}

std::vector<std::string> Communicator::gather_texts(const std::string& text) {
  std::vector<Index> bounds = {0};
  for (const std::size_t length : all_values(text.size()))
    bounds.push_back(bounds.back() + static_cast<Index>(length));
  std::string own = text, all;
  if (is_first()) resize(all, bounds.back());
  gather(IndexSpan(own), IndexSpan(all), IndexSpan<const Index>(bounds));
  std::vector<std::string> texts;
  if (!is_first()) return texts;
  for (std::size_t r = 0; r + 1 < bounds.size(); ++r)
    texts.push_back(all.substr(static_cast<std::size_t>(bounds[r]),
                               static_cast<std::size_t>(bounds[r + 1] - bounds[r])));
  return texts;
}

// The flags are sent as bits.
void Communicator::all_reduce_or(IndexSpan<char> flags) {
  if (size() == 1) return;
  auto &bits = flag_bits_, &others = other_bits_;
  bits.assign((static_cast<std::size_t>(flags.size()) + 63) / 64, 0);
  others.resize(bits.size());
  for (Index i = 0; i < flags.size(); ++i)
    if (flags[i] != 0) bits[static_cast<std::size_t>(i / 64)] |= std::uint64_t{1} << (i % 64);
  for (int d = 1; d < size(); d *= 2) {
    exchange(rank() ^ d, std::as_bytes(std::span(bits)), std::as_writable_bytes(std::span(others)));
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= others[i];
  }
  for (Index i = 0; i < flags.size(); ++i)
    flags[i] = static_cast<char>(bits[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1U);
}

std::string Communicator::from_first(const std::function<std::string()>& f) {
  std::string result;
  char failed = 0;
  if (is_first()) try {
      result = f();
    } catch (...) {
      failed = 1;
      broadcast(IndexSpan(&failed, 1));
      throw;
    }
  broadcast(IndexSpan(&failed, 1));
  if (failed != 0) throw ReportedElsewhere();
  return broadcast(std::move(result));
}

}  // namespace attn

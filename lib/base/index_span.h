// Signed indices. Sizes and positions are signed in this project, because differences of them are
// common; IndexSpan accepts them where the standard library requires std::size_t.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <span>
#include <type_traits>
#include <vector>

namespace attn {

using Index = std::ptrdiff_t;

// A view of contiguous elements, like std::span, whose positions and size are of type Index.
// IndexSpan(v)[i] is element i of a vector v. Positions are not checked. Name the span to assign to
// elements: the statement IndexSpan(v)[i] = x declares an array v.
template <class T>
class IndexSpan {
 public:
  constexpr IndexSpan() = default;
  constexpr IndexSpan(T* data, Index size) : data_(data), size_(size) {}
  // Views a vector, an array, a string, or whatever else std::span<T> can view.
  template <class Range>
  requires std::is_constructible_v<std::span<T>, Range>
  constexpr IndexSpan(Range&& range)
      : IndexSpan(std::ranges::data(range), std::ranges::ssize(range)) {}

  constexpr T* data() const { return data_; }
  constexpr Index size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T& operator[](Index i) const { return data_[i]; }
  constexpr T& front() const { return data_[0]; }
  constexpr T& back() const { return data_[size_ - 1]; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  // Return the first `count` elements, and those of [begin, begin + count).
  constexpr IndexSpan first(Index count) const { return {data_, count}; }
  constexpr IndexSpan subspan(Index begin, Index count) const { return {data_ + begin, count}; }

 private:
  T* data_ = nullptr;
  Index size_ = 0;
};

template <class Range>
IndexSpan(Range&&) -> IndexSpan<std::remove_reference_t<std::ranges::range_reference_t<Range>>>;

// Divides a span into consecutive chunks of `size` ≥ 1 elements. The last one may be smaller.
template <class T>
std::vector<IndexSpan<T>> chunks(IndexSpan<T> all, Index size) {
  std::vector<IndexSpan<T>> out;
  for (Index begin = 0; begin < all.size(); begin += size)
    out.push_back(all.subspan(begin, std::min(size, all.size() - begin)));
  return out;
}

// Resizes a vector or a string. New elements are copies of `value`, or zeros.
template <class Container, class... Value>
void resize(Container& container, Index size, const Value&... value) {
  container.resize(static_cast<std::size_t>(size), value...);
}

// Allocates memory for `size` elements of a vector or a string.
template <class Container>
void reserve(Container& container, Index size) {
  container.reserve(static_cast<std::size_t>(size));
}

}  // namespace attn

// The elements of a view outlive it, so a temporary IndexSpan converts to std::span.
template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<attn::IndexSpan<T>> = true;

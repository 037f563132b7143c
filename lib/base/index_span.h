// Signed indices. Sizes and positions are signed in this project, because differences of them are
// common; IndexSpan accepts them where std::span requires std::size_t.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace attn {

using Index = std::ptrdiff_t;

// A view of contiguous elements, like std::span, whose positions and size are of type Index.
// IndexSpan(v)[i] is element i of a vector v. Positions are not checked.
template <class T>
class IndexSpan {
 public:
  constexpr IndexSpan() = default;
  constexpr IndexSpan(T* data, Index size) : data_(data), size_(size) {}
  // Views of a vector or a std::span, and a view of constant elements.
  template <class Allocator>
  constexpr IndexSpan(std::vector<std::remove_const_t<T>, Allocator>& v)
      : IndexSpan(v.data(), static_cast<Index>(v.size())) {}
  template <class Allocator>
    requires std::is_const_v<T>
  constexpr IndexSpan(const std::vector<std::remove_const_t<T>, Allocator>& v)
      : IndexSpan(v.data(), static_cast<Index>(v.size())) {}
  template <class U>
    requires std::is_convertible_v<U (*)[], T (*)[]>
  constexpr IndexSpan(std::span<U> s) : IndexSpan(s.data(), static_cast<Index>(s.size())) {}
  template <class U>
    requires(std::is_convertible_v<U (*)[], T (*)[]> && !std::is_same_v<U, T>)
  constexpr IndexSpan(IndexSpan<U> s) : IndexSpan(s.data(), s.size()) {}

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
  constexpr operator std::span<T>() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  T* data_ = nullptr;
  Index size_ = 0;
};

template <class T, class Allocator>
IndexSpan(std::vector<T, Allocator>&) -> IndexSpan<T>;
template <class T, class Allocator>
IndexSpan(const std::vector<T, Allocator>&) -> IndexSpan<const T>;
template <class T>
IndexSpan(std::span<T>) -> IndexSpan<T>;

}  // namespace attn

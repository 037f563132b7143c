#include "math/buffer.h"

#include <cstdint>
#include <new>

#include <sys/mman.h>

namespace attn {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;  // of x86-64

// For the whole large pages that lie in it. A wish: without them it is the same memory.
void wish_for_large_pages(void* block, std::size_t bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t last = (begin + bytes) / kLargePage * kLargePage;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

}  // namespace

void* allocate_lines(std::size_t bytes, Pages pages) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* const block = ::operator new(bytes, std::align_val_t(kAlignment));
  if (pages == Pages::large) wish_for_large_pages(block, bytes);
  return block;
}

void release_lines(void* block) {
  ::operator delete(block, std::align_val_t(kAlignment));
}

}  // namespace attn

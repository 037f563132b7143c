#include "math/buffer.h"

#include <cstdint>
#include <new>

#include <sys/mman.h>

namespace attn {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;  // on x86-64

// Advises the kernel to use large pages for the part of the block that consists of whole ones. The
// kernel may ignore it.
void advise_large_pages(void* block, std::size_t bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t last = (begin + bytes) / kLargePage * kLargePage;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

}  // namespace

void* allocate_lines(std::size_t bytes, Pages pages) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* const block = ::operator new(bytes, std::align_val_t(kAlignment));
  if (pages == Pages::large) advise_large_pages(block, bytes);
  return block;
}

void release_lines(void* block) {
  ::operator delete(block, std::align_val_t(kAlignment));
}

}  // namespace attn

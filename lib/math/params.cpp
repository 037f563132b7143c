#include "math/params.h"

#include <algorithm>

#include "base/error.h"

namespace attn {

Slot Layout::add(const std::string& name, std::vector<Index> shape, Role role, Index blocks) {
  for (const auto& entry : entries_) ATTN_CHECK(entry.name != name);
  const Slot slot{size_, shape[0], shape.size() > 1 ? shape[1] : 1};
  entries_.push_back({name, std::move(shape), slot, role, blocks});
  size_ += whole_lines(slot.size());
  return slot;
}

Index Layout::count() const {
  Index sum = 0;
  for (const auto& entry : entries_) sum += entry.slot.size();
  return sum;
}

Params::Params(const Layout& layout) : buffer_(layout.size(), Pages::large) {
  set_zero();
}

void Params::set_zero() {
  std::fill(flat().begin(), flat().end(), Real(0));
}

}  // namespace attn

// The columns of all steps of a target batch, for attention to all steps at once
// (AttentionColumns::positions). They are in sentence order: those of each target are adjacent.
#pragma once

#include <cstdint>
#include <vector>

#include "model/decoder.h"

namespace attn {

class AllSteps {
 public:
  // Sets the columns of a batch, which must live as long as they are used.
  void assign(const DecoderInput& in);
  const AttentionColumns& columns() const { return columns_; }

  // Copies the columns of m from step order to sentence order.
  void to_sentence_order(In m, Out out) const;
  // Copies the columns of m from sentence order to step order, or adds them there.
  void to_step_order(In m, Out out) const;
  void add_in_step_order(In m, Out out) const;

 private:
  std::vector<Index> step_order_;  // column in step order of each column
  std::vector<int> sources_, positions_;
  std::vector<std::uint64_t> example_ids_;
  std::vector<Real> advantages_;
  AttentionColumns columns_;
};

}  // namespace attn

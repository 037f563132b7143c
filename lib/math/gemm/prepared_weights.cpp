#include "math/gemm/prepared_weights.h"

#include <algorithm>
#include <functional>

#include "math/gemm/bfloat16.h"

namespace attn {

using packed::DataType;
using packed::Word;

namespace {

// Words per block: 16 MiB. The unused end of a block occupies no physical memory.
constexpr Index kBlockWords = Index{1} << 22;
constexpr Index kWordsPerLine = static_cast<Index>(kAlignment / sizeof(Word));

}  // namespace

Word* WordStorage::take(Index size) {
  size = (size + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
  if (size >= kBlockWords) return large_.emplace_back(size, Pages::large).data();
  if (blocks_.empty() || used_ + size > kBlockWords)
    blocks_.emplace_back(kBlockWords, Pages::large), used_ = 0;
  used_ += size;
  return blocks_.back().data() + used_ - size;
}

void PreparedWeights::renew(Pool& pool) {
  ++generation_;
  used_.clear();
  for (auto& [key, form] : forms_)
    if (form.is_used) used_.push_back(&form);
  // Large forms first, so that the workers have about the same amount of work.
  std::ranges::sort(used_, std::greater(), [](const Form* form) { return form->size; });
  pool.for_each(used_.size(), [&](std::size_t i, int) {
    used_[i]->write(used_[i]->words);
    used_[i]->generation = generation_;
    used_[i]->is_used = false;
  });
}

template <class Write>
const Word* PreparedWeights::form(const float* weight, Format format, Index size,
                                  Write write) const {
  const std::lock_guard lock(mutex_);
  Form& form = forms_[{weight, format}];
  form.is_used = true;
  if (form.generation == generation_) return form.words;
  if (form.size != size) form.words = storage_.take(form.size = size), form.write = write;
  form.write(form.words);
  form.generation = generation_;
  return form.words;
}

const Word* PreparedWeights::packed(DataType type, const StridedMatrix& weight, Index m,
                                    Index k) const {
  if (!packed::available(type)) return nullptr;
  const bool floats = type == DataType::float32;
  const Format format = weight.row_major ? (floats ? Format::rows : Format::pairs_of_rows)
                                         : (floats ? Format::columns : Format::pairs_of_columns);
  return form(weight.data, format, packed::size(type, m, k), [=](Word* to) {
    const auto pack = weight.row_major ? packed::pack_rows : packed::pack_columns;
    pack(type, weight.data, weight.stride, m, k, to);
  });
}

const std::uint16_t* PreparedWeights::rounded(const float* weight, Index size) const {
  return reinterpret_cast<const std::uint16_t*>(
      form(weight, Format::rounded, (size + 1) / 2,
           [=](Word* to) { to_bfloat16(size, weight, reinterpret_cast<std::uint16_t*>(to)); }));
}

const QuantizedRows& PreparedWeights::quantized(const float* weight, Index m, Index k) const {
  const std::lock_guard lock(mutex_);
  auto& [rows, generation] = quantized_[weight];
  if (generation != generation_) rows = quantize_rows(weight, m, k), generation = generation_;
  return rows;
}

const PackedBytes& PreparedWeights::packed_bytes(const float* weight, Index m, Index k) const {
  const std::lock_guard lock(mutex_);
  auto& [packed, generation] = packed_bytes_[weight];
  if (generation == generation_) return packed;
  QuantizedRows rows = quantize_rows(weight, m, k);
  packed = {BufferOf<Word>(packed::size(DataType::int8, m, k), Pages::large),
            std::move(rows.scales)};
  packed::pack_bytes(rows.numbers.data(), k, m, k, packed.words.data());
  generation = generation_;
  return packed;
}

}  // namespace attn

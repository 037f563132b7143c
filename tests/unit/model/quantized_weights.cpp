#include "model/quantized_weights.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "math/gemm/quantized.h"

namespace attn::test {

TEST_CASE("weights in 8 bits are quantized again to the same numbers and scales") {
  constexpr Index kRows = 50, kColumns = 37;
  std::vector<float> weights;
  for (Index i = 0; i < kRows * kColumns; ++i)
    weights.push_back(
        static_cast<float>(RandomKey(5).at(static_cast<std::uint64_t>(i)).uniform() - 0.5) *
        static_cast<float>(1 + i / kColumns));
  std::fill_n(weights.begin() + 3 * kColumns, kColumns, 0.0F);  // a row of zeros
  SafeTensors file;
  file.tensors["w"] = make_tensor({kRows, kColumns}, std::span<const float>(weights));
  QuantizedTensors quantized;
  const SafeTensors small = quantized.quantize(file);
  const Tensor &numbers = small.tensors.at("w"), &scales = small.tensors.at("w.scale");
  REQUIRE(is_quantized(numbers));
  std::vector<float> expanded(weights.size());
  copy_quantized(numbers, scales, "w", std::span(expanded));
  const QuantizedRows again = quantize_rows(expanded.data(), kRows, kColumns);
  const auto q = values_of<float>(numbers, "w"), s = values_of<float>(scales, "w.scale");
  for (std::size_t i = 0; i < q.size(); ++i) REQUIRE(q[i] == again.numbers[i]);
  for (std::size_t i = 0; i < s.size(); ++i) CHECK(s[i] == again.scales[i]);
}

}  // namespace attn::test

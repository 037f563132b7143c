// oneDNN's matrices are row-major: a column-major product C = A B is C' = B' A' there.
#include "math/gemm/onednn.h"

#include "base/error.h"

#if defined(ATTN_ONEDNN)
#include <optional>

#include <dnnl.hpp>
#include <omp.h>
#endif

namespace attn::onednn {

#if defined(ATTN_ONEDNN)

namespace {

void run_alone() {
  thread_local const bool alone = (omp_set_num_threads(1), true);
  static_cast<void>(alone);
}

using dnnl::memory;
using Desc = memory::desc;

const dnnl::engine& engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// A row-major matrix, or one that lies transposed.
Desc matrix(memory::dim rows, memory::dim cols, Transpose as, memory::dim ld,
            memory::data_type type) {
  const memory::dims strides = as == Transpose::no ? memory::dims{ld, 1} : memory::dims{1, ld};
  return Desc({rows, cols}, type, strides);
}

// One primitive for all sizes: they are told when it runs. (One for each size would be made, and
// compiled, for nearly every batch.)
dnnl::matmul any_size(Transpose left, Transpose right, bool add) {
  constexpr auto any = DNNL_RUNTIME_DIM_VAL;
  dnnl::primitive_attr how;
  how.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // a common one is one thread's
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum();
    how.set_post_ops(sum);
  }
  const dnnl::matmul::desc what(matrix(any, any, left, any, memory::data_type::bf16),
                                matrix(any, any, right, any, memory::data_type::bf16),
                                matrix(any, any, Transpose::no, any, memory::data_type::f32));
  const dnnl::matmul::primitive_desc made(what, how, engine());
  ATTN_CHECK(made.scratchpad_desc().get_size() == 0);
  return dnnl::matmul(made);
}

const dnnl::matmul& primitive(Transpose left, Transpose right, bool add) {
  thread_local std::optional<dnnl::matmul> kept[2][2][2];
  auto& one = kept[left == Transpose::no][right == Transpose::no][add];
  if (!one) one = any_size(left, right, add);
  return *one;
}

}  // namespace

std::string name() {
  const auto* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

void multiply(const Shape& s, const float* a, Index lda, const float* b, Index ldb, bool add,
              float* c, Index ldc) {
  run_alone();
  const auto status = dnnl_sgemm(s.b == Transpose::no ? 'N' : 'T', s.a == Transpose::no ? 'N' : 'T',
                                 s.n, s.m, s.k, 1.0F, b, ldb, a, lda, add ? 1.0F : 0.0F, c, ldc);
  ATTN_CHECK(status == dnnl_success);
}

bool multiplies_bfloat16() {
#if defined(__x86_64__)
  constexpr int bf16 = dnnl_cpu_isa_avx512_core_bf16;  // which DNNL_MAX_CPU_ISA may forbid
  static const bool has =
      __builtin_cpu_supports("avx512bf16") && (dnnl_get_effective_cpu_isa() & bf16) == bf16;
  return has;
#else
  return false;
#endif
}

void multiply(const Shape& s, const std::uint16_t* a, Index lda, const std::uint16_t* b, Index ldb,
              bool add, float* c, Index ldc) {
  run_alone();
  thread_local dnnl::stream stream(engine());
  const auto of = [](const Desc& desc, const void* numbers) {
    return memory(desc, engine(), const_cast<void*>(numbers));
  };
  using Type = memory::data_type;
  try {
    primitive(s.b, s.a, add)
        .execute(stream, {{DNNL_ARG_SRC, of(matrix(s.n, s.k, s.b, ldb, Type::bf16), b)},
                          {DNNL_ARG_WEIGHTS, of(matrix(s.k, s.m, s.a, lda, Type::bf16), a)},
                          {DNNL_ARG_DST, of(matrix(s.n, s.m, Transpose::no, ldc, Type::f32), c)}});
  } catch (const dnnl::error& e) {
    throw Bug(std::string("oneDNN: ") + e.what());
  }
}

bool sums_bytes_whole() {
  constexpr int vnni = dnnl_cpu_isa_avx512_core_vnni;
  static const bool whole = (dnnl_get_effective_cpu_isa() & vnni) == vnni;
  return whole;
}

void multiply_bytes(const std::int8_t* w, Index m, Index k, const std::uint8_t* x,
                    std::uint8_t zero, Index n, std::int32_t* sums) {
  run_alone();
  const std::int32_t nothing = 0;
  const auto status =
      dnnl_gemm_u8s8s32('N', 'T', 'F', n, m, k, 1.0F, x, k, zero, w, k, 0, 0.0F, sums, m, &nothing);
  ATTN_CHECK(status == dnnl_success);
}

#else

std::string name() {
  throw Bug("no oneDNN here");
}
void multiply(const Shape&, const float*, Index, const float*, Index, bool, float*, Index) {
  throw Bug("no oneDNN here");
}
bool multiplies_bfloat16() {
  return false;
}
void multiply(const Shape&, const std::uint16_t*, Index, const std::uint16_t*, Index, bool, float*,
              Index) {
  throw Bug("no oneDNN here");
}
bool sums_bytes_whole() {
  throw Bug("no oneDNN here");
}
void multiply_bytes(const std::int8_t*, Index, Index, const std::uint8_t*, std::uint8_t, Index,
                    std::int32_t*) {
  throw Bug("no oneDNN here");
}

#endif

}  // namespace attn::onednn

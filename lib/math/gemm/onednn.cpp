// oneDNN uses row-major matrices, so a column-major product C = A B is computed as Cᵀ = Bᵀ Aᵀ.
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

// Makes oneDNN use only the calling thread.
void use_one_thread() {
  thread_local const bool done = (omp_set_num_threads(1), true);
  static_cast<void>(done);
}

using dnnl::memory;
using Desc = memory::desc;

const dnnl::engine& engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// Returns the descriptor of a row-major matrix, or of the transpose of one.
Desc matrix(memory::dim rows, memory::dim cols, Transpose as, memory::dim ld,
            memory::data_type type) {
  const memory::dims strides = as == Transpose::no ? memory::dims{ld, 1} : memory::dims{1, ld};
  return Desc({rows, cols}, type, strides);
}

// Returns a primitive for all sizes, which are arguments of its execution. Primitives for fixed
// sizes would have to be compiled for almost every batch.
dnnl::matmul make_primitive(Transpose left, Transpose right, bool add) {
  constexpr auto any = DNNL_RUNTIME_DIM_VAL;
  dnnl::primitive_attr attributes;
  // The default, a scratchpad owned by the library, could be used by one thread only.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum();
    attributes.set_post_ops(sum);
  }
  const dnnl::matmul::desc operation(matrix(any, any, left, any, memory::data_type::bf16),
                                     matrix(any, any, right, any, memory::data_type::bf16),
                                     matrix(any, any, Transpose::no, any, memory::data_type::f32));
  const dnnl::matmul::primitive_desc description(operation, attributes, engine());
  ATTN_CHECK(description.scratchpad_desc().get_size() == 0);
  return dnnl::matmul(description);
}

const dnnl::matmul& primitive(Transpose left, Transpose right, bool add) {
  thread_local std::optional<dnnl::matmul> primitives[2][2][2];
  auto& found = primitives[left == Transpose::no][right == Transpose::no][add];
  if (!found) found = make_primitive(left, right, add);
  return *found;
}

}  // namespace

std::string name() {
  const auto* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

void multiply(const Shape& s, const float* a, Index lda, const float* b, Index ldb, bool add,
              float* c, Index ldc) {
  use_one_thread();
  const auto status = dnnl_sgemm(s.b == Transpose::no ? 'N' : 'T', s.a == Transpose::no ? 'N' : 'T',
                                 s.n, s.m, s.k, 1.0F, b, ldb, a, lda, add ? 1.0F : 0.0F, c, ldc);
  ATTN_CHECK(status == dnnl_success);
}

bool allows_amx() {
  constexpr int amx = dnnl_cpu_isa_avx512_core_amx;
  static const bool allows = (dnnl_get_effective_cpu_isa() & amx) == amx;
  return allows;
}

bool has_bfloat16() {
#if defined(__x86_64__)
  constexpr int bf16 = dnnl_cpu_isa_avx512_core_bf16;  // DNNL_MAX_CPU_ISA may disable it
  static const bool has =
      __builtin_cpu_supports("avx512bf16") && (dnnl_get_effective_cpu_isa() & bf16) == bf16;
  return has;
#else
  return false;
#endif
}

void multiply(const Shape& s, const std::uint16_t* a, Index lda, const std::uint16_t* b, Index ldb,
              bool add, float* c, Index ldc) {
  use_one_thread();
  thread_local dnnl::stream stream(engine());
  const auto memory_of = [](const Desc& desc, const void* numbers) {
    return memory(desc, engine(), const_cast<void*>(numbers));
  };
  using Type = memory::data_type;
  try {
    primitive(s.b, s.a, add)
        .execute(stream,
                 {{DNNL_ARG_SRC, memory_of(matrix(s.n, s.k, s.b, ldb, Type::bf16), b)},
                  {DNNL_ARG_WEIGHTS, memory_of(matrix(s.k, s.m, s.a, lda, Type::bf16), a)},
                  {DNNL_ARG_DST, memory_of(matrix(s.n, s.m, Transpose::no, ldc, Type::f32), c)}});
  } catch (const dnnl::error& e) {
    throw Bug(std::string("oneDNN: ") + e.what());
  }
}

bool has_vnni() {
  constexpr int vnni = dnnl_cpu_isa_avx512_core_vnni;
  static const bool has = (dnnl_get_effective_cpu_isa() & vnni) == vnni;
  return has;
}

void multiply_bytes(const std::int8_t* w, Index m, Index k, const std::uint8_t* x,
                    std::uint8_t zero, Index n, std::int32_t* sums) {
  use_one_thread();
  const std::int32_t offset = 0;
  const auto status =
      dnnl_gemm_u8s8s32('N', 'T', 'F', n, m, k, 1.0F, x, k, zero, w, k, 0, 0.0F, sums, m, &offset);
  ATTN_CHECK(status == dnnl_success);
}

#else

std::string name() {
  throw Bug("built without oneDNN");
}
void multiply(const Shape&, const float*, Index, const float*, Index, bool, float*, Index) {
  throw Bug("built without oneDNN");
}
bool allows_amx() {
  return true;
}
bool has_bfloat16() {
  return false;
}
void multiply(const Shape&, const std::uint16_t*, Index, const std::uint16_t*, Index, bool, float*,
              Index) {
  throw Bug("built without oneDNN");
}
bool has_vnni() {
  throw Bug("built without oneDNN");
}
void multiply_bytes(const std::int8_t*, Index, Index, const std::uint8_t*, std::uint8_t, Index,
                    std::int32_t*) {
  throw Bug("built without oneDNN");
}

#endif

}  // namespace attn::onednn

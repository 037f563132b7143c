#include "version.h"

#include "base/system_info.h"
#include "instructions.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/product.h"
#include "mpi/processes.h"

namespace attn {

extern const char* const kCommit;  // commit of the source tree; empty if it is not a Git checkout

namespace {

const char* instructions() {
  if (kInstructions.avx512) return "AVX-512";
  return kInstructions.avx2 ? "AVX2 and FMA" : "plain x86-64";
}

std::string eigen() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace

std::string products_text() {
  const std::string library = product_library(), built_in = packed::instructions();
  if (built_in.empty()) return library;
  return library + ", and built-in " + built_in + " kernels for products of a few columns" +
         (packed::has_tiles(packed::DataType::bfloat16) ? " and AMX kernels for bfloat16 and int8"
                                                        : "");
}

std::string version_line() {
  const std::string commit = kCommit;
  return "attn " ATTN_VERSION + (commit.empty() ? "" : " (commit " + commit + ")");
}

std::string version_text() {
  return version_line() + "\nbuild       " ATTN_BUILD ", " + instructions() + ", " +
         std::to_string(8 * sizeof(Real)) + "-bit weights\nlibraries   " +
         (std::string(product_library()).starts_with("Eigen")
              ? ""
              : product_library() + std::string(", ")) +
         "Eigen " + eigen() + ", SentencePiece " ATTN_SENTENCEPIECE "\nprocessor   " +
         processor_name() + "\nproducts    " + products_text() + "\nprocesses   " +
         process_library();
}

}  // namespace attn

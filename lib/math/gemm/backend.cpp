#include "math/gemm/backend.h"

namespace attn {

const Registry<Backend>& backends() {
  static const Registry<Backend> table = {
      {"microkernels", "products with prepared weights by the project's own kernels",
       microkernel_backend()},
      {"onednn", "all products of floats", onednn_backend()},
      {"eigen", "all products: of doubles, and in a program without oneDNN", eigen_backend()},
  };
  return table;
}

}  // namespace attn

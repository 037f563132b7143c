// The interface for all matrix products. They are computed by oneDNN, by the project's own
// microkernels, or by Eigen (in double, or if the program was built without oneDNN).
//
// A weight W [out × in] is given by its slot. Its products have the precision of `w` or `g`, and
// read a prepared form of it if that is faster. Activations are column-major matrices with one
// column per token. All functions throw Bug if shapes do not match. Any number of threads may call
// them at the same time; a product runs on the calling thread only.
#pragma once

#include "math/gemm/weights.h"

namespace attn {

// Compute products of a weight and activations [rows × columns].
void product(const Weights& w, Slot weight, In x, Out y);                  // y = W x
void add_product(const Weights& w, Slot weight, In x, Out y);              // y += W x
void add_transposed_product(const Weights& w, Slot weight, In d, Out dx);  // dx += Wᵀ d
void add_outer_product(In d, In x, WeightGradients g, Slot weight);        // gW += d xᵀ

// Compute products of two activations.
void product_tn(In a, In b, Out c);       // c = aᵀ b
void add_product_nt(In a, In b, Out dc);  // dc += a bᵀ
void add_product_nn(In a, In b, Out dc);  // dc += a b

// Returns the library that computes large products, for logs: "oneDNN 2.6.3" or "Eigen 3.4.0".
const char* product_library();

}  // namespace attn

// Information from the operating system about the machine and this process.
#pragma once

#include <string>

namespace attn {

// Returns the model name of the processor, or "unknown".
std::string processor_name();

// Returns the peak resident memory of the process, or 0 if it is unknown.
double peak_memory_mib();

// Returns free heap memory to the operating system, and makes future frees of at least 1 MiB do so
// immediately. Otherwise malloc retains memory that later allocations, which have other sizes after
// a validation, cannot reuse.
void release_free_memory();

}  // namespace attn

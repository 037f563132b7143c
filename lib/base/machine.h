// What the system says of the machine and of this process.
#pragma once

#include <string>

namespace attn {

std::string processor_name();  // "unknown" where the system does not say

// The most that was resident at once so far, of the whole process; 0 where the system does not say.
double peak_memory_mib();

}  // namespace attn

// What the system says of the machine and of this process.
#pragma once

#include <string>

namespace attn {

std::string processor_name();  // "unknown" where the system does not say

// The most that was resident at once so far, of the whole process; 0 where the system does not say.
double peak_memory_mib();

// From now on, what is freed of a megabyte or more is the system's again at once. Else malloc keeps
// it for what comes next, which after a validation or a save takes other sizes.
void give_memory_back();

}  // namespace attn

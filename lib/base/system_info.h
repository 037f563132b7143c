// What the system says of the machine and of this process.
#pragma once

#include <string>

namespace attn {

std::string processor_name();  // "unknown" where the system does not say

// The most that was resident at once so far, of the whole process; 0 where the system does not say.
double peak_memory_mib();

// What is free is the system's again: now, and from now on at once what is freed of a megabyte or
// more. Else malloc keeps it for what comes next, which after a validation takes other sizes.
void release_free_memory();

}  // namespace attn

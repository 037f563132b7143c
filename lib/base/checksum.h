// Checksums that find damaged files.
#pragma once

#include <string>
#include <string_view>

namespace attn {

// Returns the CRC-32 (ISO 3309, as in gzip) of the bytes, as 8 hexadecimal digits.
std::string crc32_text(std::string_view bytes);

}  // namespace attn

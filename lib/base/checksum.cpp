#include "base/checksum.h"

#include <zlib.h>

#include "base/strings.h"

namespace attn {

std::string crc32_text(std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return format("%08lx", crc32_z(crc32_z(0, nullptr, 0), data, bytes.size()));
}

}  // namespace attn

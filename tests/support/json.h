// Access to JSON objects.
#pragma once

#include <set>
#include <string>

#include "base/json.h"

// Returns the keys of an object.
inline std::set<std::string> keys(const attn::Json& object) {
  std::set<std::string> out;
  for (const auto& [key, value] : object.items()) out.insert(key);
  return out;
}

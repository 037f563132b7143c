// Configurations from JSON text, and the errors in it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "support/scratch.h"
#include "train/config.h"

namespace attn::test {

// Reads a config whose file name is "c.json" in messages.
inline Config config_of(const std::string& text) {
  return config_from_json(parse_json(text, "c.json"), "c.json");
}

// Returns the message of config_of.
inline std::string error_in(const std::string& text) {
  return error_of([&] { config_of(text); });
}

// Reads a config from a file, with the options of --set.
inline Config with_sets(const std::string& text, const std::vector<std::string>& sets) {
  const Scratch directory;
  return read_config(directory.file("c.json", text), sets);
}

// Returns the message of with_sets.
inline std::string error_with_sets(const std::string& text, const std::vector<std::string>& sets) {
  return error_of([&] { with_sets(text, sets); });
}

}  // namespace attn::test

// Reads the values of options from a config file and from --set. Reading is strict: an option that
// is unknown, does not apply or has a wrong value is an error.
#pragma once

#include <string>
#include <vector>

#include "base/options.h"

namespace attn {

// Reads `json` (the contents of the file `name`), then `sets`, each "KEY=VALUE", where the value is
// JSON or else a string. Options that are not given keep their values. Relative paths are relative
// to the file's directory, in `sets` to the current directory; null in `sets` removes the option.
// Throws Error, with the origin (`name` or --set) and the option, for an unknown key, a wrong type
// or value, and an option that does not apply.
void read_options(const std::vector<Option>& options, const Json& json, const std::string& name,
                  const std::vector<std::string>& sets);

// Reads `json`, which options_to_json has written, and `sets` in the same way, but accepts options
// in `json` that become inapplicable through `sets`.
void read_resolved_options(const std::vector<Option>& options, const Json& json,
                           const std::string& name, const std::vector<std::string>& sets);

}  // namespace attn

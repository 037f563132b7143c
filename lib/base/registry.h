// Tables of choices. A row is {name, one line of documentation, factory or other value}. Config
// checks, documentation, shell completion and tests are derived from the rows.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/error.h"

namespace attn {

// Returns the name with the smallest edit distance to `wrong`, or "" if none is similar.
std::string nearest(const std::string& wrong, const std::vector<std::string>& names);

struct Choice {
  std::string name, doc;
};

template <class Value>
struct Row {
  std::string name, doc;
  Value value;
};

template <class Value>
class Registry {
 public:
  Registry(std::initializer_list<Row<Value>> rows) : rows_(rows) {}

  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

  // Returns the value of the row with this name. Throws Bug if there is none, because configs are
  // validated before.
  const Value& at(const std::string& name) const {
    const auto row = std::find_if(begin(), end(), [&](const auto& r) { return r.name == name; });
    if (row == end()) throw Bug("no choice \"" + name + "\"");
    return row->value;
  }

  // Returns the names and the documentation of all rows.
  std::vector<Choice> choices() const {
    std::vector<Choice> out;
    for (const auto& row : rows_) out.push_back({row.name, row.doc});
    return out;
  }

 private:
  std::vector<Row<Value>> rows_;
};

}  // namespace attn

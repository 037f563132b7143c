// A choice is a row: {name, one line of text, whatever makes it}. Config checks, documentation and
// tests read it.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/error.h"

namespace attn {

// The name nearest to `wrong` by edit distance, or "" if none is near.
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

  // Bug if there is no such row: config checks come first.
  const Value& at(const std::string& name) const {
    const auto row = std::find_if(begin(), end(), [&](const auto& r) { return r.name == name; });
    if (row == end()) throw Bug("no row \"" + name + "\"");
    return row->value;
  }

  std::vector<Choice> choices() const {
    std::vector<Choice> out;
    for (const auto& row : rows_) out.push_back({row.name, row.doc});
    return out;
  }

 private:
  std::vector<Row<Value>> rows_;
};

}  // namespace attn

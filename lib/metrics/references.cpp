#include "metrics/references.h"

#include <set>

#include "base/error.h"

namespace attn {
namespace {

void check_lines(const std::vector<std::string>& hypotheses, const References& references) {
  if (hypotheses.empty() || references.empty())
    throw Error("nothing to score: expected at least one line of translation and a reference");
  for (std::size_t r = 0; r < references.size(); ++r)
    if (references[r].size() != hypotheses.size())
      throw Error("reference " + std::to_string(r + 1) + " has " +
                  std::to_string(references[r].size()) + " lines, but the translation has " +
                  std::to_string(hypotheses.size()) + "; use files that correspond line by line");
}

std::vector<std::string_view> references_of_line(const References& references, std::size_t line) {
  std::vector<std::string_view> out;
  for (const auto& reference : references)
    if (!reference[line].empty()) out.push_back(reference[line]);
  return out;
}

}  // namespace

std::vector<std::vector<std::string_view>> references_by_line(
    const std::vector<std::string>& hypotheses, const References& references) {
  check_lines(hypotheses, references);
  std::vector<std::vector<std::string_view>> out;
  for (std::size_t line = 0; line < hypotheses.size(); ++line) {
    out.push_back(references_of_line(references, line));
    if (out.back().empty())
      throw Error(
          "line " + std::to_string(line + 1) +
          " of the reference is empty, so it cannot be scored; remove the line from all files");
  }
  return out;
}

std::string references_per_line(const References& references) {
  ATTN_CHECK(!references.empty());
  std::set<std::size_t> counts;
  for (std::size_t line = 0; line < references[0].size(); ++line)
    counts.insert(references_of_line(references, line).size());
  return counts.size() == 1 ? std::to_string(*counts.begin()) : "var";
}

}  // namespace attn

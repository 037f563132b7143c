#include "pair_reader.h"

#include "base/error.h"

namespace attn {

PairReader::PairReader(const fs::path& source, const fs::path& target, Part part)
    : source_path_(source == "-" ? "standard input" : source),
      target_path_(target == "-" ? "standard input" : target),
      source_(source),
      target_(target),
      part_(part) {}

bool PairReader::next(std::size_t max, std::vector<std::string>& sources,
                      std::vector<std::string>& targets) {
  sources.clear(), targets.clear();
  std::string source, target;
  while (sources.size() < max && (sources.empty() || part_.has(read_))) {
    const bool has_source = source_.next(source), has_target = target_.next(target);
    if (has_source != has_target) {
      const fs::path &shorter = has_source ? target_path_ : source_path_,
                     &longer = has_source ? source_path_ : target_path_;
      throw Error(shorter.string() + " ends after line " + std::to_string(read_) + ", but " +
                  longer.string() +
                  " has more lines: each line must correspond to the same line of the other file");
    }
    if (!has_source) break;
    if (!part_.has(read_++)) continue;
    if (sources.empty()) first_ = read_ - 1;
    sources.push_back(source), targets.push_back(target);
  }
  return !sources.empty();
}

}  // namespace attn

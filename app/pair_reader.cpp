#include "pair_reader.h"

#include "base/error.h"

namespace attn {

PairReader::PairReader(const fs::path& source, const fs::path& target)
    : source_path_(source), target_path_(target), source_(source), target_(target) {}

bool PairReader::next(std::size_t most, std::vector<std::string>& sources,
                      std::vector<std::string>& targets) {
  sources.clear(), targets.clear();
  std::string source, target;
  while (sources.size() < most) {
    const bool has_source = source_.next(source), has_target = target_.next(target);
    if (has_source != has_target)
      throw Error((has_source ? target_path_ : source_path_).string() + " ends after line " +
                  std::to_string(read_) + ", " +
                  (has_source ? source_path_ : target_path_).string() +
                  " goes on: each line must belong to the same line of the other file");
    if (!has_source) break;
    ++read_;
    sources.push_back(source), targets.push_back(target);
  }
  return !sources.empty();
}

}  // namespace attn

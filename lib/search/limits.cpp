#include "search/limits.h"

#include <algorithm>
#include <limits>

namespace attn {
namespace {

constexpr Real kNever = -std::numeric_limits<Real>::infinity();

void allow_only(int word, Out log_probs) {
  const Real kept = log_probs(word, 0);
  log_probs.setConstant(kNever);
  log_probs(word, 0) = kept;
}

// The words that followed earlier where the last n − 1 words stood.
void forbid_repetition(std::size_t n, std::span<const int> said, Out log_probs) {
  if (said.size() < n) return;
  const auto context = said.last(n - 1);
  for (std::size_t at = 0; at + n <= said.size(); ++at)
    if (std::ranges::equal(said.subspan(at, n - 1), context))
      log_probs(said[at + n - 1], 0) = kNever;
}

}  // namespace

int most_steps(const Limits& limits, std::size_t source_words, std::size_t prefix_words) {
  const auto by_ratio =
      static_cast<int>(limits.max_length_ratio * static_cast<double>(source_words));
  return std::max({by_ratio, static_cast<int>(prefix_words), limits.min_length}) + kExtraLength;
}

void limit(const Limits& limits, std::span<const int> prefix, std::span<const int> said, int end,
           Out log_probs) {
  const auto length = static_cast<int>(said.size());
  if (said.size() < prefix.size()) return allow_only(prefix[said.size()], log_probs);
  if (limits.max_length > 0 && length >= limits.max_length) return allow_only(end, log_probs);
  if (length < limits.min_length) log_probs(end, 0) = kNever;
  if (limits.no_repeat_ngram > 0)
    forbid_repetition(static_cast<std::size_t>(limits.no_repeat_ngram), said, log_probs);
}

}  // namespace attn

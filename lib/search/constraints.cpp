#include "search/constraints.h"

#include <algorithm>
#include <limits>

namespace attn {
namespace {

constexpr Real kImpossible = -std::numeric_limits<Real>::infinity();

void allow_only(int word, Out log_probs) {
  const Real log_prob = log_probs(word, 0);
  log_probs.map().setConstant(kImpossible);
  log_probs(word, 0) = log_prob;
}

// Forbids every word that would complete an n-gram that was generated before.
void forbid_repetition(Index n, IndexSpan<const int> generated, Out log_probs) {
  if (generated.size() < n) return;
  const IndexSpan last_words = generated.subspan(generated.size() - (n - 1), n - 1);
  for (Index at = 0; at + n <= generated.size(); ++at)
    if (std::ranges::equal(generated.subspan(at, n - 1), last_words))
      log_probs(generated[at + n - 1], 0) = kImpossible;
}

}  // namespace

int max_steps(const Constraints& constraints, std::size_t source_words, std::size_t prefix_words) {
  const auto by_ratio =
      static_cast<int>(constraints.max_length_ratio * static_cast<double>(source_words));
  return std::max({by_ratio, static_cast<int>(prefix_words), constraints.min_length}) +
         kExtraLength;
}

void constrain(const Constraints& constraints, std::span<const int> prefix,
               std::span<const int> generated, int end, Out log_probs) {
  const auto length = static_cast<int>(generated.size());
  if (generated.size() < prefix.size()) return allow_only(prefix[generated.size()], log_probs);
  if (constraints.max_length > 0 && length >= constraints.max_length)
    return allow_only(end, log_probs);
  for (const int word : constraints.forbidden_words) log_probs(word, 0) = kImpossible;
  if (length < constraints.min_length) log_probs(end, 0) = kImpossible;
  if (constraints.no_repeat_ngram > 0)
    forbid_repetition(constraints.no_repeat_ngram, generated, log_probs);
}

}  // namespace attn

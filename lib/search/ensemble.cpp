#include "search/ensemble.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"

namespace attn {
namespace {

std::string vocabulary_text(const Scorer& scorer) {
  return std::to_string(scorer.vocabulary()) + " target subwords with end of sentence " +
         std::to_string(scorer.end_of_sentence());
}

void check_vocabulary(const Ensemble::Member& first, const Ensemble::Member& other) {
  if (other.scorer->vocabulary() == first.scorer->vocabulary() &&
      other.scorer->end_of_sentence() == first.scorer->end_of_sentence())
    return;
  throw Error(other.name + ": has " + vocabulary_text(*other.scorer) + ", but " + first.name +
              " has " + vocabulary_text(*first.scorer) +
              "; the models of an ensemble must share their vocabularies");
}

// Computes sum = log(exp(sum) + exp(x)). The lower bound avoids -inf − -inf.
void add_log_probs(In x, Out sum) {
  const Real lowest = std::numeric_limits<Real>::lowest();
  const auto low = sum.map().array().min(x.map().array());
  const auto high = sum.map().array().max(x.map().array());
  sum.map() = high + (Real(1) + (low - high.max(lowest)).exp()).log();
}

}  // namespace

Ensemble::Ensemble(std::vector<Member> members) : members_(std::move(members)) {
  ATTN_CHECK(!members_.empty());
  for (const Member& member : members_) check_vocabulary(members_.front(), member);
}

Index Ensemble::vocabulary() const {
  return members_.front().scorer->vocabulary();
}

int Ensemble::end_of_sentence() const {
  return members_.front().scorer->end_of_sentence();
}

void Ensemble::start(std::span<const Ids> sources) {
  for (Member& member : members_) member.scorer->start(sources);
}

void Ensemble::step(std::span<const int> words, Out log_probs) {
  members_.front().scorer->step(words, log_probs);
  if (log_probs_.cols() < log_probs.cols()) log_probs_.resize(log_probs.rows(), log_probs.cols());
  const Out other = Out(log_probs_).columns(0, log_probs.cols());
  for (std::size_t k = 1; k < members_.size(); ++k) {
    members_[k].scorer->step(words, other);
    add_log_probs(other, log_probs);
  }
  log_probs.map().array() -= static_cast<Real>(std::log(static_cast<double>(members_.size())));
}

void Ensemble::gather(std::span<const int> parents) {
  for (Member& member : members_) member.scorer->gather(parents);
}

ConstMatrixView Ensemble::attention(Index column) const {
  Index rows = 0, maps = 0, count = 0;
  for (const Member& member : members_) {
    const ConstMatrixView one = member.scorer->attention(column);
    if (one.size() == 0) continue;
    maps = count++ == 0 || maps == one.cols() ? one.cols() : 1;
    rows = one.rows();
  }
  attention_.clear();
  resize(attention_, rows * maps);  // with zeros
  MatrixView mean(attention_.data(), rows, maps, rows);
  for (const Member& member : members_) {
    const ConstMatrixView one = member.scorer->attention(column);
    if (one.size() == 0) continue;
    if (one.cols() == maps)
      mean.map() += one.map() / static_cast<Real>(count);
    else
      mean.map() += one.map().rowwise().mean() / static_cast<Real>(count);
  }
  return ConstMatrixView(attention_.data(), rows, maps, rows);
}

}  // namespace attn

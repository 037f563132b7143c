// Several models as one: p(word) = mean of p_k(word) over the models k, each step.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "search/scorer.h"

namespace attn {

class Ensemble : public Scorer {
 public:
  struct Member {
    std::string name;  // for errors
    std::unique_ptr<Scorer> scorer;
  };

  // Error if a member's target vocabulary differs in size or end of sentence from the first's. All
  // read the same source ids: that they share their tokenizers is the caller's check.
  explicit Ensemble(std::vector<Member> members);

  Index vocabulary() const override;
  int end_of_sentence() const override;
  void start(std::span<const Ids> sources) override;
  void step(std::span<const int> words, Out log_probs) override;
  void keep(std::span<const int> parents) override;

  // The mean of those members whose attention has the shape of the first that has any.
  ConstView attention(Index column) const override;

 private:
  std::vector<Member> members_;
  Mat log_probs_;                        // of one member
  mutable std::vector<Real> attention_;  // what the last call of attention() returned
};

}  // namespace attn

// An ensemble of models: in each step, p(word) is the mean of p_k(word) over the models k.
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
    std::string name;  // for error messages
    std::unique_ptr<Scorer> scorer;
  };

  // Throws Error if the target vocabularies of the members differ in size or end of sentence. The
  // caller must check that the members have the same tokenizers (see check_ensemble).
  explicit Ensemble(std::vector<Member> members);

  Index vocabulary() const override;
  int end_of_sentence() const override;
  void start(std::span<const Ids> sources) override;
  void step(std::span<const int> words, Out log_probs) override;
  void gather(std::span<const int> parents) override;

  // Returns the mean attention weights of the members that have attention: map by map if they have
  // the same number of maps, otherwise as a single map, the mean of the members' mean maps.
  ConstMatrixView attention(Index column) const override;

 private:
  std::vector<Member> members_;
  Mat log_probs_;                        // log-probabilities of one member
  mutable std::vector<Real> attention_;  // result of the last call of attention()
};

}  // namespace attn

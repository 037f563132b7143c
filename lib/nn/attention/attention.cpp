#include "nn/attention/attention.h"

#include "nn/attention/single_level.h"
#include "nn/attention/two_level.h"

namespace attn {
namespace {

// A fixed context c_i = →h_Tx, as in the RNN Encoder-Decoder (Cho et al. 2014; Bahdanau et al.
// 2015, A.1.2, last paragraph).
class FixedContext : public Attention {
 public:
  explicit FixedContext(Index context) { rows_.context = context; }

  void prepare(const Weights&, EncoderOutput&) const override {}

  void step(const Weights&, const EncoderOutput& memory, const AttentionStep& step,
            Workspace&) const override {
    for (Index j = 0; j < step.context.cols(); ++j)
      std::copy_n(memory.last.col(step.columns.source_of(j)), step.context.rows(),
                  step.context.col(j));
  }

  void step_backward(const Weights&, const EncoderOutput&, const AttentionStep&,
                     const AttentionStepGrad&, WeightGradients, Workspace&) const override {}

  void accumulate(const Weights&, const EncoderOutput&, const Packing& p,
                  const AttentionStep& steps, In dcontexts, EncoderOutput& dmemory, WeightGradients,
                  Workspace&) const override {
    if (!steps.columns.has_all_steps())
      for (int t = 0; t < p.steps(); ++t)
        add(p.step(dcontexts, t), dmemory.last.columns(0, p.width(t)));
    else
      for (Index j = 0; j < dcontexts.cols(); ++j)
        add(dcontexts.rows(), dcontexts.col(j), dmemory.last.col(steps.columns.source_of(j)));
  }
};

}  // namespace

std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options) {
  if (!attention_scores().at(options.score).make)
    return std::make_unique<FixedContext>(options.fixed_context_size);
  if (options.segment_size > 0) return make_two_level_attention(at, options);
  return make_single_level_attention(at, options);
}

}  // namespace attn

// The decoder of recurrent architectures: the time loop of training, and the states of search.
#pragma once

#include "model/recurrent_step.h"

namespace attn {

class RecurrentDecoder : public Decoder {
 public:
  RecurrentDecoder(std::unique_ptr<RecurrentStep> step, const DecoderConfig& config);

  Index numbers_per_token() const override;
  std::unique_ptr<DecoderPass> make_pass() const override;
  void forward(const Weights& w, const DecoderInput& in, DecoderPass& pass,
               Workspace& ws) const override;
  void backward(const Weights& w, const DecoderInput& in, In dreadout, DecoderPass& pass,
                const DecoderInputGrad& d, WeightGradients g, Workspace& ws) const override;

  std::unique_ptr<DecoderState> start(const Weights& w, const EncoderOutput& memory,
                                      Workspace& ws) const override;
  void step(const Weights& w, const UniqueColumns& embedded, DecoderState& state, Out readout,
            Workspace& ws) const override;

 private:
  struct Pass;
  class State;

  // Returns the number of rows of the recurrent state and the attention state.
  Index state_rows(const EncoderOutput& memory) const;
  void project(const Weights& w, const UniqueColumns& embedded, const DecoderSaved& saved,
               Workspace& ws) const;
  void steps(const Weights& w, const DecoderInput& in, Pass& pass, Workspace& ws) const;
  void steps_backward(const Weights& w, const DecoderInput& in, Pass& pass, EncoderOutput& dmemory,
                      Out dstart, WeightGradients g, Workspace& ws) const;

  // Returns the context of steps of a batch.
  StepContext context(const Pass& pass, const AttentionColumns& columns) const;
  // Attend to all steps at once, after the time loop of the forward pass and before that of the
  // backward pass.
  void attend(const Weights& w, const DecoderInput& in, Pass& pass, Workspace& ws) const;
  void attend_backward(const Weights& w, const DecoderInput& in, Pass& pass, EncoderOutput& dmemory,
                       WeightGradients g, Workspace& ws) const;

  std::unique_ptr<RecurrentStep> step_;
};

}  // namespace attn

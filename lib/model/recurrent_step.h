// One step of a recurrent decoder. Each architecture (bahdanau, conditional, luong) implements it;
// RecurrentDecoder runs it over time.
#pragma once

#include <memory>
#include <optional>

#include "model/cell_stack.h"
#include "model/decoder_saved.h"
#include "nn/readout.h"

namespace attn {

struct StepContext {
  const EncoderOutput& memory;
  AttentionColumns columns;
  // Whether attention to all steps is computed at once, apart from the steps.
  bool attends_to_all_steps = false;
};

// Whether predictions are computed by deep output (nn/readout.h).
enum class DeepOutput { no, yes };

class RecurrentStep {
 public:
  // Adds the parameters of attention, deep output and recurrent layers to the layout. `memory`
  // gives the rows of the encoder output.
  RecurrentStep(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory,
                DeepOutput deep_output);
  virtual ~RecurrentStep() = default;
  RecurrentStep(const RecurrentStep&) = delete;
  RecurrentStep& operator=(const RecurrentStep&) = delete;

  // Returns the numbers of rows of the activations.
  const DecoderRows& rows() const { return rows_; }
  const Attention& attention() const { return *attention_; }
  const CellStack& cells() const { return cells_; }
  // Returns whether no step reads a context, so that training can attend to all steps at once after
  // the time loop. Then the top layer's state is the query.
  virtual bool can_attend_to_all_steps() const { return false; }

  // Computes state, context and the saved activations of one step from saved.prev and saved.gates,
  // which contain the input part of the first cell.
  virtual void step(const Weights& w, const StepContext& context, DecoderSaved& saved,
                    Workspace& ws) const = 0;
  // Computes the readout t of all columns at once, after the time loop.
  virtual void readout(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
                       Workspace& ws) const = 0;

  // Adds the gradients of the readout to those in `saved`. Runs before step_backward.
  virtual void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                                Workspace& ws) const = 0;
  // Computes saved.dprev and the gradients of one step from saved.dstate and saved.dcontext.
  virtual void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                             EncoderOutput& dmemory, WeightGradients g, Workspace& ws) const = 0;
  // Adds the remaining gradients of a packed batch to g and d. Called once, after all steps;
  // computes one product per matrix.
  virtual void accumulate(const Weights& w, const StepContext& context, const DecoderInput& in,
                          const DecoderSaved& saved, const DecoderInputGrad& d, WeightGradients g,
                          Workspace& ws) const = 0;

 protected:
  // Returns the rows of the attention state, which follow those of the recurrent state.
  MatrixView attention_state(MatrixView m) const { return m.bottom_rows(m.rows() - rows_.state); }

  std::unique_ptr<Attention> attention_;
  DecoderRows rows_;
  std::optional<Readout> deep_output_;
  CellStack cells_;
};

}  // namespace attn

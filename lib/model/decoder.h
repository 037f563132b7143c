// The interface of the decoders and their registry. Each architecture has a file of its own.
//
// One function, `step`, serves training, scoring and search. Training calls it once per step of a
// packed batch; search calls it with one column per hypothesis.
#pragma once

#include <memory>

#include "model/batch.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"

namespace attn {

// Number of rows of each matrix of DecoderSaved.
struct DecoderRows {
  Index state = 0;      // recurrent state, without that of the attention
  Index gates = 0;      // pre-activations of all cells; in backward their gradients
  Index cells = 0;      // other saved activations of all cells
  Index inputs = 0;     // inputs of the layers above the first
  Index output = 0;     // output of the top layer; 0: the output is its state
  Index attention = 0;  // saved activations of the attention
  Index context = 0;
  Index inner = 0, readout = 0;  // t̃ and t
};

enum class Gradients { skip, compute };

// The activations of one or more steps that the forward pass saves for the backward pass, and their
// gradients. `prev` and `state` are the states before and after a step; the rows of the attention
// state follow those of the recurrent state.
struct DecoderSaved {
  // Takes the matrices from the workspace and sets the gradients to zero. With Gradients::skip, the
  // gradients have no rows.
  DecoderSaved(const DecoderRows& rows, Index attention_state_rows, Index columns,
               Gradients gradients, Workspace& ws);
  // Returns views of the columns [begin, begin + count).
  DecoderSaved columns(Index begin, Index count) const;

  MatrixView prev, state, gates, cells, inputs, output, attention, context, inner, readout;
  MatrixView dprev, dstate, dinputs, dcontext;
};

struct StepContext {
  const EncoderOutput& memory;
  AttentionColumns step;
};

class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Returns the numbers of rows of the activations.
  virtual const DecoderRows& rows() const = 0;
  // Returns the attention; with score "none" it is a fixed context.
  virtual const Attention& attention() const = 0;

  // Computes the initial state [state × sources] from memory.first.
  virtual void start(const Weights& w, const EncoderOutput& memory, Out state) const = 0;
  // Adds the gradients of `start` to g and dmemory; overwrites dstate.
  virtual void start_backward(const Weights& w, const EncoderOutput& memory, In state, Out dstate,
                              WeightGradients g, EncoderOutput& dmemory) const = 0;

  // Computes the part of the gate pre-activations that depends on the input words, for all columns
  // at once, before the time loop.
  virtual void project(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
                       Workspace& ws) const = 0;
  // Computes state, context and the saved activations of one step from saved.prev and saved.gates.
  virtual void step(const Weights& w, const StepContext& context, DecoderSaved& saved) const = 0;
  // Computes the readout t of all columns at once, after the time loop.
  virtual void readout(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
                       Workspace& ws) const = 0;

  // Adds the gradients of the readout to those in `saved`. Runs before step_backward.
  virtual void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                                Workspace& ws) const = 0;
  // Computes saved.dprev and the gradients of one step from saved.dstate and saved.dcontext.
  virtual void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                             WeightGradients g, EncoderOutput& dmemory, Workspace& ws) const = 0;
  // Adds the remaining gradients of a packed batch to g, dmemory and dembedded, which has one
  // column per distinct word. Called once, after all steps; computes one product per matrix.
  virtual void accumulate(const Weights& w, const StepContext& context, const Packing& p,
                          const UniqueColumns& embedded, const DecoderSaved& saved,
                          WeightGradients g, EncoderOutput& dmemory, Out dembedded,
                          Workspace& ws) const = 0;
};

struct ModelConfig;
// Returns the options of a decoder's attention. `state_rows` is the size of its queries.
AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows);

using MakeDecoder = std::unique_ptr<Decoder> (*)(Layout& layout, const ModelConfig& config,
                                                 const EncoderOutputRows& memory);
// Returns the table of all decoders.
const Registry<MakeDecoder>& decoders();

}  // namespace attn

// Decoders: the interface and the table; one file for each architecture.
//
// One `step` serves training, scoring and search: training gives it a packed batch's steps one
// after the other, search one column for each hypothesis.
#pragma once

#include <memory>

#include "model/batch.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"

namespace attn {

// Rows that a decoder needs for a column.
struct DecoderRows {
  Index state = 0;   // carried from step to step, before what attention carries
  Index gates = 0;   // pre-activations of all cells, then their gradients
  Index cache = 0;   // what cells keep beside them
  Index inputs = 0;  // of the layers above the first
  Index output = 0;  // of the top layer, where that is not its state
  Index attention = 0, context = 0;
  Index inner = 0, readout = 0;  // t̃ and t
};

// The numbers of any run of columns; columns(…) is a part of it.
struct DecoderSaved {
  // carried: rows of the attention's, below the state's. For forward alone the gradients have no
  // rows.
  DecoderSaved(const DecoderRows& rows, Index carried, Index columns, bool backward, Workspace& ws);
  DecoderSaved columns(Index begin, Index count) const;

  View prev, state, gates, cache, inputs, output, attention, context, inner, readout;
  View dprev, dstate, dinputs, dcontext;  // zero at first
};

struct StepContext {
  const EncoderOutput& memory;
  AttentionStep reading;
};

class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  virtual const DecoderRows& rows() const = 0;
  virtual const Attention& attention() const = 0;

  // The first state [state × sentences].
  virtual void start(const Params& w, const EncoderOutput& memory, Out state) const = 0;
  virtual void start_backward(const Params& w, const EncoderOutput& memory, In state, Out dstate,
                              Params& g, EncoderOutput& dmemory) const = 0;

  // What the words say of the gates: any number of columns, before the steps.
  virtual void project(const Params& w, const UniqueColumns& embedded, DecoderSaved& tape,
                       Workspace& ws) const = 0;
  // From prev and gates: state, context and what backward needs.
  virtual void step(const Params& w, const StepContext& context, DecoderSaved& tape) const = 0;
  // t of any number of columns, after their steps.
  virtual void readout(const Params& w, const UniqueColumns& embedded, DecoderSaved& tape,
                       Workspace& ws) const = 0;

  // The same three upwards. readout_backward comes first and adds to the tape's gradients.
  virtual void readout_backward(const Params& w, In dreadout, DecoderSaved& tape,
                                Workspace& ws) const = 0;
  virtual void step_backward(const Params& w, const StepContext& context, DecoderSaved& tape,
                             Params& g, EncoderOutput& dmemory, Workspace& ws) const = 0;
  // After all steps of a packed batch, one product a matrix: all that is left of g, dmemory and
  // dembedded, of the distinct columns.
  virtual void accumulate(const Params& w, const StepContext& context, const Packing& p,
                          const UniqueColumns& embedded, const DecoderSaved& tape, Params& g,
                          EncoderOutput& dmemory, Out dembedded, Workspace& ws) const = 0;
};

struct ModelConfig;
// Of an attention that is asked by states of so many rows.
AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows);

using MakeDecoder = std::unique_ptr<Decoder> (*)(Layout& layout, const ModelConfig& config,
                                                 const EncoderOutputRows& memory);
const Registry<MakeDecoder>& decoders();

}  // namespace attn

// The activations of recurrent decoders.
#pragma once

#include "math/workspace.h"
#include "model/decoder.h"

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

// The activations of one or more steps that the forward pass saves for the backward pass, and their
// gradients. `prev` and `state` are the states before and after a step; the rows of the attention
// state follow those of the recurrent state.
struct DecoderSaved {
  DecoderSaved() = default;
  // Takes the matrices from the workspace and sets the gradients to zero. `state_rows` includes the
  // attention state. With Gradients::skip, the gradients have no rows.
  DecoderSaved(const DecoderRows& rows, Index state_rows, Index columns, Gradients gradients,
               Workspace& ws);
  // Returns views of the columns [begin, begin + count).
  DecoderSaved columns(Index begin, Index count) const;

  MatrixView prev, state, gates, cells, inputs, output, attention, context, inner, readout;
  MatrixView dprev, dstate, dinputs, dcontext;
};

}  // namespace attn

// The recurrent layers of a decoder, which all decoders share: layer 0 reads what the decoder makes
// of the last word, a layer above reads the output of the one below: its state or, with residual
// connections and from the second layer on, its state plus its input.
//   s_0 = tanh(W_s ←h_1 + b), of each layer          (Bahdanau et al. 2015, A.2.2)
//   with the mean of the h_j where an encoder has no ←h_1
//
// Rows of the state, gates and cache of a tape: [layer 0; …; layer L − 1; what the decoder adds].
#pragma once

#include <memory>
#include <vector>

#include "model/decoder.h"
#include "nn/cell.h"
#include "nn/linear.h"

namespace attn {

class CellStack {
 public:
  // first: rows of what it starts from. Adds its rows to `rows`, which must be empty.
  CellStack(Scope at, const ModelConfig& config, Index first, DecoderRows& rows);

  const Cell& cell(std::size_t l) const { return *layers_[l].cell; }

  void start(const Params& w, const EncoderOutput& memory, Out state) const;
  void start_backward(const Params& w, const EncoderOutput& memory, In state, Out dstate, Params& g,
                      EncoderOutput& dmemory) const;

  // One step of the layers from `first` on, 0 or 1; layer 0 finds its gates complete.
  void step(const Params& w, std::size_t first, const AttentionStep& reading,
            DecoderSaved& tape) const;
  void step_backward(const Params& w, std::size_t first, const AttentionStep& reading,
                     DecoderSaved& tape) const;
  // Gradients of the parameters of all layers; of layer 0 by its input, whose gradient is added to,
  // its state before, …
  void accumulate(const Params& w, const UniqueColumns& input, In prev, const DecoderSaved& tape,
                  Params& g, Out dinput, Workspace& ws) const;

  // Parts of a tape's matrices.
  View state(const View& m, std::size_t l) const {
    return rows(m, layers_[l].state, layers_[l].cell->state_rows());
  }
  View h(const View& m, std::size_t l) const { return rows(m, layers_[l].state, n_); }
  View top(const View& m) const { return h(m, layers_.size() - 1); }
  View gates(const DecoderSaved& tape, std::size_t l) const {
    return rows(tape.gates, layers_[l].gates, layers_[l].cell->gate_rows());
  }
  View cache(const DecoderSaved& tape, std::size_t l) const {
    return rows(tape.cache, layers_[l].cache, layers_[l].cell->saved_rows());
  }

  // What is read out of the top layer after a step, and the way back from its gradient.
  View output(const DecoderSaved& tape) const { return sums() ? tape.output : top(tape.state); }
  void output_backward(In doutput, DecoderSaved& tape) const;

 private:
  struct Layer {
    std::unique_ptr<Cell> cell;
    Dropout dropout;            // of its input
    Index state, gates, cache;  // where its rows begin
  };

  bool adds_input(std::size_t l) const { return residual_ && l > 0; }
  bool sums() const { return adds_input(layers_.size() - 1); }
  View input(const View& m, std::size_t l) const {
    return rows(m, n_ * (static_cast<Index>(l) - 1), n_);
  }
  void write_output(const DecoderSaved& tape, std::size_t l, Out output) const;
  void cell_step(const Params& w, std::size_t l, DecoderSaved& tape) const;
  void cell_step_backward(const Params& w, std::size_t l, DecoderSaved& tape) const;

  Index n_;
  bool residual_;
  std::vector<Linear> start_;
  std::vector<Layer> layers_;
};

}  // namespace attn

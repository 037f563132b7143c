// The recurrent layers of all decoders. The decoder computes the input of layer 0. Each other layer
// reads the output of the layer below: its state or, with residual connections and from the second
// layer on, the sum of its state and its input. The initial state of each layer is
//   s_0 = tanh(W_s ←h_1 + b)          (Bahdanau et al. 2015, A.2.2)
// with the mean of the h_j in place of ←h_1 if the encoder has no ←h_1.
//
// Rows of `state`, `gates` and `cells` in DecoderSaved: [layer 0; …; layer L − 1; decoder].
#pragma once

#include <memory>
#include <vector>

#include "model/decoder_saved.h"
#include "nn/cell.h"
#include "nn/linear.h"

namespace attn {

class CellStack {
 public:
  // `start_rows` is the number of rows of EncoderOutput::first. Sets `rows`, which must be all
  // zero, to the rows of the layers.
  CellStack(Scope at, const ModelConfig& config, Index start_rows, DecoderRows& rows);

  const Cell& cell(std::size_t l) const { return *layers_[l].cell; }

  // Computes s_0 of all layers, [state × sources].
  void start(const Weights& w, const EncoderOutput& memory, Out state) const;
  // Adds the gradients of start() to g and dmemory; overwrites dstate.
  void start_backward(const Weights& w, const EncoderOutput& memory, In state, Out dstate,
                      WeightGradients g, EncoderOutput& dmemory) const;

  // Runs one step of the layers from `first` (0 or 1) on. The gates of layer 0 must be complete.
  void step(const Weights& w, std::size_t first, const AttentionColumns& step,
            DecoderSaved& saved) const;
  // Computes the gradients of one step of these layers in `saved`.
  void step_backward(const Weights& w, std::size_t first, const AttentionColumns& step,
                     DecoderSaved& saved) const;
  // Adds the gradients of the parameters of all layers to g, and the gradient of the input of layer
  // 0 to dinput. `input` and `prev` are the input and the previous state of layer 0.
  void accumulate(const Weights& w, const UniqueColumns& input, In prev, const DecoderSaved& saved,
                  WeightGradients g, Out dinput, Workspace& ws) const;

  // Return rows of a matrix of DecoderSaved: the state of layer l, its h, the h of the top layer,
  // and the gates and other saved activations of layer l.
  MatrixView state(MatrixView m, std::size_t l) const {
    return m.row_range(layers_[l].state, layers_[l].cell->state_rows());
  }
  MatrixView h(MatrixView m, std::size_t l) const { return m.row_range(layers_[l].state, n_); }
  MatrixView top(MatrixView m) const { return h(m, layers_.size() - 1); }
  MatrixView gates(const DecoderSaved& saved, std::size_t l) const {
    return saved.gates.row_range(layers_[l].gates, layers_[l].cell->gate_rows());
  }
  MatrixView cell_saved(const DecoderSaved& saved, std::size_t l) const {
    return saved.cells.row_range(layers_[l].cells, layers_[l].cell->saved_rows());
  }

  // Returns the output of the top layer after a step.
  MatrixView output(const DecoderSaved& saved) const {
    return has_residual(layers_.size() - 1) ? saved.output : top(saved.state);
  }
  // Adds the gradient of the output to those of the top layer's state and input.
  void output_backward(In doutput, DecoderSaved& saved) const;

 private:
  struct Layer {
    std::unique_ptr<Cell> cell;
    Dropout dropout;            // dropout of its input
    Index state, gates, cells;  // first rows
  };

  bool has_residual(std::size_t l) const { return residual_ && l > 0; }
  MatrixView input(MatrixView m, std::size_t l) const {
    return m.row_range(n_ * (static_cast<Index>(l) - 1), n_);
  }
  void write_output(const DecoderSaved& saved, std::size_t l, Out output) const;
  void cell_step(const Weights& w, std::size_t l, DecoderSaved& saved) const;
  void cell_step_backward(const Weights& w, std::size_t l, DecoderSaved& saved) const;

  Index n_;
  bool residual_;
  std::vector<Linear> start_;
  std::vector<Layer> layers_;
};

}  // namespace attn

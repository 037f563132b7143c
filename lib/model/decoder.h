// The interface of the decoders and their registry. Each architecture has a file of its own.
//
// Training and scoring run forward() and backward() over all target words of a batch; search runs
// step() over one word of each hypothesis. Both compute the same readouts.
#pragma once

#include <memory>
#include <vector>

#include "model/batch.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"

namespace attn {

struct DecoderConfig;
struct ModelConfig;

enum class Gradients { skip, compute };
enum class Fill { none, zero };

// The input of a decoder for all target words of a batch, in the order of the target's columns.
struct DecoderInput {
  const TargetBatch& target;
  const UniqueColumns& embedded;  // embeddings of the y_{i−1}
  const EncoderOutput& memory;    // without keys, projections and contents
  DropoutContext noise;
  Gradients gradients;  // whether backward() will run
  // The weights of the attention that is exported, at the offsets of TargetBatch::weight_begin:
  // assigned by forward(), read by backward().
  Real* weights;
  // For backward(): see AttentionColumns.
  const Real* dweights = nullptr;
  std::span<const Real> advantages = {};
};

// The gradients of the input, which are accumulated into.
struct DecoderInputGrad {
  EncoderOutput& memory;  // without keys, projections and contents
  Out embedded;           // [embedding × unique words]
};

// The activations that forward() saves for backward(). A worker reuses one object for all its
// batches.
struct DecoderPass {
  virtual ~DecoderPass() = default;
  MatrixView readout;  // [readout × columns] the input of the output layer
};

// The hypotheses of a search, one per column. They may grow with each step.
class DecoderState {
 public:
  DecoderState() = default;
  virtual ~DecoderState() = default;
  DecoderState(const DecoderState&) = delete;
  DecoderState& operator=(const DecoderState&) = delete;

  // Replaces the hypotheses: the new column j continues the old column parents[j]. The number of
  // columns may change.
  virtual void gather(std::span<const int> parents) = 0;
  // Returns the attention weights of one column in the last step [source words × heads], those of
  // Decoder::attention(); empty without attention. Valid until the next step.
  virtual ConstMatrixView attention(Index column) const = 0;
};

class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Returns the number of rows of the readout.
  Index readout_rows() const { return readout_rows_; }
  // Returns the attention whose weights are exported as the alignment; with score "none" it is a
  // fixed context.
  const Attention& attention() const { return *attentions_[exported_]; }
  // Returns the attentions of all layers.
  std::span<const Attention* const> attentions() const { return attentions_; }
  // Returns an estimate of how many numbers a forward and backward pass store per target word.
  virtual Index numbers_per_token() const = 0;

  // Returns an object for the saved activations of this decoder.
  virtual std::unique_ptr<DecoderPass> make_pass() const = 0;
  // Computes the readouts of all columns and the attention weights. The saved activations are taken
  // from the workspace and live until the caller's scope ends.
  virtual void forward(const Weights& w, const DecoderInput& in, DecoderPass& pass,
                       Workspace& ws) const = 0;
  // Adds the gradients of the parameters and of the input, given that of the readouts. Overwrites
  // the saved activations.
  virtual void backward(const Weights& w, const DecoderInput& in, In dreadout, DecoderPass& pass,
                        const DecoderInputGrad& d, WeightGradients g, Workspace& ws) const = 0;

  // Begins a search with one hypothesis per source, in the order of the sources. The workspace must
  // keep what it has taken until the state is destroyed.
  virtual std::unique_ptr<DecoderState> start(const Weights& w, const EncoderOutput& memory,
                                              Workspace& ws) const = 0;
  // Extends each hypothesis by one word, whose embedding is a column of `embedded`, and computes
  // the readouts.
  virtual void step(const Weights& w, const UniqueColumns& embedded, DecoderState& state,
                    Out readout, Workspace& ws) const = 0;

 protected:
  // Sets the attentions of all layers, and which of them is exported.
  void set_attentions(std::vector<const Attention*> layers, const DecoderConfig& config);
  void set_readout_rows(Index rows) { readout_rows_ = rows; }

 private:
  Index readout_rows_ = 0;
  std::vector<const Attention*> attentions_;
  std::size_t exported_ = 0;
};

// Returns the options of a decoder's attention. `state_rows` is the size of its queries.
AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows);

// Returns `memory` with keys, projections and contents for an attention, or for their gradients:
// matrices in the workspace, uninitialized or zero.
EncoderOutput with_keys(const EncoderOutput& memory, const AttentionRows& rows, Fill fill,
                        Workspace& ws);

// Returns the number of attention layers of a recurrent decoder, which is one.
int one_attention_layer(const DecoderConfig& config);

struct DecoderKind {
  std::unique_ptr<Decoder> (*make)(Layout& layout, const ModelConfig& config,
                                   const EncoderOutputRows& memory);
  int (*attention_layers)(const DecoderConfig& config) = one_attention_layer;
};
// Returns the table of all decoders.
const Registry<DecoderKind>& decoders();

}  // namespace attn

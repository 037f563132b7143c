// The interface of the encoders and their registry. An encoder turns source words into the
// EncoderOutput that the decoder reads. Each architecture has a file of its own.
#pragma once

#include <memory>

#include "model/batch.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"

namespace attn {

class Encoder {
 public:
  // The activations that a forward pass saves for the backward pass. A worker reuses one object for
  // all its batches.
  class Saved {
   public:
    virtual ~Saved() = default;
  };

  Encoder() = default;
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // Returns the numbers of rows of the output.
  virtual EncoderOutputRows rows() const = 0;
  // Returns the slot of the embedding table [vocabulary × size] of the source words.
  virtual Slot embedding() const = 0;
  // Returns an object for the saved activations of this encoder.
  virtual std::unique_ptr<Saved> make_saved() const = 0;
  // Returns an estimate of how many numbers a forward and backward pass store per word.
  virtual Index numbers_per_token() const = 0;

  // Computes memory.values, first, last and segments.values. The saved activations are taken from
  // the workspace and live until the caller's scope ends.
  virtual void forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                       Saved& saved, EncoderOutput& memory, Workspace& ws) const = 0;
  // Adds the gradients of the parameters to g, given dmemory, which is overwritten.
  virtual void backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                        Saved& saved, EncoderOutput& dmemory, WeightGradients g,
                        Workspace& ws) const = 0;

  // Returns the self-attention weights of a forward pass over one source: for each layer and head a
  // matrix [words × querying words]; empty if the encoder has no self-attention.
  virtual std::vector<std::vector<Mat>> attention(const Saved& /*saved*/) const { return {}; }
};

struct ModelConfig;
using MakeEncoder = std::unique_ptr<Encoder> (*)(Layout& layout, const ModelConfig& config,
                                                 Index vocabulary);
struct EncoderKind {
  MakeEncoder make;
  EncoderOutputRows (*rows)(const ModelConfig& config);  // rows of its output
  bool has_self_attention = false;
};
// Returns the table of all encoders.
const Registry<EncoderKind>& encoders();

// Returns the encoder that the config selects, including the segment layer of a hierarchical model.
std::unique_ptr<Encoder> make_encoder(Layout& layout, const ModelConfig& config, Index vocabulary);

}  // namespace attn

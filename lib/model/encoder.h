// Encoders: source words → the EncoderOutput that the decoder reads.
#pragma once

#include <memory>

#include "model/batch.h"
#include "nn/attention/attention.h"
#include "nn/dropout.h"

namespace attn {

class Encoder {
 public:
  // The record of one pass, kept by a worker from batch to batch.
  class Tape {
   public:
    virtual ~Tape() = default;
  };

  Encoder() = default;
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  virtual EncoderOutputRows rows() const = 0;
  virtual Slot embedding() const = 0;  // the source's table
  virtual std::unique_ptr<Tape> make_saved() const = 0;
  // Numbers that a pass with its backward holds for each word, about.
  virtual Index numbers_per_token() const = 0;

  // Writes memory.values, first, last and parts.values. What the tape holds lives in ws until the
  // caller's scope ends.
  virtual void forward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
                       Tape& tape, EncoderOutput& memory, Workspace& ws) const = 0;
  // Overwrites dmemory.
  virtual void backward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
                        Tape& tape, EncoderOutput& dmemory, Params& g, Workspace& ws) const = 0;

  // What the words of a pass over one sentence looked at, of each layer and each of its heads
  // [words × words that look]; none: the encoder does not attend.
  virtual std::vector<std::vector<Mat>> attention(const Tape& /*tape*/) const { return {}; }
};

struct ModelConfig;
using MakeEncoder = std::unique_ptr<Encoder> (*)(Layout& layout, const ModelConfig& config,
                                                 Index vocabulary);
struct EncoderKind {
  MakeEncoder make;
  EncoderOutputRows (*rows)(const ModelConfig& config);  // of what it will give
  bool has_self_attention = false;                       // has layers of self-attention
};
const Registry<EncoderKind>& encoders();

// The config's kind; if it says so, with a layer over the sentences of documents.
std::unique_ptr<Encoder> make_encoder(Layout& layout, const ModelConfig& config, Index vocabulary);

}  // namespace attn

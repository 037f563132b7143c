// A translation model: encoder, decoder with attention, and output layer. The model itself is
// constant: weights come in, gradients go out, and activations are in the caller's Scratch.
#pragma once

#include <memory>
#include <optional>

#include "model/decoder.h"
#include "model/encoder.h"
#include "nn/embedding.h"
#include "nn/output.h"

namespace attn {

// An embedding table. The gradient of a batch is zero outside the rows of the batch's words.
struct SparseTable {
  Slot slot;
  std::span<const int> (*words)(const Batch& batch);  // rows; negative: no row
};

// The training objective: cross-entropy, plus losses on the attention weights.
struct Objective {
  double smoothing = 0;  // label smoothing
  // Baseline of the reward for sampled attention weights: the average ln p of a target word.
  double expected_log_prob = 0;
  double coverage = 0;  // weight of coverage_loss (nn/attention/losses.h)
  double guided = 0;    // weight of guided_loss

  // Returns whether there is a loss on the attention weights.
  bool has_attention_loss() const { return coverage > 0 || guided > 0; }
};

class Seq2Seq {
 public:
  Seq2Seq(const ModelConfig& config, Index source_vocabulary, Index target_vocabulary);

  const Layout& layout() const { return layout_; }
  Index target_vocabulary() const { return output_->vocabulary(); }
  // Returns whether the decoder has attention weights.
  bool has_alignment() const { return decoder_->attention().heads() > 0; }
  // Returns the embedding tables with sparse gradients, in the order of their slots.
  std::span<const SparseTable> sparse_tables() const { return sparse_tables_; }
  // Returns an estimate of how many numbers training stores per target token.
  Index numbers_per_token() const;

  // The memory of one worker, reused for all its batches.
  struct Scratch {
    explicit Scratch(const Seq2Seq& model)
        : encoder(model.encoder_->make_saved()), decoder(model.decoder_->make_pass()) {}
    Workspace ws;
    std::unique_ptr<Encoder::Saved> encoder;
    std::unique_ptr<DecoderPass> decoder;
    std::vector<Real> log_probs;  // ln p of the target word of each column
    std::vector<Real> weights;    // attention weights, at the offsets of TargetBatch::weight_begin
    std::vector<Real> dweights;   // their gradient from the losses on attention weights
    std::vector<ConstMatrixView> heads;  // `weights` of one sentence, for each head
    std::vector<MatrixView> dheads;      // the same of `dweights`
    std::vector<Real> advantages;        // advantage of each column, for sampled attention weights
  };

  // Returns the loss of the targets and sets scratch.log_probs and scratch.weights.
  Output::Loss loss(const Weights& w, const Batch& batch, const Objective& objective,
                    const DropoutContext& noise, Scratch& scratch) const;
  // Does the same and adds the gradient of the objective, summed over the columns, to g.
  Output::Loss loss_and_gradient(const Weights& w, const Batch& batch, const Objective& objective,
                                 const DropoutContext& noise, Scratch& scratch,
                                 WeightGradients g) const;

  // Returns whether products with the embeddings of equal words are computed only once (see
  // InputEmbedding). Source and target have the same dropout rate and do not differ in this.
  bool deduplicates_words(const DropoutContext& noise) const {
    return target_->deduplicates(noise);
  }

  // Encodes the sources, for search. The result is in scratch.ws and lives until its scope ends.
  EncoderOutput encode(const Weights& w, const SourceBatch& batch, Scratch& scratch) const;
  // Returns the encoder's self-attention weights for one source (see Encoder::attention).
  std::vector<std::vector<Mat>> source_attention(const Weights& w, Words source,
                                                 Scratch& scratch) const;
  const Decoder& decoder() const { return *decoder_; }
  // Extends each hypothesis by its word (-1 in the first step), and computes the log-probabilities
  // of the next word [vocabulary × columns].
  void step(const Weights& w, std::span<const int> words, DecoderState& state, Workspace& ws,
            Out log_probs) const;

 private:
  // What the backward pass reads of the forward pass.
  struct Pass {
    EncoderOutput memory;
    UniqueColumns embedded;
  };

  // Takes the matrices from the workspace: uninitialized, or zero for gradients.
  EncoderOutput take_memory(const SourceBatch& batch, Fill fill, Workspace& ws) const;
  // Computes the readout, scratch.decoder->readout.
  Pass forward(const Weights& w, const Batch& batch, const DropoutContext& noise,
               Gradients gradients, Scratch& scratch) const;
  void backward(const Weights& w, const Batch& batch, const DropoutContext& noise, In dreadout,
                const Pass& pass, Scratch& scratch, WeightGradients g) const;
  static DecoderInput decoder_input(const Batch& batch, const DropoutContext& noise,
                                    Gradients gradients, const Pass& pass, Scratch& scratch);

  // Returns the loss on the attention weights. With Gradients::compute, sets scratch.dweights.
  double attention_loss(const Batch& batch, const Objective& objective, Gradients gradients,
                        Scratch& scratch) const;
  // Sets scratch.heads and scratch.dheads to views of one sentence.
  void set_heads(const Batch& batch, int sentence, Scratch& scratch) const;
  // Sets scratch.advantages if the attention weights are sampled.
  void compute_advantages(const Batch& batch, double expected_log_prob, Scratch& scratch) const;

  Layout layout_;
  std::unique_ptr<Encoder> encoder_;
  bool encoder_has_self_attention_;
  std::unique_ptr<InputEmbedding> target_;
  Dropout output_dropout_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Output> output_;
  std::vector<SparseTable> sparse_tables_;
};

}  // namespace attn

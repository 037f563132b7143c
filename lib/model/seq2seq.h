// Encoder, decoder and output layer: a translation model. A constant: weights come in, gradients go
// out.
#pragma once

#include <memory>
#include <optional>

#include "model/decoder.h"
#include "model/encoder.h"
#include "nn/embedding.h"
#include "nn/output.h"

namespace attn {

// A table of which a batch's gradient touches only the rows of the batch's words.
struct SparseTable {
  Slot slot;
  std::span<const int> (*words)(const Batch& batch);  // below 0: none
};

// What training pulls a model towards.
struct Objective {
  double smoothing = 0;
  // The baseline of weights that are drawn: ln p that a target word has on average.
  double expected_log_prob = 0;
  double coverage = 0;  // factors of the losses of nn/attention_losses.h
  double guided = 0;

  bool weighs_attention() const { return coverage > 0 || guided > 0; }
};

class Seq2Seq {
 public:
  Seq2Seq(const ModelConfig& config, Index source_vocabulary, Index target_vocabulary);

  const Layout& layout() const { return layout_; }
  Index target_vocabulary() const { return output_->vocabulary(); }
  bool has_alignment() const { return decoder_->attention().heads() > 0; }
  // In the order of their slots.
  std::span<const SparseTable> sparse_tables() const { return sparse_tables_; }
  // Numbers that training holds for each target token, for an estimate of its memory.
  Index numbers_per_token() const;

  // The scratch of one worker, kept from batch to batch.
  struct Scratch {
    explicit Scratch(const Seq2Seq& model) : encoder(model.encoder_->make_saved()) {}
    Workspace ws;
    std::unique_ptr<Encoder::Tape> encoder;
    std::vector<Real> log_probs;   // ln p of each target word, a column each
    std::vector<Real> weights;     // attention, of each head blocks as in TargetBatch::weights
    std::vector<Real> dweights;    // what the objective has to do with them directly
    std::vector<ConstView> heads;  // of one sentence in weights and dweights
    std::vector<View> dheads;
    std::vector<Real> advantages;  // of each target word's column, for weights that are drawn
  };

  // What the given targets cost; fills the scratch's log_probs and weights.
  Output::Loss loss(const Params& w, const Batch& batch, const Objective& objective,
                    const DropoutContext& noise, Scratch& scratch) const;
  // The same, and adds the gradient of the summed objective to g.
  Output::Loss loss_and_gradient(const Params& w, const Batch& batch, const Objective& objective,
                                 const DropoutContext& noise, Scratch& scratch, Params& g) const;

  // Whether products with the embeddings of equal words are made once (InputEmbedding): of source
  // and target alike, which share their rate of dropout.
  bool merges_equal_words(const DropoutContext& noise) const { return target_->merges(noise); }

  // For search: encodes into a memory that lives in ws until the caller's scope ends.
  EncoderOutput encode(const Params& w, const SourceBatch& batch, Scratch& scratch) const;
  // What the words of one source looked at: as Encoder::attention.
  std::vector<std::vector<Mat>> source_attention(const Params& w, Words source,
                                                 Scratch& scratch) const;
  const Decoder& decoder() const { return *decoder_; }
  // One step of every column: tape.prev → tape.state; log-probabilities of all words [V × columns].
  void step(const Params& w, const EncoderOutput& memory, const AttentionStep& reading,
            std::span<const int> words, DecoderSaved& tape, Workspace& ws, Out log_probs) const;

 private:
  struct Pass;  // the numbers of one batch

  EncoderOutput take_memory(const SourceBatch& batch, bool zero, Workspace& ws) const;
  Pass forward(const Params& w, const Batch& batch, const DropoutContext& noise, bool backward,
               Scratch& scratch) const;
  void steps(const Params& w, const Batch& batch, const DropoutContext& noise, Pass& pass,
             Scratch& scratch) const;
  void steps_backward(const Params& w, const Batch& batch, const DropoutContext& noise, Pass& pass,
                      EncoderOutput& dmemory, Out dstart, Scratch& scratch, Params& g) const;
  void backward(const Params& w, const Batch& batch, const DropoutContext& noise, In dreadout,
                Pass& pass, Scratch& scratch, Params& g) const;
  StepContext context(const Batch& batch, const EncoderOutput& memory, const DropoutContext& noise,
                      Scratch& scratch, int t) const;

  // Loss of the attention weights; with their gradient, into scratch.dweights.
  double attention_loss(const Batch& batch, const Objective& objective, bool backward,
                        Scratch& scratch) const;
  void take_heads(const Batch& batch, int sentence, Scratch& scratch) const;
  void count_advantages(const Batch& batch, double expected, Scratch& scratch) const;
  // … for accumulate.
  StepContext all_steps(const Batch& batch, const EncoderOutput& memory,
                        const DropoutContext& noise, Scratch& scratch) const;

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

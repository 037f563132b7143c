#include "model/seq2seq.h"

#include "base/error.h"
#include "base/profile.h"
#include "math/gemm/product.h"
#include "model/model_config.h"
#include "nn/attention/losses.h"

namespace attn {

Seq2Seq::Seq2Seq(const ModelConfig& config, Index source_vocabulary, Index target_vocabulary)
    : encoder_(make_encoder(layout_, config, source_vocabulary)),
      encoder_has_self_attention_(encoders().at(config.encoder.type).has_self_attention),
      target_(std::make_unique<InputEmbedding>(Scope(layout_) / "target", "target.embedding",
                                               target_vocabulary, config.embedding_size,
                                               config.dropout.embedding)),
      output_dropout_("readout", config.dropout.output),
      decoder_(decoders().at(config.decoder.type).make(layout_, config, encoder_->rows())) {
  const Scope at = Scope(layout_) / "output";
  const bool is_tied = tied_embeddings().at(config.tie_embeddings) == TiedEmbeddings::decoder;
  output_ = is_tied ? std::make_unique<Output>(at, target_->table())
                    : std::make_unique<Output>(at, decoder_->readout_rows(), target_vocabulary);
  sparse_tables_.push_back({encoder_->embedding(), [](const Batch& b) { return b.source.ids(); }});
  if (!is_tied)
    sparse_tables_.push_back({target_->table(), [](const Batch& b) { return b.target.inputs(); }});
}

Index Seq2Seq::numbers_per_token() const {
  Index memory = 2 * encoder_->rows().values;
  for (const Attention* attention : decoder_->attentions()) {
    const AttentionRows& rows = attention->rows();
    memory += 2 * (rows.words.keys + rows.words.projected + rows.contents);
  }
  return encoder_->numbers_per_token() + memory + decoder_->numbers_per_token() +
         2 * target_->table().cols;
}

EncoderOutput Seq2Seq::take_memory(const SourceBatch& batch, Fill fill, Workspace& ws) const {
  const EncoderOutputRows rows = encoder_->rows();
  const auto take = [&](Index n, Index columns) {
    return fill == Fill::zero ? ws.zeros(n, columns) : ws.take(n, columns);
  };
  EncoderOutput memory;
  memory.begins = batch.begins();
  memory.values = take(rows.values, batch.packing().columns());
  memory.first = take(rows.first, batch.sources());
  memory.last = take(rows.last, batch.sources());
  memory.segments.begins = batch.segments().begins();
  memory.segments.values = take(rows.segments, batch.segments().begins().back());
  memory.segment_begins = batch.segment_begins();
  return memory;
}

EncoderOutput Seq2Seq::encode(const Weights& w, const SourceBatch& batch, Scratch& scratch) const {
  EncoderOutput memory = take_memory(batch, Fill::none, scratch.ws);
  encoder_->forward(w, batch, DropoutContext{}, *scratch.encoder, memory, scratch.ws);
  return memory;
}

std::vector<std::vector<Mat>> Seq2Seq::source_attention(const Weights& w, Words source,
                                                        Scratch& scratch) const {
  if (!encoder_has_self_attention_) return {};
  scratch.ws.reset();
  SourceBatch batch;
  batch.assign(std::vector<Words>{source}, std::vector<std::uint64_t>{0});
  encode(w, batch, scratch);
  return encoder_->attention(*scratch.encoder);
}

void Seq2Seq::step(const Weights& w, std::span<const int> words, DecoderState& state, Workspace& ws,
                   Out log_probs) const {
  const Timed timed(Stage::decoder);
  const auto scope = ws.scope();
  const MatrixView readout = ws.take(decoder_->readout_rows(), log_probs.cols());
  decoder_->step(w, target_->lookup(w, words, ws), state, readout, ws);
  output_->log_probs(w, readout, log_probs);
}

DecoderInput Seq2Seq::decoder_input(const Batch& batch, const DropoutContext& noise,
                                    Gradients gradients, const Pass& pass, Scratch& scratch) {
  return {.target = batch.target,
          .embedded = pass.embedded,
          .memory = pass.memory,
          .noise = noise,
          .gradients = gradients,
          .weights = scratch.weights.data(),
          .dweights = scratch.dweights.empty() ? nullptr : scratch.dweights.data(),
          .advantages = scratch.advantages};
}

Seq2Seq::Pass Seq2Seq::forward(const Weights& w, const Batch& batch, const DropoutContext& noise,
                               Gradients gradients, Scratch& scratch) const {
  Workspace& ws = scratch.ws;
  resize(scratch.weights, decoder_->attention().heads() * batch.target.weight_begins().back());
  resize(scratch.log_probs, batch.target.packing().columns());
  scratch.advantages.clear();
  scratch.dweights.clear();
  Pass pass{take_memory(batch.source, Fill::none, ws),
            target_->forward(w, batch.target.input_columns(), noise, ws)};
  encoder_->forward(w, batch.source, noise, *scratch.encoder, pass.memory, ws);
  decoder_->forward(w, decoder_input(batch, noise, gradients, pass, scratch), *scratch.decoder, ws);
  output_dropout_.apply(noise, batch.target.example_ids(), scratch.decoder->readout);
  return pass;
}

void Seq2Seq::backward(const Weights& w, const Batch& batch, const DropoutContext& noise,
                       In dreadout, const Pass& pass, Scratch& scratch, WeightGradients g) const {
  Workspace& ws = scratch.ws;
  EncoderOutput dmemory = take_memory(batch.source, Fill::zero, ws);
  const MatrixView dembedded = ws.zeros(pass.embedded.values.rows(), pass.embedded.values.cols());
  decoder_->backward(w, decoder_input(batch, noise, Gradients::compute, pass, scratch), dreadout,
                     *scratch.decoder, {dmemory, dembedded}, g, ws);
  target_->backward(batch.target.input_columns(), noise, dembedded, g);
  encoder_->backward(w, batch.source, noise, *scratch.encoder, dmemory, g, ws);
}

Output::Loss Seq2Seq::loss(const Weights& w, const Batch& batch, const Objective& objective,
                           const DropoutContext& noise, Scratch& scratch) const {
  const Timed timed(Stage::decoder);
  scratch.ws.reset();
  forward(w, batch, noise, Gradients::skip, scratch);
  auto loss = output_->loss(w, scratch.decoder->readout, batch.target.words(), objective.smoothing,
                            scratch.log_probs, scratch.ws);
  loss.objective += attention_loss(batch, objective, Gradients::skip, scratch);
  return loss;
}

double Seq2Seq::attention_loss(const Batch& batch, const Objective& objective, Gradients gradients,
                               Scratch& scratch) const {
  if (!objective.has_attention_loss()) return 0;
  const bool backward = gradients == Gradients::compute;
  if (backward) scratch.dweights.assign(scratch.weights.size(), 0);
  double coverage = 0, guided = 0;
  for (int b = 0; b < batch.target.packing().sequences(); ++b) {
    set_heads(batch, b, scratch);
    if (objective.coverage > 0)
      for (std::size_t head = 0; head < scratch.heads.size(); ++head)
        coverage += coverage_loss(scratch.heads[head], objective.coverage,
                                  backward ? &scratch.dheads[head] : nullptr, scratch.ws);
    if (objective.guided > 0 && !batch.links.empty())
      guided +=
          guided_loss(scratch.heads, IndexSpan(batch.links)[b], objective.guided, scratch.dheads);
  }
  return objective.coverage * coverage + objective.guided * guided;
}

void Seq2Seq::set_heads(const Batch& batch, int sentence, Scratch& scratch) const {
  const IndexSpan begins(batch.source.begins());
  const Index words = begins[sentence + 1] - begins[sentence];
  const Index steps = batch.target.packing().length(sentence);
  scratch.heads.clear(), scratch.dheads.clear();
  for (int head = 0; head < decoder_->attention().heads(); ++head) {
    const Index at = batch.target.weight_begin(sentence, head);
    scratch.heads.emplace_back(scratch.weights.data() + at, words, steps);
    if (!scratch.dweights.empty())
      scratch.dheads.emplace_back(scratch.dweights.data() + at, words, steps);
  }
}

// The advantage of a column is the log-probability of the rest of its target, from the column's
// word on, minus that of an average target: the reward minus the baseline (Xu et al. 2015, 4.1;
// Williams 1992).
void Seq2Seq::compute_advantages(const Batch& batch, double expected_log_prob,
                                 Scratch& scratch) const {
  if (!decoder_->attention().is_stochastic()) return;
  const Packing& p = batch.target.packing();
  scratch.advantages.resize(scratch.log_probs.size());
  for (int b = 0; b < p.sequences(); ++b) {
    Real sum = 0;
    for (int t = p.length(b) - 1; t >= 0; --t) {
      const auto column = static_cast<std::size_t>(p.column(b, t));
      sum += scratch.log_probs[column] - static_cast<Real>(expected_log_prob);
      scratch.advantages[column] = sum;
    }
  }
}

Output::Loss Seq2Seq::loss_and_gradient(const Weights& w, const Batch& batch,
                                        const Objective& objective, const DropoutContext& noise,
                                        Scratch& scratch, WeightGradients g) const {
  const Timed timed(Stage::decoder);
  scratch.ws.reset();
  const Pass pass = forward(w, batch, noise, Gradients::compute, scratch);
  const MatrixView readout = scratch.decoder->readout;
  MatrixView dreadout = scratch.ws.zeros(readout.rows(), readout.cols());
  auto loss = output_->loss_and_gradient(w, readout, batch.target.words(), objective.smoothing,
                                         scratch.log_probs, g, dreadout, scratch.ws);
  loss.objective += attention_loss(batch, objective, Gradients::compute, scratch);
  compute_advantages(batch, objective.expected_log_prob, scratch);
  output_dropout_.apply(noise, batch.target.example_ids(), dreadout);
  backward(w, batch, noise, dreadout, pass, scratch, g);
  return loss;
}

}  // namespace attn

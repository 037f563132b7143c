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
      decoder_(decoders().at(config.decoder.type)(layout_, config, encoder_->rows())) {
  const Scope at = Scope(layout_) / "output";
  const bool is_tied = tied_embeddings().at(config.tie_embeddings) == TiedEmbeddings::decoder;
  output_ = is_tied ? std::make_unique<Output>(at, target_->table())
                    : std::make_unique<Output>(at, decoder_->rows().readout, target_vocabulary);
  sparse_tables_.push_back({encoder_->embedding(), [](const Batch& b) { return b.source.ids(); }});
  if (!is_tied)
    sparse_tables_.push_back({target_->table(), [](const Batch& b) { return b.target.inputs(); }});
}

Index Seq2Seq::numbers_per_token() const {
  const DecoderRows& r = decoder_->rows();
  const AttentionRows& a = decoder_->attention().rows();
  const Index memory =
      2 * (encoder_->rows().values + a.words.keys + a.words.projected + a.contents);
  const Index decoder = 4 * r.state + r.gates + r.cells + 2 * r.inputs + r.output + r.attention +
                        2 * r.context + r.inner + 2 * r.readout;
  return encoder_->numbers_per_token() + memory + decoder + 2 * target_->table().cols;
}

struct Seq2Seq::Pass {
  EncoderOutput memory;
  UniqueColumns embedded;
  MatrixView start;
  DecoderSaved saved;
};

EncoderOutput Seq2Seq::take_memory(const SourceBatch& batch, Fill fill, Workspace& ws) const {
  const Index tokens = batch.packing().columns();
  const EncoderOutputRows rows = encoder_->rows();
  const auto take = [&](Index n, Index columns) {
    return fill == Fill::zero ? ws.zeros(n, columns) : ws.take(n, columns);
  };
  const AttentionRows& a = decoder_->attention().rows();
  const auto level = [&](std::span<const Index> begins, Index values, const LevelRows& level_rows) {
    return EncoderLevel{begins, take(values, begins.back()), take(level_rows.keys, begins.back()),
                        take(level_rows.projected, begins.back())};
  };
  return {level(batch.begins(), rows.values, a.words),
          take(a.contents, tokens),
          take(rows.first, batch.sources()),
          take(rows.last, batch.sources()),
          level(batch.segments().begins(), rows.segments, a.segments),
          batch.segment_begins()};
}

EncoderOutput Seq2Seq::encode(const Weights& w, const SourceBatch& batch, Scratch& scratch) const {
  EncoderOutput memory = take_memory(batch, Fill::none, scratch.ws);
  encoder_->forward(w, batch, DropoutContext{}, *scratch.encoder, memory, scratch.ws);
  decoder_->attention().prepare(w, memory);
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

void Seq2Seq::step(const Weights& w, const EncoderOutput& memory, const AttentionColumns& step,
                   std::span<const int> words, DecoderSaved& saved, Workspace& ws,
                   Out log_probs) const {
  const Timed timed(Stage::decoder);
  const auto scope = ws.scope();
  const UniqueColumns embedded = target_->lookup(w, words, ws);
  decoder_->project(w, embedded, saved, ws);
  decoder_->step(w, {memory, step}, saved);
  decoder_->readout(w, embedded, saved, ws);
  output_->log_probs(w, saved.readout, log_probs);
}

StepContext Seq2Seq::context(const Batch& batch, const EncoderOutput& memory,
                             const DropoutContext& noise, Scratch& scratch, int t) const {
  const auto& target = batch.target;
  const auto begin = static_cast<std::size_t>(target.packing().begin(t));
  const auto width = static_cast<std::size_t>(target.packing().width(t));
  AttentionColumns step{target.sources().first(width),
                        scratch.weights.data(),
                        target.weight_begins(),
                        target.weight_begins().back(),
                        t,
                        t,
                        noise,
                        target.example_ids().subspan(begin, width)};
  if (!scratch.dweights.empty()) step.dweights = scratch.dweights.data();
  if (!scratch.advantages.empty())
    step.advantages = std::span(scratch.advantages).subspan(begin, width);
  return {memory, step};
}

StepContext Seq2Seq::all_steps(const Batch& batch, const EncoderOutput& memory,
                               const DropoutContext& noise, Scratch& scratch) const {
  StepContext context = this->context(batch, memory, noise, scratch, 0);
  context.step.example_ids = batch.target.example_ids();
  return context;
}

Seq2Seq::Pass Seq2Seq::forward(const Weights& w, const Batch& batch, const DropoutContext& noise,
                               Gradients gradients, Scratch& scratch) const {
  const Packing& p = batch.target.packing();
  Workspace& ws = scratch.ws;
  const Attention& attention = decoder_->attention();
  scratch.weights.resize(
      static_cast<std::size_t>(attention.heads() * batch.target.weight_begins().back()));
  scratch.log_probs.resize(static_cast<std::size_t>(p.columns()));
  scratch.advantages.clear();
  scratch.dweights.clear();
  const Index attention_state_rows = attention.attention_state_rows(batch.source.packing().steps());
  Pass pass{take_memory(batch.source, Fill::none, ws),
            target_->forward(w, batch.target.input_columns(), noise, ws),
            ws.take(decoder_->rows().state + attention_state_rows, p.sequences()),
            DecoderSaved(decoder_->rows(), attention_state_rows, p.columns(), gradients, ws)};

  encoder_->forward(w, batch.source, noise, *scratch.encoder, pass.memory, ws);
  attention.prepare(w, pass.memory);

  decoder_->project(w, pass.embedded, pass.saved, ws);
  decoder_->start(w, pass.memory, pass.start);
  steps(w, batch, noise, pass, scratch);
  decoder_->readout(w, pass.embedded, pass.saved, ws);
  output_dropout_.apply(noise, batch.target.example_ids(), pass.saved.readout);
  return pass;
}

void Seq2Seq::steps(const Weights& w, const Batch& batch, const DropoutContext& noise, Pass& pass,
                    Scratch& scratch) const {
  const Packing& p = batch.target.packing();
  for (int t = 0; t < p.steps(); ++t) {
    DecoderSaved saved = pass.saved.columns(p.begin(t), p.width(t));
    copy(t == 0 ? pass.start : pass.saved.state.columns(p.begin(t - 1), p.width(t)), saved.prev);
    decoder_->step(w, context(batch, pass.memory, noise, scratch, t), saved);
  }
}

void Seq2Seq::steps_backward(const Weights& w, const Batch& batch, const DropoutContext& noise,
                             Pass& pass, EncoderOutput& dmemory, Out dstart, Scratch& scratch,
                             WeightGradients g) const {
  const Packing& p = batch.target.packing();
  for (int t = p.steps() - 1; t >= 0; --t) {
    DecoderSaved saved = pass.saved.columns(p.begin(t), p.width(t));
    decoder_->step_backward(w, context(batch, pass.memory, noise, scratch, t), saved, g, dmemory,
                            scratch.ws);
    if (t > 0)
      add(saved.dprev, pass.saved.dstate.columns(p.begin(t - 1), p.width(t)));
    else
      copy(saved.dprev, dstart);
  }
}

void Seq2Seq::backward(const Weights& w, const Batch& batch, const DropoutContext& noise,
                       In dreadout, Pass& pass, Scratch& scratch, WeightGradients g) const {
  const Packing& p = batch.target.packing();
  Workspace& ws = scratch.ws;
  EncoderOutput dmemory = take_memory(batch.source, Fill::zero, ws);
  MatrixView dembedded = ws.zeros(pass.embedded.values.rows(), pass.embedded.values.cols());
  MatrixView dstart = ws.take(pass.start.rows(), pass.start.cols());

  decoder_->readout_backward(w, dreadout, pass.saved, ws);
  steps_backward(w, batch, noise, pass, dmemory, dstart, scratch, g);
  decoder_->accumulate(w, all_steps(batch, pass.memory, noise, scratch), p, pass.embedded,
                       pass.saved, g, dmemory, dembedded, ws);
  decoder_->start_backward(w, pass.memory, pass.start, dstart, g, dmemory);
  target_->backward(batch.target.input_columns(), noise, dembedded, g);
  encoder_->backward(w, batch.source, noise, *scratch.encoder, dmemory, g, ws);
}

Output::Loss Seq2Seq::loss(const Weights& w, const Batch& batch, const Objective& objective,
                           const DropoutContext& noise, Scratch& scratch) const {
  const Timed timed(Stage::decoder);
  scratch.ws.reset();
  const Pass pass = forward(w, batch, noise, Gradients::skip, scratch);
  auto loss = output_->loss(w, pass.saved.readout, batch.target.words(), objective.smoothing,
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
      guided += guided_loss(scratch.heads, batch.links[static_cast<std::size_t>(b)],
                            objective.guided, scratch.dheads);
  }
  return objective.coverage * coverage + objective.guided * guided;
}

void Seq2Seq::set_heads(const Batch& batch, int sentence, Scratch& scratch) const {
  const Index words = batch.source.begins()[static_cast<std::size_t>(sentence) + 1] -
                      batch.source.begins()[static_cast<std::size_t>(sentence)];
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
  Pass pass = forward(w, batch, noise, Gradients::compute, scratch);
  MatrixView dreadout = scratch.ws.zeros(pass.saved.readout.rows(), pass.saved.readout.cols());
  auto loss =
      output_->loss_and_gradient(w, pass.saved.readout, batch.target.words(), objective.smoothing,
                                 scratch.log_probs, g, dreadout, scratch.ws);
  loss.objective += attention_loss(batch, objective, Gradients::compute, scratch);
  compute_advantages(batch, objective.expected_log_prob, scratch);
  output_dropout_.apply(noise, batch.target.example_ids(), dreadout);
  backward(w, batch, noise, dreadout, pass, scratch, g);
  return loss;
}

}  // namespace attn

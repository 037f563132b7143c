#include "model/model_config.h"

#include "base/error.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/transformer_layers.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/cell.h"
#include "nn/init.h"
#include "nn/positional_encoding.h"
#include "nn/readout.h"

namespace attn {

// Options.

const Registry<ReadoutInput>& readout_inputs() {
  static const Registry<ReadoutInput> table = {
      {"previous", "state of the previous step, as in appendix A.2.2", ReadoutInput::previous},
      {"current", "state of the current step, as in section 3.1", ReadoutInput::current},
  };
  return table;
}

const Registry<TiedEmbeddings>& tied_embeddings() {
  static const Registry<TiedEmbeddings> table = {
      {"none", "separate matrices", TiedEmbeddings::none},
      {"decoder",
       "the output layer uses the target embedding (Press and Wolf 2017); "
       "model.decoder.readout_size must equal model.embedding_size",
       TiedEmbeddings::decoder},
  };
  return table;
}

void EncoderConfig::fields(Fields<EncoderConfig>& field) {
  using C = EncoderConfig;
  const std::string type = "model.encoder.type", encoding = "model.encoder.positional_encoding";
  const Condition has_self_attention = when_not(type, {"recurrent"});
  field("type", &C::type, one_of(encoders().choices()), "encoder architecture",
        FormerValue{"self_attention", "transformer"},
        FormerValue{"recurrent_self_attention", "recurrent_transformer"});
  field("layers", &C::layers, between(1, 64),
        "number of layers: bidirectional recurrent layers, or Transformer layers");
  field("recurrent_layers", &C::recurrent_layers, between(1, 64),
        "number of bidirectional recurrent layers below the Transformer layers",
        when(type, {"recurrent_transformer"}));
  field("heads", &C::heads, between(1, 256),
        "self-attention heads; must divide 2 · model.hidden_size, the size of the encoder states",
        has_self_attention);
  field("feed_forward_size", &C::feed_forward_size, between(1, 65536),
        "hidden size of the feed-forward network (ReLU) of each Transformer layer",
        has_self_attention);
  field("norm", &C::norm, one_of(norms().choices()),
        "position of layer normalization in Transformer layers", has_self_attention,
        FormerName{"normalisation"});
  field("positional_encoding", &C::positional_encoding, one_of(positional_encodings().choices()),
        "how self-attention learns the order of the words", when(type, {"transformer"}),
        FormerName{"positions"});
  field("max_positions", &C::max_positions, between(1, 65536),
        "number of learned position vectors; later words share the last one",
        when(encoding, {"learned"}));
  field("max_relative_position", &C::max_relative_position, between(1, 65536),
        "largest distance between two words that has its own vector (k); larger distances are "
        "clipped",
        when(encoding, {"relative"}), FormerName{"relative_distance"});
  field("hierarchical", &C::hierarchical, any(),
        "document model: source lines are sequences of sentences, separated by "
        "data.sentence_separator, and attention has a word level and a sentence level (after "
        "Nallapati et al. 2016)");
}

void DecoderConfig::fields(Fields<DecoderConfig>& field) {
  using C = DecoderConfig;
  const std::string type = "model.decoder.type";
  field("type", &C::type, one_of(decoders().choices()), "decoder architecture");
  field("layers", &C::layers, between(1, 64),
        "number of recurrent layers; the top layer queries attention, the first layer receives the "
        "context");
  field("readout", &C::readout, one_of(activations().choices()),
        "nonlinearity between decoder state and output layer",
        when(type, {"bahdanau", "conditional"}));
  field("readout_size", &C::readout_size, between(1, 65536),
        "size of the readout (l), after maxout; for luong, size of the attentional vector");
  field("readout_input", &C::readout_input, one_of(readout_inputs().choices()),
        "decoder state that the readout reads", when(type, {"bahdanau"}),
        FormerName{"readout_state"});
  field("input_feeding", &C::input_feeding, any(),
        "feed the attentional vector into the next step (Luong et al. 2015, 3.3)",
        when(type, {"luong"}));
  field("alignment_layer", &C::alignment_layer, between(0, 64),
        "attention layer whose weights are exported as the alignment, counted from 1; 0: the last "
        "one; a recurrent decoder has one attention layer",
        when_not("model.attention.score", {"none"}));
}

namespace {

// Returns the names of the scores that take coverage.
std::vector<std::string> scores_with_coverage() {
  std::vector<std::string> names;
  for (const auto& score : attention_scores())
    if (score.value.takes_coverage) names.push_back(score.name);
  return names;
}

}  // namespace

void AttentionConfig::fields(Fields<AttentionConfig>& field) {
  using C = AttentionConfig;
  const std::string score = "model.attention.score", normalizer = "model.attention.normalizer",
                    window = "model.attention.window";
  const Condition attends = when_not(score, {"none"});
  field("score", &C::score, one_of(attention_scores().choices()),
        "function that compares the decoder state (query) with a source word (key)");
  field("hidden_size", &C::hidden_size, between(0, 65536),
        "hidden size of the score (n'), of all heads together, and of the network that predicts "
        "the center of a local_p window; 0: model.hidden_size, or no projection for scores that "
        "compare query and key directly",
        attends, FormerName{"size"});
  field("weight_norm", &C::weight_norm, any(),
        "use g v/‖v‖ in place of v, and a bias (Salimans and Kingma 2016)",
        when(score, {"additive"}), FormerName{"normed"});
  field("coverage", &C::coverage, any(),
        "the score also reads the sum of the word's past attention weights (Tu et al. 2016)",
        when(score, scores_with_coverage()));
  field("max_positions", &C::max_positions, between(2, 65536),
        "number of source positions that can be attended to; later words get weight 0",
        when(score, {"location"}), FormerName{"positions"});
  field("heads", &C::heads, between(1, 256),
        "attention heads, each with its own projections (Vaswani et al. 2017)", attends);
  field("normalizer", &C::normalizer, one_of(normalizers().choices()),
        "function from scores to attention weights", attends, FormerName{"weights"});
  field("temperature", &C::temperature, above(0), "divisor of the scores before the normalizer",
        attends);
  field("top_k", &C::top_k, at_least(2), "number of source words that keep their weight",
        when(normalizer, {"top_k"}));
  field("threshold", &C::threshold, above(0) && below(1),
        "smallest weight that is kept, as a fraction of the largest",
        when(normalizer, {"threshold"}));
  field("window", &C::window, one_of(attention_windows().choices()),
        "source words that a step attends to", attends, FormerValue{"monotonic", "local_m"},
        FormerValue{"predictive", "local_p"},
        FormerValue{"coverage", "", "set model.attention.coverage to true"});
  field("window_width", &C::window_width, at_least(1),
        "words on each side of the window's center (D)", when(window, {"local_m", "local_p"}));
}

void DropoutConfig::fields(Fields<DropoutConfig>& field) {
  using C = DropoutConfig;
  const Check probability = at_least(0) && below(1);
  const std::string encoder = "model.encoder.type", score = "model.attention.score";
  field("embedding", &C::embedding, probability, "dropout of the embeddings");
  field("layer", &C::layer, probability,
        "dropout of the input of every recurrent layer after the first, and of the output of each "
        "Transformer sublayer",
        when_not(encoder, {"recurrent"}) || when_not("model.encoder.layers", {"1"}) ||
            when_not("model.decoder.layers", {"1"}));
  field("memory", &C::memory, probability,
        "dropout of the encoder states, before decoder and attention read them");
  field("attention", &C::attention, probability,
        "dropout of the attention weights, of decoder and encoder; the stochastic normalizer "
        "\"hard\" is exempt",
        when_not(score, {"none"}) || when_not(encoder, {"recurrent"}));
  field("output", &C::output, probability, "dropout of the readout, before the output layer");
}

void ModelConfig::fields(Fields<ModelConfig>& field) {
  using C = ModelConfig;
  field("cell", &C::cell, one_of(cells().choices()), "recurrent cell of encoder and decoder",
        FormerValue{"gru_paper", "gru_reset_before"});
  field("layer_norm", &C::layer_norm, any(),
        "layer normalization of the pre-activations of each gate (Ba et al. 2016, eq. 4)",
        FormerName{"layer_normalisation"});
  field("embedding_size", &C::embedding_size, between(1, 65536),
        "size of source and target embeddings (m)");
  field("hidden_size", &C::hidden_size, between(1, 65536),
        "size of a recurrent state (n): of the decoder and of each direction of the encoder; "
        "encoder states have twice this size");
  field("encoder", &C::encoder);
  field("decoder", &C::decoder);
  field("attention", &C::attention);
  field("residual", &C::residual, any(),
        "residual connections around recurrent layers, from the second layer on",
        (when("model.encoder.type", {"recurrent"}) && when_not("model.encoder.layers", {"1"})) ||
            when_not("model.encoder.recurrent_layers", {"1"}) ||
            when_not("model.decoder.layers", {"1"}));
  field("tie_embeddings", &C::tie_embeddings, one_of(tied_embeddings().choices()),
        "shared embedding matrices", FormerValue{"true", "decoder"}, FormerValue{"false", "none"});
  field("dropout", &C::dropout);
  field("init", &C::init, one_of(init_schemes().choices()), "initialization of the parameters");
}

// Rules.

void resolve(ModelConfig& model) {
  AttentionConfig& attention = model.attention;
  if (attention.hidden_size == 0 &&
      (attention.heads > 1 || attention_scores().at(attention.score).has_hidden_layer))
    attention.hidden_size = model.hidden_size;
}

AttentionSpan attention_span(const AttentionConfig& attention, int longest,
                             const std::string& option) {
  AttentionSpan span = {longest, option};
  const auto narrow = [&](int words, const std::string& by) {
    if (words < span.words) span = {words, by};
  };
  if (attention_windows().at(attention.window).is_local)
    narrow(2 * attention.window_width + 1, "model.attention.window_width");
  if (!attention_scores().at(attention.score).uses_content)
    narrow(attention.max_positions, "model.attention.max_positions");
  return span;
}

namespace {

std::string name_of_score(const ModelConfig& model) {
  return "model.attention.score \"" + model.attention.score + "\"";
}

void validate_encoder(const ModelConfig& model, const std::string& where) {
  const int states = 2 * model.hidden_size;
  if (encoders().at(model.encoder.type).has_self_attention && states % model.encoder.heads != 0)
    fail(where, "2 · model.hidden_size (" + std::to_string(states) +
                    ") must be a multiple of model.encoder.heads (" +
                    std::to_string(model.encoder.heads) + ")");
}

void validate_alignment_layer(const DecoderConfig& decoder, const std::string& where) {
  const int layers = decoders().at(decoder.type).attention_layers(decoder);
  if (decoder.alignment_layer > layers)
    fail(where, "model.decoder.alignment_layer: must be at most " + std::to_string(layers) +
                    ", the number of attention layers of model.decoder.type \"" + decoder.type +
                    "\", got " + std::to_string(decoder.alignment_layer));
}

void validate_embeddings(const ModelConfig& model, const std::string& where) {
  if (tied_embeddings().at(model.tie_embeddings) == TiedEmbeddings::decoder &&
      model.decoder.readout_size != model.embedding_size)
    fail(where, "model.tie_embeddings \"decoder\" requires model.decoder.readout_size (" +
                    std::to_string(model.decoder.readout_size) +
                    ") to equal model.embedding_size (" + std::to_string(model.embedding_size) +
                    ")");
}

// Returns whether anything in the attention has the size model.attention.hidden_size.
bool uses_hidden_size(const AttentionConfig& attention) {
  const auto& score = attention_scores().at(attention.score);
  return attention.heads > 1 || score.has_hidden_layer || score.same_size ||
         attention_windows().at(attention.window).has_hidden_layer;
}

void validate_hidden_size(const ModelConfig& model, const std::string& where) {
  const AttentionConfig& attention = model.attention;
  const auto& score = attention_scores().at(attention.score);
  const int states = static_cast<int>(encoders().at(model.encoder.type).rows(model).values);
  if (score.same_size && attention.hidden_size == 0 && states != model.hidden_size)
    fail(where, name_of_score(model) +
                    " requires query and key of the same size, but the decoder state has " +
                    std::to_string(model.hidden_size) + " numbers and an encoder state " +
                    std::to_string(states) +
                    "; set model.attention.hidden_size, the size to which both are projected");
  if (!uses_hidden_size(attention) && attention.hidden_size > 0)
    fail(where, "model.attention.hidden_size does not apply to " + name_of_score(model) +
                    " with one head; remove it");
  if (attention.heads > 1 && attention.hidden_size % attention.heads != 0)
    fail(where, "model.attention.hidden_size (" + std::to_string(attention.hidden_size) +
                    ") must be a multiple of model.attention.heads (" +
                    std::to_string(attention.heads) + ")");
  const int compared =
      attention.hidden_size > 0 ? attention.hidden_size / attention.heads : model.hidden_size;
  if (score.scale_free && compared < 2)
    fail(where, name_of_score(model) +
                    " compares directions and needs vectors of at least two numbers; set "
                    "model.attention.hidden_size to at least 2 for each head");
}

void validate_attention(const ModelConfig& model, const std::string& where) {
  const AttentionConfig& attention = model.attention;
  const auto& score = attention_scores().at(attention.score);
  if (!score.make && encoders().at(model.encoder.type).rows(model).last == 0)
    fail(where, name_of_score(model) +
                    " uses the last forward state of a recurrent encoder, which "
                    "model.encoder.type \"" +
                    model.encoder.type +
                    "\" does not have; use another score or the encoder \"recurrent\"");
  validate_hidden_size(model, where);
  if (!score.uses_content && attention_windows().at(attention.window).is_local)
    fail(where, name_of_score(model) +
                    " attends to the first positions of a sentence only; use "
                    "model.attention.window \"global\"");
}

void validate_document_model(const ModelConfig& model, const std::string& where) {
  if (!model.encoder.hierarchical) return;
  const AttentionConfig& attention = model.attention;
  const auto& score = attention_scores().at(attention.score);
  const std::string conflict = " cannot be combined with model.encoder.hierarchical: ";
  if (!score.make || !score.uses_content)
    fail(where, name_of_score(model) + conflict +
                    (!score.make ? "there is no attention to divide into levels"
                                 : "it depends on positions alone and does not read the words") +
                    "; use another score");
  if (attention.window != "global")
    fail(where, "model.attention.window \"" + attention.window + "\"" + conflict +
                    "it counts words across sentences; use \"global\"");
  if (attention.coverage) fail(where, "model.attention.coverage" + conflict + "set it to false");
  if (normalizers().at(attention.normalizer).stochastic)
    fail(where, "model.attention.normalizer \"" + attention.normalizer + "\"" + conflict +
                    "it would sample a word of every sentence; use another normalizer");
}

}  // namespace

void validate(const ModelConfig& model, const std::string& where) {
  validate_embeddings(model, where);
  validate_alignment_layer(model.decoder, where);
  validate_encoder(model, where);
  validate_attention(model, where);
  validate_document_model(model, where);
}

}  // namespace attn

// The options of the model. Letters in brackets: Bahdanau et al. 2015, appendix A.
#pragma once

#include <string>

#include "base/fields.h"
#include "model/choices.h"
#include "nn/choices.h"

namespace attn {

struct EncoderConfig {
  std::string type = "recurrent";
  int layers = 1;
  int recurrent_layers = 1;
  int heads = 4;
  int feed_forward_size = 1024;
  std::string normalisation = "pre";
  std::string positions = "sinusoidal";
  int max_positions = 256;
  int relative_distance = 16;
  bool hierarchical = false;

  static void fields(auto&& field) {
    using C = EncoderConfig;
    const std::string type = "model.encoder.type";
    const Condition attends = when_not(type, {"recurrent"});
    field("type", &C::type, one_of(encoder_choices()), "what reads the source");
    field("layers", &C::layers, between(1, 64),
          "layers: recurrent ones, each in both directions; with self-attention, those of "
          "self-attention");
    field("recurrent_layers", &C::recurrent_layers, between(1, 64),
          "recurrent layers, each in both directions, below those of self-attention",
          when(type, {"recurrent_self_attention"}));
    field("heads", &C::heads, between(1, 256),
          "heads of self-attention; 2 · model.hidden_size, the size of h_j, must be a multiple",
          attends);
    field("feed_forward_size", &C::feed_forward_size, between(1, 65536),
          "size of the hidden layer (relu) of each layer's feed-forward network", attends);
    field("normalisation", &C::normalisation, one_of(normalisation_choices()),
          "where layers of self-attention are normalised", attends);
    position_fields(field);
    field("hierarchical", &C::hierarchical, any(),
          "documents: sources of several sentences, parted by data.sentence_separator, of which "
          "attention weighs the words of each and the sentences (after Nallapati et al. 2016)");
  }

 private:
  static void position_fields(auto&& field) {
    using C = EncoderConfig;
    const std::string positions = "model.encoder.positions";
    field("positions", &C::positions, one_of(position_choices()),
          "how self-attention learns where a word stands",
          when("model.encoder.type", {"self_attention"}));
    field("max_positions", &C::max_positions, between(1, 65536),
          "places that are learned; words further on have the last", when(positions, {"learned"}));
    field("relative_distance", &C::relative_distance, between(1, 65536),
          "words to either side whose distance is told; those further away count as there (k)",
          when(positions, {"relative"}));
  }
};

struct DecoderConfig {
  std::string type = "bahdanau";
  int layers = 1;
  std::string readout = "maxout";
  int readout_size = 256;
  std::string readout_state = "previous";
  bool input_feeding = true;

  static void fields(auto&& field) {
    using C = DecoderConfig;
    field("type", &C::type, one_of(decoder_choices()), "what writes the target");
    field("layers", &C::layers, between(1, 64),
          "layers; the top one asks, the first is told the context");
    const std::string type = "model.decoder.type";
    field("readout", &C::readout, one_of(readout_choices()),
          "nonlinearity between state and output", when(type, {"bahdanau", "conditional"}));
    field("readout_size", &C::readout_size, between(1, 65536),
          "size of the readout (l), after the maxout; of the attentional vector of luong");
    field("readout_state", &C::readout_state,
          one_of({{"previous", "s of the step before, as in appendix A.2.2"},
                  {"current", "s of this step, as in section 3.1"}}),
          "the state that the readout sees", when(type, {"bahdanau"}));
    field("input_feeding", &C::input_feeding, any(),
          "the next step is told the attentional vector (Luong et al. 2015, 3.3)",
          when(type, {"luong"}));
  }
};

struct AttentionConfig {
  std::string score = "additive";
  int size = 0;
  bool normed = false;
  int positions = 60;
  int heads = 1;
  std::string weights = "softmax";
  double temperature = 1;
  int top_k = 4;
  double threshold = 0.1;
  std::string window = "global";
  int window_width = 5;

  static void fields(auto&& field) {
    using C = AttentionConfig;
    const std::string score = "model.attention.score", weights = "model.attention.weights",
                      window = "model.attention.window";
    const Condition any_score = when_not(score, {"none"});
    field("score", &C::score, one_of(score_choices()),
          "how a state and a source word are compared");
    field("size", &C::size, between(0, 65536),
          "size of the comparison (n'), of all heads together, and of the network that predicts a "
          "window's place; 0: as model.hidden_size, or for scores that compare state and word as "
          "they are: no projection",
          any_score);
    field("normed", &C::normed, any(),
          "g v/‖v‖ in place of v, and a bias (Salimans and Kingma 2016)",
          when(score, {"additive"}));
    field("positions", &C::positions, between(2, 65536),
          "words that can have a weight; those behind get none", when(score, {"location"}));
    field("heads", &C::heads, between(1, 256),
          "attentions side by side, each in a projection of its own (Vaswani et al. 2017)",
          any_score);
    field("weights", &C::weights, one_of(weighting_choices()), "how energies become weights",
          any_score);
    field("temperature", &C::temperature, above(0), "what the energies are divided by", any_score);
    field("top_k", &C::top_k, at_least(2), "words that keep their weight",
          when(weights, {"top_k"}));
    field("threshold", &C::threshold, above(0) && below(1),
          "part of the largest weight that a word must have to keep its own",
          when(weights, {"threshold"}));
    field("window", &C::window, one_of(window_choices()), "where a step looks", any_score);
    field("window_width", &C::window_width, at_least(1), "words to either side (D)",
          when(window, {"monotonic", "predictive"}));
  }
};

// Probabilities with which a number is dropped.
struct DropoutConfig {
  double embedding = 0, layer = 0, memory = 0, attention = 0, output = 0;

  static void fields(auto&& field) {
    using C = DropoutConfig;
    const Check probability = at_least(0) && below(1);
    field("embedding", &C::embedding, probability, "dropout of the embeddings");
    const std::string encoder = "model.encoder.type", score = "model.attention.score";
    field("layer", &C::layer, probability,
          "dropout of the input of every recurrent layer after the first, and of what each part of "
          "a layer of self-attention adds",
          when_not(encoder, {"recurrent"}) || when_not("model.encoder.layers", {"1"}) ||
              when_not("model.decoder.layers", {"1"}));
    field("memory", &C::memory, probability,
          "dropout of the encoder's states, as decoder and attention see them");
    field("attention", &C::attention, probability,
          "dropout of the attention weights, but for those that are drawn (weights \"hard\"), and "
          "of those of self-attention",
          when_not(score, {"none"}) || when_not(encoder, {"recurrent"}));
    field("output", &C::output, probability, "dropout of the readout, before the output product");
  }
};

struct ModelConfig {
  std::string cell = "gru";
  bool layer_normalisation = false;
  int embedding_size = 256;
  int hidden_size = 256;
  EncoderConfig encoder;
  DecoderConfig decoder;
  AttentionConfig attention;
  bool residual = false;
  bool tie_embeddings = false;
  DropoutConfig dropout;
  std::string init = "xavier";

  static void fields(auto&& field) {
    using C = ModelConfig;
    field("cell", &C::cell, one_of(cell_choices()), "recurrent unit of encoder and decoder");
    field("layer_normalisation", &C::layer_normalisation, any(),
          "normalise the sums that enter its gates, each gate by itself (Ba et al. 2016, eq. 4)");
    field("embedding_size", &C::embedding_size, between(1, 65536),
          "size of a word's embedding (m), on both sides");
    field(
        "hidden_size", &C::hidden_size, between(1, 65536),
        "size of a state (n): of each direction of the encoder, half of any encoder's h_j, and of "
        "the decoder");
    field("encoder", &C::encoder);
    field("decoder", &C::decoder);
    field("attention", &C::attention);
    field("residual", &C::residual, any(),
          "add each recurrent layer's input to its output, from the second layer on",
          (when("model.encoder.type", {"recurrent"}) && when_not("model.encoder.layers", {"1"})) ||
              when_not("model.encoder.recurrent_layers", {"1"}) ||
              when_not("model.decoder.layers", {"1"}));
    field("tie_embeddings", &C::tie_embeddings, any(),
          "the output matrix is the target embedding; model.decoder.readout_size must equal "
          "model.embedding_size");
    field("dropout", &C::dropout);
    field("init", &C::init, one_of(init_choices()), "first values of the weights");
  }
};

}  // namespace attn

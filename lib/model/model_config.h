// The options of the model (section "model" of a config). Letters in parentheses are those of
// Bahdanau et al. 2015, appendix A.
#pragma once

#include <string>

#include "base/options.h"
#include "base/registry.h"

namespace attn {

struct EncoderConfig {
  std::string type = "recurrent";
  int layers = 1;
  int recurrent_layers = 1;
  int heads = 4;
  int feed_forward_size = 1024;
  std::string norm = "pre";
  std::string positional_encoding = "sinusoidal";
  int max_positions = 256;
  int max_relative_position = 16;
  bool hierarchical = false;

  static void fields(Fields<EncoderConfig>& field);
};

// The decoder state that the readout reads: s_{i−1} or s_i.
enum class ReadoutInput { previous, current };
// Returns the table of the readout inputs.
const Registry<ReadoutInput>& readout_inputs();

struct DecoderConfig {
  std::string type = "bahdanau";
  int layers = 1;
  std::string readout = "maxout";
  int readout_size = 256;
  std::string readout_input = "previous";
  bool input_feeding = true;
  int alignment_layer = 0;

  static void fields(Fields<DecoderConfig>& field);
};

struct AttentionConfig {
  std::string score = "additive";
  int hidden_size = 0;
  bool weight_norm = false;
  bool coverage = false;
  int max_positions = 60;
  int heads = 1;
  std::string normalizer = "softmax";
  double temperature = 1;
  int top_k = 4;
  double threshold = 0.1;
  std::string window = "global";
  int window_width = 5;

  static void fields(Fields<AttentionConfig>& field);
};

// Dropout probabilities.
struct DropoutConfig {
  double embedding = 0, layer = 0, memory = 0, attention = 0, output = 0;

  static void fields(Fields<DropoutConfig>& field);
};

// The matrices that share their values with the target embedding.
enum class TiedEmbeddings { none, decoder };
// Returns the table of the choices of tied embeddings.
const Registry<TiedEmbeddings>& tied_embeddings();

struct ModelConfig {
  std::string cell = "gru";
  bool layer_norm = false;
  int embedding_size = 256;
  int hidden_size = 256;
  EncoderConfig encoder;
  DecoderConfig decoder;
  AttentionConfig attention;
  bool residual = false;
  std::string tie_embeddings = "none";
  DropoutConfig dropout;
  std::string init = "xavier";

  static void fields(Fields<ModelConfig>& field);
};

// Replaces a model.attention.hidden_size of 0 with model.hidden_size where the attention has a
// hidden layer.
void resolve(ModelConfig& model);

// Throws Error if options of the model contradict each other. The message begins with `where`.
void validate(const ModelConfig& model, const std::string& where);

// The largest number of source words that one decoder step can attend to, and the option that
// limits it.
struct AttentionSpan {
  int words;
  std::string option;
};
// Returns the span if the longest source has `longest` words, a limit that `option` sets.
AttentionSpan attention_span(const AttentionConfig& attention, int longest,
                             const std::string& option);

}  // namespace attn

// The rows of every table by name.
#include "model/choices.h"
#include "nn/choices.h"
#include "train/choices.h"

namespace attn {

std::vector<Choice> cell_choices() {
  return {{"gru", "gated unit, reset after the recurrent product, z keeps the old state"},
          {"gru_paper", "gated unit of Bahdanau et al. 2015: reset before it, z weighs the new"}};
}

std::vector<Choice> score_choices() {
  return {{"additive", "v·tanh(W s + U h) (Bahdanau et al. 2015)"},
          {"none", "no attention: the fixed context of the RNN Encoder-Decoder"}};
}

std::vector<Choice> readout_choices() {
  return {{"maxout", "the larger of each pair (Bahdanau et al. 2015, A.2.2)"},
          {"tanh", "hyperbolic tangent"},
          {"linear", "no nonlinearity"}};
}

std::vector<Choice> init_choices() {
  return {{"xavier", "uniform, by the sizes of a matrix (Glorot and Bengio 2010)"},
          {"bahdanau2015", "the scheme of Bahdanau et al. 2015, B.1"}};
}

std::vector<Choice> encoder_choices() {
  return {{"recurrent", "bidirectional recurrent layers"}};
}

std::vector<Choice> decoder_choices() {
  return {{"bahdanau", "attention before the state, deep output (Bahdanau et al. 2015, A.2.2)"}};
}

std::vector<Choice> optimizer_choices() {
  return {{"adam", "Kingma and Ba 2015"},
          {"adamw", "Adam with decoupled weight decay (Loshchilov and Hutter 2019)"},
          {"adadelta", "Zeiler 2012"},
          {"adagrad", "Duchi et al. 2011"},
          {"sgd", "plain, or with momentum"}};
}

std::vector<Choice> schedule_choices() {
  return {{"constant", "the learning rate as it is"},
          {"inverse_sqrt", "falls with the square root of the update"},
          {"cosine", "falls along half a cosine"},
          {"plateau", "falls when validation stops gaining"}};
}

}  // namespace attn

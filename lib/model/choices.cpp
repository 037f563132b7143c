#include "model/choices.h"

#include "model/decoder.h"
#include "model/encoder.h"
#include "model/self_attention_layers.h"

namespace attn {

std::vector<Choice> decoder_choices() {
  return decoders().choices();
}
std::vector<Choice> encoder_choices() {
  return encoders().choices();
}
std::vector<Choice> normalisation_choices() {
  return normalisations().choices();
}

}  // namespace attn

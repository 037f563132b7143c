#include "model/choices.h"

#include "model/decoder.h"
#include "model/encoder.h"

namespace attn {

std::vector<Choice> decoder_choices() {
  return decoders().choices();
}
std::vector<Choice> encoder_choices() {
  return encoders().choices();
}

}  // namespace attn

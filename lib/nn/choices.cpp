#include "nn/choices.h"

#include "nn/cell.h"
#include "nn/init.h"
#include "nn/positions.h"
#include "nn/readout.h"
#include "nn/score.h"
#include "nn/weighting.h"
#include "nn/window.h"

namespace attn {

std::vector<Choice> cell_choices() {
  return cells().choices();
}
std::vector<Choice> score_choices() {
  return scores().choices();
}
std::vector<Choice> weighting_choices() {
  return weightings().choices();
}
std::vector<Choice> window_choices() {
  return windows().choices();
}
std::vector<Choice> readout_choices() {
  return activations().choices();
}
std::vector<Choice> init_choices() {
  return init_schemes().choices();
}
std::vector<Choice> position_choices() {
  return positions().choices();
}

}  // namespace attn

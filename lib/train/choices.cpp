#include "train/choices.h"

#include "train/optimizer.h"
#include "train/schedule.h"

namespace attn {

std::vector<Choice> optimizer_choices() {
  return optimizers().choices();
}
std::vector<Choice> schedule_choices() {
  return schedules().choices();
}

}  // namespace attn

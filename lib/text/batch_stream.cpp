#include "text/batch_stream.h"

#include "base/error.h"
#include "base/profile.h"

namespace attn {

void BatchStream::load_chunk(const Position& at) {
  window_ = {}, batches_ = {};  // before others take memory
  const RandomKey epoch = key_.at(static_cast<std::uint64_t>(at.epoch));
  if (text_.in_memory()) {
    batches_ = make_batches(text_.corpus(), options_, epoch);
  } else {
    window_ = text_.window(at.window, epoch);
    batches_ = make_batches(window_, options_, epoch.at("window").at(at.window));
  }
  loaded_ = {at.epoch, at.window};
}

BatchStream::Item BatchStream::next(Position& at) {
  const Timed timed(Stage::data);
  ATTN_CHECK(!at_end(at));
  if (!has_chunk(at)) load_chunk(at);
  ATTN_CHECK(at.batch_in_chunk < batches_.size());
  const Item item{text_.in_memory() ? text_.corpus() : window_, batches_[at.batch_in_chunk]};
  ++at.batch;
  if (++at.batch_in_chunk == batches_.size()) ++at.window, at.batch_in_chunk = 0;
  return item;
}

double BatchStream::epochs(const Position& at) const {
  auto windows = static_cast<double>(at.window);
  if (has_chunk(at))
    windows += static_cast<double>(at.batch_in_chunk) / static_cast<double>(batches_.size());
  return at.epoch + windows / static_cast<double>(text_.windows());
}

}  // namespace attn

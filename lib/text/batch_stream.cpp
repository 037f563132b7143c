#include "text/batch_stream.h"

#include "base/error.h"
#include "base/profile.h"

namespace attn {

void BatchStream::load_chunk(const Position& at) {
  chunk_ = {}, batches_ = {};  // releases the memory before the next chunk is read
  const RandomKey epoch = key_.at(static_cast<std::uint64_t>(at.epoch));
  if (text_.in_memory()) {
    batches_ = make_batches(text_.corpus(), options_, epoch);
  } else {
    chunk_ = text_.chunk(at.chunk, epoch);
    // The name "window" determines the order of the batches. Changing it would change all runs.
    batches_ = make_batches(chunk_, options_, epoch.at("window").at(at.chunk));
  }
  loaded_ = {at.epoch, at.chunk};
}

BatchStream::Item BatchStream::next(Position& at) {
  const Timed timed(Stage::data);
  ATTN_CHECK(!at_end(at));
  if (!has_chunk(at)) load_chunk(at);
  ATTN_CHECK(at.batch_in_chunk < batches_.size());
  const Item item{text_.in_memory() ? text_.corpus() : chunk_, batches_[at.batch_in_chunk]};
  ++at.batch;
  if (++at.batch_in_chunk == batches_.size()) ++at.chunk, at.batch_in_chunk = 0;
  return item;
}

double BatchStream::epochs(const Position& at) const {
  auto chunks = static_cast<double>(at.chunk);
  if (has_chunk(at))
    chunks += static_cast<double>(at.batch_in_chunk) / static_cast<double>(batches_.size());
  return at.epoch + chunks / static_cast<double>(text_.chunks());
}

}  // namespace attn

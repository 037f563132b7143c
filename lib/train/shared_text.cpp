#include "train/shared_text.h"

#include <utility>

namespace attn {
namespace {

// What follows in the stream: a block with this number of integers, or
constexpr Index kEnd = 0, kFailed = -1;

// Sends pairs in blocks.
class BlockSender {
 public:
  explicit BlockSender(Communicator& communicator) : communicator_(communicator) {}

  void add(PairView pair) {
    append_to_blocks(pair, kPairBlockSize, blocks_);
    if (blocks_.size() > 1) send_first();
  }
  void end(TextSummary summary) {
    while (!blocks_.empty()) send_first();
    announce(kEnd);
    communicator_.broadcast(IndexSpan(&summary, 1));
  }
  void announce(Index what) { communicator_.broadcast(IndexSpan(&what, 1)); }

 private:
  void send_first() {
    announce(std::ssize(blocks_.front()));
    communicator_.broadcast(IndexSpan(blocks_.front()));
    blocks_.erase(blocks_.begin());
  }

  Communicator& communicator_;
  std::vector<PairBlock> blocks_;
};

TextSummary receive_pairs(Communicator& communicator, const std::function<void(PairView)>& use) {
  PairBlock block;
  for (Index size = kEnd;;) {
    communicator.broadcast(IndexSpan(&size, 1));
    if (size == kFailed) throw ReportedElsewhere();
    if (size == kEnd) break;
    resize(block, size);
    communicator.broadcast(IndexSpan(block));
    for_each_pair(block, use);
  }
  TextSummary summary;
  communicator.broadcast(IndexSpan(&summary, 1));
  return summary;
}

}  // namespace

PairSource read_by_first(PairSource read, Communicator& communicator) {
  return [read = std::move(read), &communicator](const std::function<void(PairView)>& use) {
    if (!communicator.is_first()) return receive_pairs(communicator, use);
    BlockSender sender(communicator);
    TextSummary summary;
    try {
      summary = read([&](PairView pair) {
        use(pair);
        sender.add(pair);
      });
    } catch (...) {
      sender.announce(kFailed);
      throw;
    }
    sender.end(summary);
    return summary;
  };
}

}  // namespace attn

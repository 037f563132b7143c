#include "model/decoder.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "model/model_config.h"

namespace attn::test {
namespace {

// A decoder that only owns attentions.
class StubDecoder : public Decoder {
 public:
  StubDecoder(std::vector<const Attention*> layers, int alignment_layer) {
    DecoderConfig config;
    config.alignment_layer = alignment_layer;
    set_attentions(std::move(layers), config);
  }
  Index numbers_per_token() const override { return 0; }
  std::unique_ptr<DecoderPass> make_pass() const override { return nullptr; }
  void forward(const Weights&, const DecoderInput&, DecoderPass&, Workspace&) const override {}
  void backward(const Weights&, const DecoderInput&, In, DecoderPass&, const DecoderInputGrad&,
                WeightGradients, Workspace&) const override {}
  std::unique_ptr<DecoderState> start(const Weights&, const EncoderOutput&,
                                      Workspace&) const override {
    return nullptr;
  }
  void step(const Weights&, const UniqueColumns&, DecoderState&, Out, Workspace&) const override {}
};

std::unique_ptr<Attention> dot_attention(Layout& layout, const char* name) {
  AttentionOptions options;
  options.score = "dot";
  options.sizes = {.value = 4, .state = 4, .hidden = 4};
  return make_attention(Scope(layout) / name, options);
}

}  // namespace

TEST_CASE("a decoder of several attention layers exports the one of alignment_layer") {
  Layout layout;
  const auto first = dot_attention(layout, "1"), second = dot_attention(layout, "2");
  const std::vector<const Attention*> layers = {first.get(), second.get()};
  CHECK(&StubDecoder(layers, 0).attention() == second.get());  // the last
  CHECK(&StubDecoder(layers, 1).attention() == first.get());
  CHECK(&StubDecoder(layers, 2).attention() == second.get());
  CHECK(StubDecoder(layers, 1).attentions().size() == 2);
  CHECK_THROWS_AS(StubDecoder(layers, 3), Bug);
}

}  // namespace attn::test

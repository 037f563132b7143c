// Outputs and gradients against PyTorch in float64 (make_golden.py, which uses nothing of ours).
#include <filesystem>

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "golden/golden.h"

namespace attn::test {
namespace {

void check_case(const std::filesystem::path& path) {
  CAPTURE(path.filename().string());
  const Golden golden(path);
  const Seq2Seq model(golden.config(), golden.source_vocabulary(), golden.target_vocabulary());
  Params w(model.layout()), g(model.layout());
  golden.load(model.layout(), "w/", w);
  const Batch batch = golden.batch();
  Seq2Seq::Scratch scratch(model);

  const auto loss = model.loss_and_gradient(w, batch, {golden.smoothing()}, Noise{}, scratch, g);
  check_close("loss", {loss.objective}, golden.numbers("loss"));
  check_close("log-probabilities", golden.in_sentence_order(batch, scratch.log_probs),
              golden.numbers("log_probs"));
  if (model.has_alignment())
    check_close("weights",
                golden.weights(batch, scratch.weights, model.decoder().attention().heads()),
                golden.numbers("alpha"));
  for (const auto& entry : model.layout().entries())
    check_close("gradient of " + entry.name, values(g, entry), golden.numbers("g/" + entry.name));
}

}  // namespace

TEST_CASE("the model's outputs and gradients are PyTorch's") {
  std::size_t cases = 0;
  for (const auto& file : std::filesystem::directory_iterator(ATTN_SOURCE_DIR "/tests/golden")) {
    const std::string name = file.path().filename().string();
    if (name.starts_with("model_") && name.ends_with(".safetensors"))
      ++cases, check_case(file.path());
  }
  CHECK(cases >= 37);
}

}  // namespace attn::test

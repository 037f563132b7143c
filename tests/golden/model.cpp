// Outputs and gradients against PyTorch in float64 (make_golden.py, which uses nothing of ours).
#include <filesystem>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "golden/golden.h"
#include "model/transformer_layers.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/cell.h"
#include "nn/positional_encoding.h"
#include "nn/readout.h"

namespace attn::test {
namespace {

using Names = std::set<std::string>;

// f(path) of each file of vectors of a model.
template <class F>
void for_each_file(const std::string& prefix, F&& f) {
  for (const auto& file : std::filesystem::directory_iterator(ATTN_SOURCE_DIR "/tests/golden")) {
    const std::string name = file.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".safetensors")) f(file.path());
  }
}

template <class Value>
void check_rows(const std::string& what, const Registry<Value>& table, const Names& seen) {
  for (const auto& row : table) {
    INFO(what << " \"" << row.name << "\" is in no file: add a case to make_golden.py");
    CHECK(seen.contains(row.name));
  }
}

// Of all sources, as the file has them.
std::vector<double> encoder_weights(const Golden& golden, const Seq2Seq& model, const Params& w) {
  std::vector<double> all;
  Seq2Seq::Scratch scratch(model);
  for (const auto& source : golden.sources())
    for (const auto& layer : model.source_attention(w, source, scratch))
      for (const Mat& head : layer) all.insert(all.end(), head.data(), head.data() + head.size());
  return all;
}

void check_case(const std::filesystem::path& path) {
  CAPTURE(path.filename().string());
  const Golden golden(path);
  const Seq2Seq model(golden.config(), golden.source_vocabulary(), golden.target_vocabulary());
  Params w(model.layout()), g(model.layout());
  golden.load(model.layout(), "w/", w);
  const Batch batch = golden.batch();
  Seq2Seq::Scratch scratch(model);

  const auto loss =
      model.loss_and_gradient(w, batch, {golden.smoothing()}, DropoutContext{}, scratch, g);
  check_close("loss", {loss.objective}, golden.numbers("loss"));
  check_close("log-probabilities", golden.in_sentence_order(batch, scratch.log_probs),
              golden.numbers("log_probs"));
  if (model.has_alignment())
    check_close("weights",
                golden.weights(batch, scratch.weights, model.decoder().attention().heads()),
                golden.numbers("alpha"));
  CHECK(golden.has("encoder_alpha") == (golden.config().encoder.type != "recurrent"));
  if (golden.has("encoder_alpha"))
    check_close("weights of the encoder", encoder_weights(golden, model, w),
                golden.numbers("encoder_alpha"));
  for (const auto& entry : model.layout().entries())
    check_close("gradient of " + entry.name, values(g, entry), golden.numbers("g/" + entry.name));
}

}  // namespace

TEST_CASE("the model's outputs and gradients are PyTorch's") {
  std::size_t cases = 0;
  for_each_file("model_", [&](const auto& path) { ++cases, check_case(path); });
  CHECK(cases >= 37);
}

TEST_CASE("every row of the model's tables has vectors") {
  Names cells_, scores_, weights, windows_, decoders_, encoders_, positions_, normalized, readouts;
  for (const std::string prefix : {"model_", "hard"})
    for_each_file(prefix, [&](const auto& path) {
      const ModelConfig config = Golden(path).config();
      cells_.insert(config.cell);
      scores_.insert(config.attention.score);
      weights.insert(config.attention.normalizer);
      windows_.insert(config.attention.window);
      decoders_.insert(config.decoder.type);
      readouts.insert(config.decoder.readout);
      encoders_.insert(config.encoder.type);
      if (config.encoder.type == "transformer")
        positions_.insert(config.encoder.positional_encoding);
      if (config.encoder.type != "recurrent") normalized.insert(config.encoder.norm);
    });
  check_rows("cell", cells(), cells_);
  check_rows("score", attention_scores(), scores_);
  check_rows("normalizer", normalizers(), weights);
  check_rows("window", windows(), windows_);
  check_rows("decoder", decoders(), decoders_);
  check_rows("readout", activations(), readouts);
  check_rows("encoder", encoders(), encoders_);
  check_rows("positional_encoding", positional_encodings(), positions_);
  check_rows("norm", norms(), normalized);
}

}  // namespace attn::test

// Outputs and gradients of models, compared with PyTorch in float64 (make_golden.py, which shares
// no code with the program).
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

// Calls f(path) for each golden file whose name starts with `prefix`.
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
    INFO(what << " \"" << row.name << "\" is in no golden file; add a case to make_golden.py");
    CHECK(seen.contains(row.name));
  }
}

// Returns the attention weights of the encoder for all sources, in the order of the file.
std::vector<double> encoder_weights(const Golden& golden, const Seq2Seq& model, const Params& w) {
  std::vector<double> all;
  Seq2Seq::Scratch scratch(model);
  for (const auto& source : golden.sources())
    for (const auto& layer : model.source_attention(Weights(w), source, scratch))
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

  const auto loss = model.loss_and_gradient(Weights(w), batch, {golden.smoothing()},
                                            DropoutContext{}, scratch, g);
  check_close("loss", {loss.objective}, golden.numbers("loss"));
  check_close("log-probabilities", golden.in_sentence_order(batch, scratch.log_probs),
              golden.numbers("log_probs"));
  if (model.has_alignment())
    check_close("attention weights",
                golden.weights(batch, scratch.weights, model.decoder().attention().heads()),
                golden.numbers("alpha"));
  CHECK(golden.has("encoder_alpha") == (golden.config().encoder.type != "recurrent"));
  if (golden.has("encoder_alpha"))
    check_close("attention weights of the encoder", encoder_weights(golden, model, w),
                golden.numbers("encoder_alpha"));
  for (const auto& entry : model.layout().entries())
    check_close("gradient of " + entry.name, values(g, entry), golden.numbers("g/" + entry.name));
}

}  // namespace

TEST_CASE("the outputs and gradients of models equal those of PyTorch") {
  std::size_t cases = 0;
  for_each_file("model_", [&](const auto& path) { ++cases, check_case(path); });
  CHECK(cases >= 37);
}

TEST_CASE("every row of the tables of the model occurs in a golden file") {
  Names cells_, scores_, normalizers_, windows_, decoders_, encoders_, positions_, norms_,
      readouts_;
  for (const std::string prefix : {"model_", "hard"})
    for_each_file(prefix, [&](const auto& path) {
      const ModelConfig config = Golden(path).config();
      cells_.insert(config.cell);
      scores_.insert(config.attention.score);
      normalizers_.insert(config.attention.normalizer);
      windows_.insert(config.attention.window);
      decoders_.insert(config.decoder.type);
      readouts_.insert(config.decoder.readout);
      encoders_.insert(config.encoder.type);
      if (config.encoder.type == "transformer")
        positions_.insert(config.encoder.positional_encoding);
      if (config.encoder.type != "recurrent") norms_.insert(config.encoder.norm);
    });
  check_rows("cell", cells(), cells_);
  check_rows("score", attention_scores(), scores_);
  check_rows("normalizer", normalizers(), normalizers_);
  check_rows("window", attention_windows(), windows_);
  check_rows("decoder", decoders(), decoders_);
  check_rows("readout", activations(), readouts_);
  check_rows("encoder", encoders(), encoders_);
  check_rows("positional_encoding", positional_encodings(), positions_);
  check_rows("norm", norms(), norms_);
}

}  // namespace attn::test

// Reads a golden file, which make_golden.py writes.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "model/model_config.h"
#include "model/seq2seq.h"
#include "support/approx.h"

namespace attn::test {

inline std::vector<double> values(const Params& p, const Entry& entry) {
  return {p.data(entry.slot), p.data(entry.slot) + entry.slot.size()};
}

// Checks each number. In float, with its fast products and elementary functions, numbers may also
// differ by a fraction of the largest one.
inline void check_close(const std::string& what, const std::vector<double>& got,
                        const std::vector<double>& want, double relative = 1e-10,
                        double fraction_in_float = 2e-5) {
  check_close(what, got, want,
              {.absolute = 1e-11,
               .relative = relative,
               .of_largest = std::is_same_v<Real, float> ? fraction_in_float : 0});
}

class Golden {
 public:
  explicit Golden(const std::filesystem::path& path)
      : name_(path.string()),
        file_(read_safetensors(path)),
        json_(Json::parse(file_.metadata.at("config"))) {}

  bool has(const std::string& name) const { return file_.tensors.contains(name); }
  std::vector<double> numbers(const std::string& name) const {
    return values_of<double>(file_.tensors.at(name), name_);
  }

  // Returns the rows of an [n × m] integer tensor.
  std::vector<std::vector<int>> rows(const std::string& name) const {
    const auto& tensor = file_.tensors.at(name);
    const auto all = values_of<int>(tensor, name_);
    const auto width = static_cast<std::ptrdiff_t>(tensor.shape.at(1));
    std::vector<std::vector<int>> out;
    for (auto at = all.begin(); at != all.end(); at += width) out.emplace_back(at, at + width);
    return out;
  }

  ModelConfig config() const {
    ModelConfig config;
    const auto& sizes = json_.at("sizes");
    config.cell = json_.at("cell");
    config.layer_norm = json_.value("layer_norm", false);
    config.embedding_size = sizes.at("m");
    config.hidden_size = sizes.at("n");
    config.attention.score = json_.at("score");
    config.attention.hidden_size = json_.value("projection", sizes.at("n_attention").get<int>());
    config.attention.weight_norm = json_.value("weight_norm", false);
    config.attention.coverage = json_.value("coverage", false);
    config.attention.max_positions = json_.value("attention_max_positions", 1);
    config.attention.heads = json_.value("heads", 1);
    config.attention.normalizer = json_.value("normalizer", "softmax");
    config.attention.temperature = json_.value("temperature", 1.0);
    config.attention.top_k = json_.value("top_k", 1);
    config.attention.threshold = json_.value("threshold", 0.1);
    config.attention.window = json_.value("window", "global");
    config.attention.window_width = json_.value("width", 1);
    config.decoder.type = json_.value("decoder", "bahdanau");
    config.decoder.input_feeding = json_.value("feeding", true);
    config.encoder.layers = json_.at("layers_encoder");
    config.encoder.type = json_.value("encoder", "recurrent");
    config.encoder.recurrent_layers = json_.value("layers_recurrent", 1);
    config.encoder.heads = json_.value("encoder_heads", 1);
    config.encoder.feed_forward_size = json_.value("feed_forward", 1);
    config.encoder.norm = json_.value("norm", "pre");
    config.encoder.positional_encoding = json_.value("positional_encoding", "sinusoidal");
    config.encoder.max_positions = json_.value("max_positions", 1);
    config.encoder.max_relative_position = json_.value("max_relative_position", 1);
    config.encoder.hierarchical = json_.value("hierarchical", false);
    config.decoder.layers = json_.at("layers_decoder");
    config.decoder.readout = json_.at("readout");
    config.decoder.readout_size = sizes.at("l");
    config.decoder.readout_input = json_.at("readout_input");
    config.residual = json_.at("residual");
    config.tie_embeddings = json_.at("tie_embeddings");
    return config;
  }
  double smoothing() const { return json_.at("label_smoothing"); }
  Index source_vocabulary() const { return json_.at("sizes").at("source_vocabulary"); }
  Index target_vocabulary() const { return json_.at("sizes").at("target_vocabulary"); }
  const Json& json() const { return json_; }

  void load(const Layout& layout, const std::string& prefix, Params& p) const {
    for (const auto& entry : layout.entries()) {
      const auto& tensor = file_.tensors.at(prefix + entry.name);
      CHECK(tensor.shape == std::vector<std::int64_t>(entry.shape.begin(), entry.shape.end()));
      const auto numbers = values_of<double>(tensor, entry.name);
      std::transform(numbers.begin(), numbers.end(), p.data(entry.slot),
                     [](double x) { return static_cast<Real>(x); });
    }
  }

  Batch batch() const {
    const auto sources = sentences("source"), targets = sentences("target");
    std::vector<std::uint64_t> example_ids(sources.size(), 0);
    Batch batch;
    batch.assign(std::vector<Words>(sources.begin(), sources.end()),
                 std::vector<Words>(targets.begin(), targets.end()), example_ids);
    return batch;
  }

  std::vector<std::vector<int>> sources() const { return sentences("source"); }

  // Returns numbers of the columns of a packed target in the order of the file, sentence by
  // sentence.
  std::vector<double> in_sentence_order(const Batch& batch,
                                        const std::vector<Real>& columns) const {
    std::vector<std::vector<double>> sentences(batch.order.size());
    for (std::size_t b = 0; b < sentences.size(); ++b)
      for (int t = 0; t < batch.target.packing().length(static_cast<int>(b)); ++t)
        sentences[batch.order[b]].push_back(columns[static_cast<std::size_t>(
            batch.target.packing().column(static_cast<int>(b), t))]);
    return concatenate(sentences);
  }
  // Returns attention weights in the order of the file: by sentence, head and step.
  std::vector<double> weights(const Batch& batch, const std::vector<Real>& blocks,
                              int heads) const {
    const auto begins = batch.target.weight_begins();
    std::vector<std::vector<double>> sentences(batch.order.size());
    for (std::size_t b = 0; b < sentences.size(); ++b)
      for (int head = 0; head < heads; ++head) {
        auto& to = sentences[batch.order[b]];
        const auto from = blocks.begin() + head * begins.back();
        to.insert(to.end(), from + begins[b], from + begins[b + 1]);
      }
    return concatenate(sentences);
  }

 private:
  static std::vector<double> concatenate(const std::vector<std::vector<double>>& vectors) {
    std::vector<double> all;
    for (const auto& vector : vectors) all.insert(all.end(), vector.begin(), vector.end());
    return all;
  }
  std::vector<std::vector<int>> sentences(const std::string& side) const {
    const auto words = values_of<int>(file_.tensors.at(side), name_);
    std::vector<std::vector<int>> out;
    auto at = words.begin();
    for (const int length : values_of<int>(file_.tensors.at(side + "_lengths"), name_)) {
      out.emplace_back(at, at + length);
      at += length;
    }
    return out;
  }

  std::string name_;
  SafeTensors file_;
  Json json_;
};

}  // namespace attn::test

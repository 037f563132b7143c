// A model on disk: model.safetensors, config.json, source.spm and target.spm (SentencePiece) in one
// folder.
#pragma once

#include <filesystem>
#include <string>

#include "base/safetensors.h"
#include "model/model_config.h"
#include "model/seq2seq.h"
#include "text/tokenizer.h"

namespace attn {

// Everything that translating needs.
struct Model {
  Model(const ModelConfig& config, Tokenizer source_tokenizer, Tokenizer target_tokenizer)
      : source(std::move(source_tokenizer)),
        target(std::move(target_tokenizer)),
        network(config, source.size(), target.size()),
        weights(network.layout()) {}

  Tokenizer source, target;
  Seq2Seq network;
  Params weights;
};

// Adds the arena's parameters to the file, each named prefix + its name.
void add_tensors(const Layout& layout, const Params& params, const std::string& prefix,
                 SafeTensors& file);
// Reads them back; takes them out of the file. Error: one that names every tensor with this prefix
// that is missing, has another shape, is unknown, or holds what is no finite number.
void take_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                  SafeTensors& file, Params& params);

// Writes the four files into a folder that exists. The weights may be others than the model's own
// (averages).
void write_model(const std::filesystem::path& folder, const Model& model, const Params& weights,
                 const std::string& config_json);
// separator: the word between the sentences of a source line (Tokenizer::with_separator). Error:
// what is missing, damaged or does not fit, by file and tensor.
Model read_model(const std::filesystem::path& folder, const ModelConfig& config,
                 const std::string& separator = "");

}  // namespace attn

// A model and its directory on disk, which contains model.safetensors, config.json, and the
// SentencePiece models source.spm and target.spm.
#pragma once

#include <filesystem>
#include <string>

#include "base/safetensors.h"
#include "model/model_config.h"
#include "model/seq2seq.h"
#include "text/tokenizer.h"

namespace attn {

// A network with its weights and tokenizers: everything that translation needs.
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

// Adds all parameters to the file. The name of a tensor is `prefix` followed by the parameter's
// name.
void add_tensors(const Layout& layout, const Params& params, const std::string& prefix,
                 SafeTensors& file);
// Reads the parameters back and removes them from the file. Throws an Error that names every tensor
// with this prefix that is missing, has a wrong shape, is unknown, or contains numbers that are not
// finite. Messages begin with `where`.
void take_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                  SafeTensors& file, Params& params);

// Writes the four files into an existing directory. `weights` may differ from model.weights: they
// may be averages.
void write_model(const std::filesystem::path& directory, const Model& model, const Params& weights,
                 const std::string& config_json);
// Reads a model. `separator` is the word between the sentences of a source line (see
// Tokenizer::with_separator). Throws Error, with file and tensor, for anything that is missing,
// damaged or inconsistent with the config.
Model read_model(const std::filesystem::path& directory, const ModelConfig& config,
                 const std::string& separator = "");

}  // namespace attn

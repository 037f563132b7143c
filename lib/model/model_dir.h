// A model, and its conversion to and from files (model/model_file.h).
#pragma once

#include <string>

#include "base/safetensors.h"
#include "model/model_config.h"
#include "model/model_file.h"
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

// Adds all parameters of an arena, which must outlive the file, to it. The name of a tensor is
// `prefix` followed by the parameter's name.
void add_tensors(const Layout& layout, std::span<const Real> arena, const std::string& prefix,
                 SafeTensors& file);
// Checks that the tensors with this prefix are those of the layout. Throws an Error that names
// every tensor that is missing, has a wrong shape or is unknown. Messages begin with `where`.
void check_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                   const SafeTensors& file);
// Checks the tensors, reads the parameters and removes their tensors from the file. Throws an Error
// also for numbers that are not finite.
void take_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                  SafeTensors& file, std::span<Real> arena);

// Returns the weights and tokenizers of a model as a file. `weights`, which must outlive the
// result, may differ from model.weights: they may be averages.
ModelFile model_file(const Model& model, const Params& weights);
// Converts a file to a model. `separator` is the word between the sentences of a source line (see
// Tokenizer::with_separator). Throws Error, with file and tensor, for anything that is damaged or
// inconsistent with the config.
Model to_model(ModelFile file, const ModelConfig& config, const std::string& separator = "");

}  // namespace attn

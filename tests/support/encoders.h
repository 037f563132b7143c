// Every encoder with each of its variants, by the tables.
#pragma once

#include <string>
#include <vector>

#include "model/encoder.h"
#include "model/model_config.h"
#include "model/transformer_layers.h"
#include "nn/positional_encoding.h"

namespace attn::test {

struct EncoderVariant {
  std::string name;
  EncoderConfig config;
};

// With each normalization and each kind of position, where they apply, and one of each for
// documents; all else as in `config`.
inline std::vector<EncoderVariant> all_encoders(EncoderConfig config) {
  std::vector<EncoderVariant> variants, of_documents;
  for (const auto& encoder : encoders()) {
    config.type = encoder.name;
    of_documents.push_back({encoder.name + " of documents", config});
    of_documents.back().config.hierarchical = true;
    if (encoder.name == "recurrent") {
      variants.push_back({encoder.name, config});
      continue;
    }
    for (const auto& norm : norms()) {
      config.norm = norm.name;
      const std::string name = encoder.name + " " + norm.name;
      for (const auto& position : positional_encodings()) {
        config.positional_encoding = position.name;
        if (encoder.name == "transformer") variants.push_back({name + " " + position.name, config});
      }
      if (encoder.name != "transformer") variants.push_back({name, config});
    }
  }
  variants.insert(variants.end(), of_documents.begin(), of_documents.end());
  return variants;
}

}  // namespace attn::test

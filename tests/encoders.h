// Every encoder with each of its variants, by the tables.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/encoder.h"
#include "model/self_attention_layers.h"
#include "nn/positions.h"

namespace attn::test {

struct EncoderVariant {
  std::string name;
  EncoderConfig config;
};

// With each normalisation and each kind of position, where they apply, and one of each for
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
    for (const auto& normalisation : normalisations()) {
      config.normalisation = normalisation.name;
      const std::string name = encoder.name + " " + normalisation.name;
      for (const auto& position : positions()) {
        config.positions = position.name;
        if (encoder.name == "self_attention")
          variants.push_back({name + " " + position.name, config});
      }
      if (encoder.name != "self_attention") variants.push_back({name, config});
    }
  }
  variants.insert(variants.end(), of_documents.begin(), of_documents.end());
  return variants;
}

}  // namespace attn::test

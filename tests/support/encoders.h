// All encoders with all their variants, from the tables.
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

// Returns every encoder with every position of layer normalization and every positional encoding
// that applies to it, and every encoder once as a hierarchical one. All other options are those of
// `config`.
inline std::vector<EncoderVariant> all_encoders(EncoderConfig config) {
  std::vector<EncoderVariant> variants, hierarchical;
  for (const auto& encoder : encoders()) {
    config.type = encoder.name;
    hierarchical.push_back({encoder.name + " of documents", config});
    hierarchical.back().config.hierarchical = true;
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
  variants.insert(variants.end(), hierarchical.begin(), hierarchical.end());
  return variants;
}

}  // namespace attn::test

// The scores of tests/golden/sacrebleu.json, made with sacreBLEU 2.6.0.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "metrics/references.h"

namespace sacrebleu {

struct Score {
  std::string name, signature;
  std::vector<std::string> hypotheses;
  attn::References references;
  nlohmann::json expected;
};

inline nlohmann::json all() {
  std::ifstream file(ATTN_SOURCE_DIR "/tests/golden/sacrebleu.json");
  return nlohmann::json::parse(file);
}

inline std::vector<Score> scores(const std::string& metric) {
  const auto fixture = all();
  std::vector<Score> out;
  for (const auto& set : fixture.at("cases"))
    for (const auto& score : set.at("scores"))
      if (score.at("metric") == metric)
        out.push_back({set.at("name"), score.at("signature"), set.at("hypothesis"),
                       set.at("references"), score});
  return out;
}

// The value of "key:value" in a signature.
inline std::string field(const std::string& signature, const std::string& key) {
  const std::string fields = "|" + signature + "|";
  const std::size_t begin = fields.find("|" + key + ":") + key.size() + 2;
  return fields.substr(begin, fields.find('|', begin) - begin);
}

}  // namespace sacrebleu

// Scores that sacreBLEU 2.6.0 computed, from tests/golden/sacrebleu.json.
#pragma once

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "metrics/metric.h"

namespace sacrebleu {

struct Score {
  std::string name, signature;
  std::vector<std::string> hypotheses;
  attn::References references;
  nlohmann::json expected;
};

// Returns the whole file.
inline nlohmann::json all() {
  std::ifstream file(ATTN_SOURCE_DIR "/tests/golden/sacrebleu.json");
  return nlohmann::json::parse(file);
}

// Returns all scores of a metric.
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

// Returns the value of "key:value" in a signature.
inline std::string field(const std::string& signature, const std::string& key) {
  const std::string fields = "|" + signature + "|";
  const std::size_t begin = fields.find("|" + key + ":") + key.size() + 2;
  return fields.substr(begin, fields.find('|', begin) - begin);
}

// Checks the scores and signatures of a metric, which metric_of(signature) returns, against all
// `count` scores of `name`.
template <class MetricOf>
void check_scores(const std::string& name, std::size_t count, MetricOf metric_of) {
  const auto expected = scores(name);
  REQUIRE(expected.size() == count);
  for (const Score& score : expected) {
    CAPTURE(score.name);
    CAPTURE(score.signature);
    const attn::Metric metric = metric_of(score.signature);
    const double actual = attn::text_score(metric, score.hypotheses, score.references);
    CAPTURE(actual);
    CHECK(std::abs(actual - score.expected.at("score").template get<double>()) <= 1e-9);
    CHECK(attn::signature(metric, score.references, "", "2.6.0") == score.signature);
  }
}

}  // namespace sacrebleu

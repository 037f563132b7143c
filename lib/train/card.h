// The card of a model: what people should know about it (after Mitchell et al. 2019). It is the
// file card.json of a model directory and a part of packed files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "text/corpus.h"
#include "train/config.h"
#include "train/validation.h"

namespace attn {

struct CardScore {
  std::string name;  // "BLEU", "perplexity"
  double value = 0;
  std::string signature;  // what the score depends on
};

struct Card {
  std::string source_language, target_language;  // tags such as "en"; "": not known
  std::string license, description;              // "": not known
  std::int64_t pairs = 0;                        // sentence pairs of the training text
  std::int64_t source_subwords = 0, target_subwords = 0;
  std::int64_t longest_source = 0;  // subwords of the longest source sentence; 0: not known
  std::int64_t parameters = 0, updates = 0;
  std::string date;               // when the weights were saved: "2026-12-01", UTC
  std::string version;            // the version of attn that trained the model
  std::vector<CardScore> scores;  // on the validation text
};

// Returns the card of a model after `updates` updates. `result` is its validation; null: it was not
// validated.
Card make_card(const Config& config, const TextSummary& text, std::int64_t parameters,
               std::int64_t updates, const ValidationResult* result);

Json to_json(const Card& card);
// Reads a card; "" is one without contents. Throws Error, which begins with `where`, if it is
// damaged.
Card card_from_json(const std::string& text, const std::string& where);

}  // namespace attn

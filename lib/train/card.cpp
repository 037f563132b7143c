#include "train/card.h"

#include <chrono>
#include <cmath>
#include <ctime>
#include <type_traits>

#include "base/error.h"
#include "base/strings.h"
#include "metrics/metric.h"

namespace attn {
namespace {

// Calls visit(name, member) for each member except the scores. `AnyCard` is Card or const Card.
template <class AnyCard, class Visit>
void for_each_card_field(AnyCard& card, Visit visit) {
  visit("source_language", card.source_language);
  visit("target_language", card.target_language);
  visit("license", card.license);
  visit("description", card.description);
  visit("training_pairs", card.pairs);
  visit("training_source_subwords", card.source_subwords);
  visit("training_target_subwords", card.target_subwords);
  visit("training_longest_source", card.longest_source);
  visit("parameters", card.parameters);
  visit("updates", card.updates);
  visit("date", card.date);
  visit("version", card.version);
}

std::string utc_date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  return format("%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

std::vector<CardScore> scores_of(const Config& config, const ValidationResult& result) {
  const Metric bleu = metrics().at("bleu")({.tokenizer = config.data.bleu_tokenizer});
  const std::string search =
      config.train.valid_beam == 1 ? "greedy" : "beam " + std::to_string(config.train.valid_beam);
  const References one_reference = {std::vector<std::string>(1, "a")};
  std::vector<CardScore> scores = {
      {"BLEU", result.bleu,
       signature(bleu, one_reference, "", "attn-" ATTN_VERSION) + "|search:" + search},
      {"perplexity", std::exp(result.cross_entropy), "per target subword, with ends"}};
  std::erase_if(scores, [](const CardScore& score) { return !std::isfinite(score.value); });
  return scores;
}

}  // namespace

Card make_card(const Config& config, const TextSummary& text, std::int64_t parameters,
               std::int64_t updates, const ValidationResult* result) {
  Card card;
  card.source_language = config.data.source_language;
  card.target_language = config.data.target_language;
  card.license = config.data.license;
  card.pairs = static_cast<std::int64_t>(text.pairs);
  card.source_subwords = static_cast<std::int64_t>(text.source_tokens);
  card.target_subwords = static_cast<std::int64_t>(text.target_tokens);
  card.longest_source = static_cast<std::int64_t>(text.longest_source);
  card.parameters = parameters, card.updates = updates;
  card.date = utc_date(), card.version = ATTN_VERSION;
  if (result != nullptr) card.scores = scores_of(config, *result);
  return card;
}

Json to_json(const Card& card) {
  Json json = Json::object();
  for_each_card_field(card, [&](const char* name, const auto& member) { json[name] = member; });
  json["scores"] = Json::array();
  for (const CardScore& score : card.scores)
    json["scores"].push_back(
        {{"name", score.name}, {"value", score.value}, {"signature", score.signature}});
  return json;
}

Card card_from_json(const std::string& text, const std::string& where) {
  Card card;
  if (text.empty()) return card;
  const Json json = parse_json(text, where);
  const auto read = [&](const Json& from, const char* name, auto& member) {
    if (!from.is_object() || !from.contains(name)) return;
    using Member = std::decay_t<decltype(member)>;
    const Json& value = from.at(name);
    const bool fits = std::is_same_v<Member, std::string> ? value.is_string() : value.is_number();
    if (!fits) fail(where, std::string(name) + ": unexpected value " + excerpt(value));
    value.get_to(member);
  };
  for_each_card_field(card, [&](const char* name, auto& member) { read(json, name, member); });
  for (const Json& from : json.value("scores", Json::array())) {
    CardScore& score = card.scores.emplace_back();
    read(from, "name", score.name), read(from, "value", score.value);
    read(from, "signature", score.signature);
  }
  return card;
}

}  // namespace attn

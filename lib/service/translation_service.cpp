#include "service/translation_service.h"

#include <algorithm>

#include "base/error.h"
#include "report/html_page.h"
#include "search/attention_export.h"
#include "search/segments.h"
#include "service/forced_pairs.h"

namespace attn {
namespace {

std::string joined_names(std::span<const TrainedModel> models) {
  std::string out;
  for (const TrainedModel& model : models) out += (out.empty() ? "" : " + ") + model.name;
  return out;
}

bool any_has_attention(std::span<const TrainedModel> models) {
  return std::ranges::any_of(models, [](auto& m) { return m.model.network.has_alignment(); });
}

// Returns the number of subwords of the longest source sentence that a model was trained on.
std::int64_t longest_source(const TrainedModel& model) {
  const std::int64_t limit = model.config.data.max_length;
  const std::int64_t longest = model.card.longest_source;
  return longest > 0 ? std::min(limit, longest) : limit;
}

// Returns nothing for document models. The limit is the smallest of the models' limits.
std::optional<Segmenter> make_segmenter(std::span<const TrainedModel> models) {
  const Tokenizer& tokenizer = models[0].model.source;
  if (!tokenizer.separator().empty()) return std::nullopt;
  std::int64_t limit = longest_source(models[0]);
  for (const TrainedModel& model : models) limit = std::min(limit, longest_source(model));
  return Segmenter(tokenizer, static_cast<int>(limit), models[0].card.source_language);
}

// The requests with the same options.
struct RequestGroup {
  const SearchConfig* search;
  std::vector<std::size_t> members;
};

std::vector<RequestGroup> groups_of(std::span<const Request> requests) {
  std::vector<RequestGroup> groups;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto same = std::ranges::find_if(
        groups, [&](const RequestGroup& g) { return *g.search == requests[i].search; });
    if (same != groups.end())
      same->members.push_back(i);
    else
      groups.push_back({&requests[i].search, {i}});
  }
  return groups;
}

// The lines of a group.
struct GroupText {
  GroupText(std::span<const Request> requests, const RequestGroup& group) {
    bool has_prefixes = false;
    for (const std::size_t i : group.members) {
      lines.push_back(requests[i].text);
      prefixes.push_back(requests[i].prefix);
      numbers.push_back(requests[i].number);
      has_prefixes = has_prefixes || !requests[i].prefix.empty();
    }
    if (!has_prefixes) prefixes.clear();
  }
  Text text() const { return {lines, prefixes, numbers}; }

  std::vector<std::string> lines, prefixes;
  std::vector<std::uint64_t> numbers;
};

}  // namespace

TranslationService::TranslationService(std::vector<TrainedModel> models, const SearchConfig& search,
                                       int threads)
    : models_(std::move(models)),
      search_(search),
      name_(joined_names(models_)),
      has_attention_(any_has_attention(models_)),
      pool_(threads),
      translator_(pointers_to(models_), search_precisions().at(search.precision), pool_),
      segmenter_(make_segmenter(models_)),
      weights_(models_[0].model.weights) {}

bool TranslationService::has_unknown(const TranslatedLine& found) const {
  const int unknown = models_[0].model.source.unk();
  return std::ranges::count(found.source, unknown, &Tokenizer::Piece::id) > 0;
}

Request TranslationService::request(const Json& object, const std::string& where) const {
  Request request = parse_request(object, search_, where);
  if (!has_attention_ && (request.search.replace_unknown || request.search.coverage_penalty > 0))
    fail(where,
         "search.replace_unknown and search.coverage_penalty need attention weights, which this "
         "model does not have");
  return request;
}

std::vector<TranslatedLine> TranslationService::translate(
    std::span<const Request> requests, Spread spread, const std::function<void(std::size_t)>& done,
    const IsWanted& is_wanted) {
  std::vector<TranslatedLine> out(requests.size());
  for (const RequestGroup& group : groups_of(requests)) {
    const GroupText lines(requests, group);
    Text text = lines.text();
    text.is_spread = spread == Spread::yes;
    if (is_wanted) text.is_wanted = [&](std::size_t i) { return is_wanted(group.members[i]); };
    const bool splits = segmenter_ && splittings().at(group.search->split) == Splitting::automatic;
    auto found = splits ? translate_segments(translator_, *segmenter_, text, *group.search, done)
                        : translator_.translate(text, *group.search, done);
    for (std::size_t i = 0; i < found.size(); ++i) out[group.members[i]] = std::move(found[i]);
  }
  return out;
}

std::vector<Request> TranslationService::html_requests(
    const std::vector<std::string>& lines) const {
  std::vector<Request> out;
  for (const std::string& line : lines)
    out.push_back({.text = line, .search = search_, .number = out.size()});
  return out;
}

HtmlTranslation TranslationService::html_translation(const std::string& line,
                                                     const TranslatedLine& found) const {
  const Translation& best = found.translations[0];
  const auto pair = aligned_pair(line, found, best);
  return {best.text, pair ? hard_links(to_words(*pair)) : std::vector<Link>()};
}

std::optional<AlignedPair> TranslationService::aligned_pair(const std::string& text,
                                                            const TranslatedLine& found,
                                                            const Translation& translation) const {
  if (!has_attention_ || found.source.empty()) return std::nullopt;
  if (found.source.size() > max_cells_ / std::max<std::size_t>(translation.target.size(), 1))
    return std::nullopt;
  AlignedPair pair = attn::aligned_pair(models_[0].model.source, text, found, translation);
  pair.log_prob = translation.log_prob;
  return pair;
}

void TranslationService::add_source_attention(const TranslatedLine& found,
                                              AlignedPair& pair) const {
  if (models_.size() == 1) add_encoder_attention(models_[0].model, weights_, found, pair);
}

Json TranslationService::to_json(const TranslatedLine& found, const Translation& t,
                                 const std::optional<AlignedPair>& pair) const {
  Json json = {{"translation", t.text}, {"log_prob", nullptr}, {"score", nullptr}};
  if (!found.source.empty()) json["log_prob"] = t.log_prob, json["score"] = t.score;
  json["tokens"] = tokens_json(t.text, t.target, t.log_probs);
  if (has_attention_)
    json["links"] = pair                   ? attn::to_json(hard_links(to_words(*pair)))
                    : found.source.empty() ? Json::array()
                                           : Json();
  return json;
}

Json TranslationService::answer(const Request& request, const TranslatedLine& found) const {
  Json all = Json::array();
  for (const Translation& t : found.translations)
    all.push_back(to_json(found, t, aligned_pair(request.text, found, t)));
  Json best = all[0];
  if (request.search.n_best > 1) best["n_best"] = std::move(all);
  if (found.cuts > 0) best["cuts"] = found.cuts;
  if (!request.wants_attention) return best;
  best["attention"] = nullptr;
  auto pair = aligned_pair(request.text, found, found.translations[0]);
  if (!pair) return best;
  add_source_attention(found, *pair);
  best["attention"] = {{"source", page_source(*pair)}, {"target", page_target(*pair)}};
  return best;
}

}  // namespace attn

#include "service/tasks.h"

#include <numeric>

#include "base/error.h"
#include "search/forced_decoding.h"
#include "service/forced_pairs.h"

namespace attn {
namespace {

const char* const kRequest = "the request";

std::string task_text(const Json& request, const char* key) {
  if (!request.contains(key) || !request.at(key).is_string())
    fail(kRequest, "\"" + std::string(key) + "\" must be a string");
  return request.at(key).get<std::string>();
}

Json translate_task(TranslationService& service, const Json& request) {
  const Request parsed = service.request(request, kRequest);
  return service.answer(parsed, service.translate({&parsed, 1}, Spread::yes).at(0));
}

Json align_task(TranslationService& service, const Json& request) {
  const TrainedModel& model = service.models()[0];
  if (!service.has_attention()) fail(kRequest, "this model has no attention, so it cannot align");
  Pool pool(1);
  const auto pair = forced_pairs(model, {task_text(request, "source")},
                                 {task_text(request, "target")}, 0, pool)[0];
  if (!pair) return {{"links", Json::array()}, {"log_prob", nullptr}};
  return {{"links", to_json(hard_links(to_words(*pair)))}, {"log_prob", pair->log_prob}};
}

Json score_task(TranslationService& service, const Json& request) {
  const std::vector<std::string> source = {task_text(request, "source")},
                                 target = {task_text(request, "target")};
  Pool pool(1);
  const auto forced = score_targets(service.models()[0].model, source, target, 1, pool)[0];
  if (forced.log_probs.empty()) return {{"log_prob", nullptr}, {"tokens", Json::array()}};
  return {{"log_prob", std::accumulate(forced.log_probs.begin(), forced.log_probs.end(), 0.0)},
          {"tokens", tokens_json(target[0], forced.target, forced.log_probs)}};
}

}  // namespace

std::unique_ptr<TranslationService> open_service(const std::string& path, int threads) {
  std::vector<TrainedModel> models;
  models.push_back(load_model(model_of_run(path)));
  const SearchConfig search = models[0].config.search;
  check_precision(search, path);
  return std::make_unique<TranslationService>(std::move(models), search,
                                              threads > 0 ? threads : hardware_threads());
}

Json answer_task(TranslationService& service, const Json& request) {
  if (!request.is_object()) fail(kRequest, "it must be a JSON object");
  const std::string task = request.contains("task") ? task_text(request, "task") : "translate";
  Json answer = request;
  if (task == "translate")
    answer.update(translate_task(service, request));
  else if (task == "align")
    answer.update(align_task(service, request));
  else if (task == "score")
    answer.update(score_task(service, request));
  else
    fail(kRequest, "\"task\" must be \"translate\", \"align\" or \"score\"");
  return answer;
}

}  // namespace attn

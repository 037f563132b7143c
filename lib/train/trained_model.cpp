#include "train/trained_model.h"

#include "base/error.h"
#include "search/translate.h"
#include "train/checkpoint.h"

namespace attn {
namespace {

// Throws Error, with advice, if there is no model at `path`.
void check_model(const fs::path& path) {
  if (is_model(path)) return;
  const std::string advice = "give a directory such as RUN/best, or a packed file";
  if (!fs::exists(path) && RunDirectory(path.parent_path()).holds_run())
    fail(path.string(),
         "there is no such model in this run; if its training was interrupted, --resume of attn "
         "train restores it");
  if (!fs::exists(path)) fail(path.string(), "there is no such model; " + advice);
  const fs::path best = path / "best";
  fail(path.string(), "not a model directory (it has no " + missing_file(path) + "); " +
                          (is_model(best) ? "did you mean " + best.string() + "?" : advice));
}

// A model has no paths. If it is in its run directory, its test set is that of the run.
void copy_test_set_of_run(const fs::path& model, Config& config) {
  const fs::path run = fs::absolute(model).lexically_normal();
  const fs::path directory =
      run.has_filename() ? run.parent_path() : run.parent_path().parent_path();
  const fs::path file = directory / "config.json";
  if (!fs::exists(file) || !fs::exists(directory / "metrics.jsonl")) return;
  copy_test_set(config_from_json(parse_json(read_file(file), file.string()), file.string()),
                config);
}

}  // namespace

fs::path model_of_run(const fs::path& path) {
  return !is_model(path) && is_model(path / "best") ? path / "best" : path;
}

TrainedModel load_model(const fs::path& path) {
  check_model(path);
  ModelFile file = read_model_file(path);
  const std::string where = part_name(file, "config");
  Config config = config_from_json(parse_json(file.config, where), where);
  copy_test_set_of_run(path, config);
  const std::string card = file.card, card_name = part_name(file, "card");
  Model model = to_model(std::move(file), config.model, config.data.sentence_separator);
  return {path.string(), std::move(config), std::move(model), card_from_json(card, card_name)};
}

TrainedModel load_best_model(const fs::path& config_file) {
  const Config config = read_config(config_file, {});
  if (config.train.run_dir.empty())
    throw Error(config_file.string() +
                ": train.run_dir is not set, so there is no run to take the model from; set it, or "
                "give --model DIR instead");
  const fs::path best = config.train.run_dir / "best";
  if (!fs::exists(best / "config.json"))
    throw Error(best.string() +
                ": there is no trained model yet; train it with: attn train --config " +
                config_file.string());
  TrainedModel trained = load_model(best);
  copy_search_and_test(config, trained.config);
  return trained;
}

std::vector<TrainedModel> load_ensemble(const std::vector<fs::path>& directories) {
  std::vector<TrainedModel> models;
  std::vector<std::string> names;
  for (const fs::path& directory : directories)
    names.push_back(models.emplace_back(load_model(directory)).name);
  check_ensemble(pointers_to(models), names);
  return models;
}

std::vector<const Model*> pointers_to(const std::vector<TrainedModel>& models) {
  std::vector<const Model*> out;
  for (const TrainedModel& trained : models) out.push_back(&trained.model);
  return out;
}

}  // namespace attn

#include "train/trained_model.h"

#include "base/error.h"
#include "search/translate.h"

namespace attn {

TrainedModel load_model(const fs::path& directory) {
  const fs::path file = directory / "config.json", best = directory / "best";
  for (const char* name : {"config.json", "model.safetensors", "source.spm", "target.spm"})
    if (!fs::exists(directory / name))
      throw Error(directory.string() + ": not a model directory (it has no " + name + "); " +
                  (fs::exists(best) ? "did you mean " + best.string() + "?"
                                    : "give a directory such as RUN/best"));
  Config config = config_from_json(parse_json(read_file(file), file.string()), file.string());
  Model model = read_model(directory, config.model, config.data.sentence_separator);
  return {directory.string(), std::move(config), std::move(model)};
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

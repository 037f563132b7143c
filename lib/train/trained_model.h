// Trained models: a model, its configuration and its card.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "model/model_dir.h"
#include "train/card.h"
#include "train/config.h"

namespace attn {

struct TrainedModel {
  std::string name;  // its directory or file
  Config config;     // configuration of its training
  Model model;
  Card card = {};
};

// Returns the best model of a run directory; any other path is returned unchanged.
fs::path model_of_run(const fs::path& path);

// Loads a model directory or a packed file. If it is in its run directory, its test set is that of
// the run. Throws Error if it is not a model, or damaged.
TrainedModel load_model(const fs::path& path);

// Loads the best model of the run that `config_file` describes. Its options of search, test text
// and BLEU tokenizer are replaced by those in the file. Throws Error if there is no such model.
TrainedModel load_best_model(const fs::path& config_file);

// Loads several models that translate or score together. Throws Error if their vocabularies differ.
std::vector<TrainedModel> load_ensemble(const std::vector<fs::path>& directories);
std::vector<const Model*> pointers_to(const std::vector<TrainedModel>& models);

}  // namespace attn

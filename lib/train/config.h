// The whole configuration: reading, the rules that concern several sections, and documentation.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/model_config.h"
#include "search/search_config.h"
#include "train/data_config.h"
#include "train/train_config.h"

namespace attn {

struct Config {
  ModelConfig model;
  DataConfig data;
  TrainConfig train;
  SearchConfig search;

  static void fields(Fields<Config>& field);
};

// Reads the file `path`; `sets` ("train.seed=2") override its values. In the result, paths are
// absolute, and defaults that depend on other options have their values. Throws Error, with file
// and option, as read_options and validate do.
Config read_config(const std::filesystem::path& path, const std::vector<std::string>& sets);

// Reads the config of a model directory; `name` is its file name, for messages.
Config config_from_json(const Json& json, const std::string& name);

// Returns every option that applies. Reading the result gives the same config.
Json to_json(const Config& config);

// Returns what a model keeps of its config: every option that applies without the paths of files
// and directories.
Json to_model_json(const Config& config);

// Returns the paths of the options that apply and differ from the defaults.
std::vector<std::string> changed_options(const Config& config);

// Overrides options of a trained model's config by `sets`. Only options whose path begins with one
// of `allowed` may be set. Throws Error for other options, and as read_config does.
void override_trained(Config& config, const std::vector<std::string>& sets,
                      const std::vector<std::string>& allowed);

// Copies the test set of `from` to a trained model's config.
void copy_test_set(const Config& from, Config& trained);
// Copies the search options, the test set and the BLEU tokenizer of `from` to a trained model's
// config.
void copy_search_and_test(const Config& from, Config& trained);

// Throws Error if options contradict each other, within a section or across sections. The message
// begins with `where`.
void validate(const Config& config, const std::string& where);

// Throws Error if the config lacks what training needs (run directory, text, a stopping criterion),
// or if this machine does not support its precisions. The message begins with `where`.
void check_training(const Config& config, const std::string& where);

// Throws Error if a file that training reads, or a file of the test set, is missing, or if the run
// directory cannot be written. The message begins with `where`.
void check_training_files(const Config& config, const std::string& where);
void check_test_files(const Config& config, const std::string& where);

// Describes all options: for the terminal, and as a Markdown table.
std::string describe_text();
std::string describe_markdown();

}  // namespace attn

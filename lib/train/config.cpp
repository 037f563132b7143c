#include "train/config.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/option_docs.h"
#include "base/option_reader.h"
#include "model/encoder.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"

namespace attn {
namespace {

void resolve(Config& config) {
  resolve(config.model);
  resolve(config.data);
  resolve(config.train);
}

using ReadOptions = void (*)(const std::vector<Option>& options, const Json& json,
                             const std::string& name, const std::vector<std::string>& sets);

Config read(const Json& json, const std::string& name, const std::vector<std::string>& sets,
            ReadOptions read_options) {
  Config config;
  read_options(options(config), json, name, sets);
  resolve(config);
  validate(config, name);
  return config;
}

// Throws Error if a data file is missing whose option `wanted` selects.
template <class Wanted>
void check_files(Config config, const std::string& where, Wanted wanted) {
  std::error_code ignored;
  for (const auto& option : options(config))
    if (const auto* path = std::get_if<fs::path*>(&option.value);
        path && option.path.starts_with("data.") && wanted(option.path) && !(*path)->empty() &&
        !fs::exists(**path, ignored))
      fail(where,
           option.path + ": no such file: " + (*path)->string() +
               " (relative paths start at the directory of the configuration, in --set at the "
               "current directory)");
}

bool is_test(const std::string& option) {
  return option.starts_with("data.test_");
}

// Losses on attention weights need their gradient, which a stochastic normalizer does not have.
void validate_stochastic(const Config& config, const std::string& where) {
  const std::string& normalizer = config.model.attention.normalizer;
  if (!normalizers().at(normalizer).stochastic) return;
  const std::string name = "model.attention.normalizer \"" + normalizer + "\"";
  const std::string samples =
      " needs differentiable attention weights, but " + name + " samples them; use \"softmax\"";
  if (config.train.coverage_loss_weight > 0) fail(where, "train.coverage_loss_weight" + samples);
  if (!config.data.train_alignment.empty()) fail(where, "data.train_alignment" + samples);
  if (config.model.dropout.attention > 0 &&
      !encoders().at(config.model.encoder.type).has_self_attention)
    fail(where, "model.dropout.attention has no effect with " + name +
                    ", whose only weight is never dropped; set it to 0");
}

void validate_guided(const Config& config, const std::string& where) {
  if (!config.data.train_alignment.empty() && config.train.guided_alignment_weight == 0)
    fail(where,
         "data.train_alignment has no effect with train.guided_alignment_weight 0; raise the "
         "weight, or remove the file");
}

// Rejects limits on the attended words that no training sentence can exceed.
void validate_filters(const Config& config, const std::string& where) {
  const AttentionConfig& attention = config.model.attention;
  const AttentionSpan span =  // with the end of sentence
      attention_span(attention, config.data.max_length + 1, "data.max_length");
  const auto refuse = [&](const std::string& option, int value, const std::string& instead) {
    fail(where, option + " (" + std::to_string(value) +
                    ") excludes no word: a step attends to at most " + std::to_string(span.words) +
                    " words, because of " + span.option + "; lower it, or use " + instead);
  };
  if (attention.normalizer == "top_k" && attention.top_k >= span.words)
    refuse("model.attention.top_k", attention.top_k, "normalizer \"softmax\"");
  if (attention_windows().at(attention.window).is_centered_at_step &&
      attention.window_width >= config.data.max_length)
    refuse("model.attention.window_width", attention.window_width, "window \"global\"");
}

void validate_documents(const Config& config, const std::string& where) {
  if (config.model.encoder.hierarchical && config.data.sentence_separator.empty())
    fail(where,
         "model.encoder.hierarchical requires data.sentence_separator, the word between the "
         "sentences of a source line, such as \"|||\"");
}

void validate_search_of_model(const Config& config, const std::string& where) {
  if (attention_scores().at(config.model.attention.score).make) return;
  for (const auto& [name, wanted] :
       {std::pair("search.coverage_penalty", config.search.coverage_penalty > 0),
        std::pair("search.replace_unknown", config.search.replace_unknown)})
    if (wanted)
      fail(where,
           std::string(name) +
               " needs attention weights, which model.attention.score \"none\" does not have");
}

}  // namespace

void Config::fields(Fields<Config>& field) {
  field("model", &Config::model);
  field("data", &Config::data);
  field("train", &Config::train);
  field("search", &Config::search);
}

Config read_config(const std::filesystem::path& path, const std::vector<std::string>& sets) {
  return read(parse_json(read_file(path), path.string()), path.string(), sets, read_options);
}

Config config_from_json(const Json& json, const std::string& name) {
  return read(json, name, {}, read_options);
}

Json to_json(const Config& config) {
  Config copy = config;
  return options_to_json(options(copy));
}

// Options that depend on the existence of a file do not apply without its path.
Json to_model_json(const Config& config) {
  Config copy = config, without = config;
  const auto all = options(copy), left = options(without);
  for (const Option& option : left)
    if (const auto* path = std::get_if<fs::path*>(&option.value)) (*path)->clear();
  return options_to_json(all, [&](const Option& option) {
    return !std::holds_alternative<fs::path*>(option.value) &&
           applies(left, *find_option(left, option.path));
  });
}

std::vector<std::string> changed_options(const Config& config) {
  Config given = config, defaults, resolved = config;
  resolved.model.attention.hidden_size = resolved.train.decay_updates = 0;
  resolved.data.byte_fallback.reset(), resolved.data.character_coverage.reset();
  resolve(resolved);
  defaults.model.attention.hidden_size = resolved.model.attention.hidden_size;
  defaults.train.decay_updates = resolved.train.decay_updates;
  defaults.data.byte_fallback = resolved.data.byte_fallback;
  defaults.data.character_coverage = resolved.data.character_coverage;
  return changed_options(options(given), options(defaults));
}

void override_trained(Config& config, const std::vector<std::string>& sets,
                      const std::vector<std::string>& allowed) {
  std::string listed;
  for (const auto& path : allowed)
    listed += (listed.empty() ? "" : ", ") + path + (path.back() == '.' ? "…" : "");
  for (const auto& set : sets)
    if (std::none_of(allowed.begin(), allowed.end(),
                     [&](auto& path) { return set.starts_with(path); }))
      fail("--set", set + ": cannot be changed for a trained model here; allowed: " + listed +
                        (allowed[0].back() == '.' ? ", as in search.beam_size=10" : ""));
  config = read(to_json(config), "--set", sets, read_resolved_options);
  check_precision(config.search, sets.empty() ? "the model's configuration" : "--set");
}

void copy_test_set(const Config& from, Config& trained) {
  trained.data.test_source = from.data.test_source;
  trained.data.test_target = from.data.test_target;
  trained.data.test_alignment = from.data.test_alignment;
}

void copy_search_and_test(const Config& from, Config& trained) {
  trained.search = from.search;
  copy_test_set(from, trained);
  trained.data.bleu_tokenizer = from.data.bleu_tokenizer;
}

void validate(const Config& config, const std::string& where) {
  validate(config.model, where);
  validate(config.data, where);
  validate(config.train, where);
  validate(config.search, where);
  validate_filters(config, where);
  validate_documents(config, where);
  validate_stochastic(config, where);
  validate_guided(config, where);
  validate_search_of_model(config, where);
}

void check_training(const Config& config, const std::string& where) {
  const auto& data = config.data;
  const auto& train = config.train;
  check_precision(config.search, where);
  check_precision(train, where);
  if (train.run_dir.empty())
    fail(where, "train.run_dir is required: the directory for everything that training writes");
  if (data.train_source.empty()) fail(where, "data.train_source is required");
  if (data.train_target.empty()) fail(where, "data.train_target is required");
  if (train.max_updates == 0 && train.max_epochs == 0 && train.max_seconds == 0 &&
      train.patience == 0)
    fail(where,
         "training would never end; set train.max_updates, train.max_epochs, train.max_seconds or "
         "train.patience");
  if (data.valid_source.empty() && train.patience > 0)
    fail(where, "train.patience requires data.valid_source and data.valid_target");
  if (data.valid_source.empty() && train.schedule == "plateau")
    fail(where, "train.schedule \"plateau\" requires data.valid_source and data.valid_target");
}

void check_training_files(const Config& config, const std::string& where) {
  const fs::path& run = config.train.run_dir;
  if (fs::exists(run) && !fs::is_directory(run))
    fail(where, "train.run_dir: " + run.string() + " is a file; choose a directory");
  if (!run.empty() && !is_writable(run))
    fail(where, "train.run_dir: cannot write to " + run.string() + "; choose another directory");
  check_files(config, where, [](const std::string& option) { return !is_test(option); });
  check_separator_occurs(config.data, where);
}

void check_test_files(const Config& config, const std::string& where) {
  check_files(config, where, is_test);
}

std::string describe_text() {
  Config config;
  return attn::describe_text(options(config));
}

std::string describe_markdown() {
  Config config;
  return attn::describe_markdown(options(config));
}

}  // namespace attn

// attn info: describes a model.
#include <iostream>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "commands.h"
#include "exit_code.h"
#include "model/quantized_weights.h"
#include "option_builder.h"
#include "train/trained_model.h"

namespace attn {
namespace {

struct InfoOptions {
  fs::path model;
  bool json = false;
};

// The rows of the description: a key and a text.
using InfoRows = std::vector<std::pair<std::string, std::string>>;

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

void add_text(InfoRows& rows, const std::string& key, const std::string& text) {
  if (!text.empty()) rows.emplace_back(key, text);
}

void add_card(const Card& card, InfoRows& rows) {
  if (!card.source_language.empty() || !card.target_language.empty())
    rows.emplace_back("languages", (card.source_language.empty() ? "?" : card.source_language) +
                                       " to " +
                                       (card.target_language.empty() ? "?" : card.target_language));
  add_text(rows, "description", card.description);
  add_text(rows, "license", card.license);
  if (card.pairs > 0)
    rows.emplace_back("training", with_commas(card.pairs) + " pairs, " +
                                      with_commas(card.source_subwords) + " source and " +
                                      with_commas(card.target_subwords) + " target subwords, " +
                                      with_commas(card.updates) + " updates");
  for (const CardScore& score : card.scores)
    rows.emplace_back(score.name, format("%.2f", score.value) + " on the validation text (" +
                                      score.signature + ")");
  if (!card.date.empty()) rows.emplace_back("trained", card.date + " by attn " + card.version);
}

std::string precision_name(const ModelFile& file) {
  for (const auto& [name, tensor] : file.weights.tensors)
    if (is_quantized(tensor)) return "int8";
  return "float32";
}

std::uintmax_t size_on_disk(const ModelFile& file) {
  if (file.is_packed) return fs::file_size(file.path);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(file.path))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

InfoRows rows_of(const TrainedModel& trained, const ModelFile& file) {
  const ModelConfig& model = trained.config.model;
  InfoRows rows;
  add_card(trained.card, rows);
  rows.emplace_back("encoder", model.encoder.type);
  rows.emplace_back("decoder", model.decoder.type);
  rows.emplace_back("attention", model.attention.score + " score, " + model.attention.normalizer +
                                     " weights, " + std::to_string(model.attention.heads) +
                                     (model.attention.heads == 1 ? " head" : " heads"));
  rows.emplace_back("sizes", "embedding " + std::to_string(model.embedding_size) + ", hidden " +
                                 std::to_string(model.hidden_size));
  rows.emplace_back("vocabulary", with_commas(trained.model.source.size()) + " source and " +
                                      with_commas(trained.model.target.size()) +
                                      " target subwords");
  rows.emplace_back("parameters", with_commas(trained.model.network.layout().count()) + ", in " +
                                      precision_name(file));
  rows.emplace_back("size", format("%.1f MB", static_cast<double>(size_on_disk(file)) / 1e6));
  rows.emplace_back("checksums", file.weights.metadata.contains("crc32")
                                     ? "correct"
                                     : "none, because another program wrote the weights");
  return rows;
}

Json info_json(const TrainedModel& trained, const ModelFile& file) {
  return {{"card", to_json(trained.card)},
          {"config", to_model_json(trained.config)},
          {"source_vocabulary_size", trained.model.source.size()},
          {"target_vocabulary_size", trained.model.target.size()},
          {"parameters", trained.model.network.layout().count()},
          {"precision", precision_name(file)},
          {"bytes", size_on_disk(file)},
          {"packed", file.is_packed},
          {"has_checksums", file.weights.metadata.contains("crc32")}};
}

int run_info(const InfoOptions& options) {
  const fs::path path = model_of_run(options.model);
  const TrainedModel trained = load_model(path);
  const ModelFile file = read_model_file(path);
  if (options.json)
    std::cout << to_text(info_json(trained, file));
  else
    for (const auto& [key, text] : rows_of(trained, file))
      std::cout << pad_right(key, 13) << text << '\n';
  return kSuccess;
}

}  // namespace

void add_info(CLI::App& app, Command& command) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* sub = app.add_subcommand("info", "Describe a model: its card and its architecture");
  OptionBuilder add(*sub);
  add.group("Model");
  add.model("model", options->model, "Model directory, packed file, or run directory")->required();
  add.group("Output");
  add.flag("--json", options->json, "Print one JSON object");
  sub->footer(
      "The checksums of all parts are verified.\n\n"
      "Examples:\n"
      "  attn info en-fr.attn\n"
      "  attn info RUN --json");
  set_action(*sub, command, options, run_info);
}

}  // namespace attn

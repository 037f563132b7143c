// attn pack: puts a model into one file that can be given to others.
#include "base/error.h"
#include "base/strings.h"
#include "commands.h"
#include "exit_code.h"
#include "file_checks.h"
#include "log.h"
#include "model/quantized_weights.h"
#include "option_builder.h"
#include "search/search_config.h"
#include "train/trained_model.h"

namespace attn {
namespace {

struct PackOptions {
  fs::path model, output;
  std::string precision = "int8";
  std::string source_language, target_language, license, description;
};

// Replaces a text of the card by that of an option, if it was given.
void replace_if_given(const std::string& given, std::string& text) {
  if (!given.empty()) text = given;
}

std::string completed_card(const ModelFile& file, const PackOptions& options) {
  Card card = card_from_json(file.card, part_name(file, "card"));
  replace_if_given(options.source_language, card.source_language);
  replace_if_given(options.target_language, card.target_language);
  replace_if_given(options.license, card.license);
  replace_if_given(options.description, card.description);
  return to_line(to_json(card));
}

// Returns the config of the model without paths, on one line. A model in 8 bits translates with
// 8-bit products unless its user overrides that.
std::string packed_config(const TrainedModel& model, Precision precision) {
  Config config = model.config;
  if (precision == Precision::int8) config.search.precision = "int8";
  return to_line(to_model_json(config));
}

std::string megabytes(std::size_t bytes) {
  return format("%.1f MB", static_cast<double>(bytes) / 1e6);
}

void check_pack_options(const PackOptions& options) {
  check_language(options.source_language, "--source-language");
  check_language(options.target_language, "--target-language");
  if (fs::is_directory(options.output))
    throw Error(options.output.string() + ": a directory; give a file name such as en-fr.attn");
  check_parent_directory(options.output);
  check_distinct(named_models({options.model}), {{"--output", options.output}});
}

int run_pack(const PackOptions& options) {
  check_pack_options(options);
  const fs::path path = model_of_run(options.model);
  const TrainedModel trained = load_model(path);
  const Precision precision = search_precisions().at(options.precision);
  ModelFile file = read_model_file(path);
  file.config = packed_config(trained, precision);
  file.card = completed_card(file, options);
  file.is_packed = true;
  file.weights = {};
  add_tensors(trained.model.network.layout(), trained.model.weights.flat(), "", file.weights);
  const std::size_t whole = weight_bytes(file);
  QuantizedTensors quantized;
  if (precision == Precision::int8) file.weights = quantized.quantize(file.weights);
  write_packed_model(options.output, file);
  log_info("packed " + path.string() + " into " + options.output.string() + ", " +
           megabytes(fs::file_size(options.output)) + ": the weights take " +
           megabytes(weight_bytes(file)) + ", in float32 " + megabytes(whole));
  return kSuccess;
}

}  // namespace

void add_pack(CLI::App& app, Command& command) {
  auto options = std::make_shared<PackOptions>();
  CLI::App* sub = app.add_subcommand("pack", "Put a model into one file that can be given away");
  OptionBuilder add(*sub);
  add.group("Model");
  add.model("model", options->model, "Model, or run directory, whose best model is packed")
      ->required();
  add.file("--output", options->output, "Packed file to write, e.g. en-fr.attn")->required();
  sub->add_option("--precision", options->precision, "Number format of the weights in the file")
      ->type_name("NAME")
      ->check(is_one_of(names_of(search_precisions().choices())))
      ->default_str(options->precision);
  add.group("Card");
  const auto text = [&](const char* name, std::string& value, const char* what) {
    sub->add_option(name, value, what)->type_name("TEXT");
  };
  text("--source-language", options->source_language, "Language of the source, e.g. en");
  text("--target-language", options->target_language, "Language of the target, e.g. fr");
  text("--license", options->license, "License of the model, e.g. CC-BY-4.0");
  text("--description", options->description, "One sentence about the model");
  sub->footer(
      "The file contains weights, tokenizers, configuration and card, and no path of this "
      "machine.\n"
      "Every --model option accepts it. attn info shows its card.\n\n"
      "Examples:\n"
      "  attn pack RUN --output en-fr.attn --source-language en --target-language fr\n"
      "  attn translate --model en-fr.attn --input in.en");
  set_action(*sub, command, options, run_pack);
}

}  // namespace attn

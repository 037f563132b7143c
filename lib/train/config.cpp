#include "train/config.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/machine.h"
#include "math/precision.h"
#include "math/product.h"
#include "model/encoder.h"
#include "nn/score.h"
#include "nn/weighting.h"
#include "nn/window.h"
#include "text/tokenizer.h"

namespace attn {
namespace {

// Zeros that stand for the value of another option.
void resolve(Config& config) {
  auto& attention = config.model.attention;
  if (attention.size == 0 && (attention.heads > 1 || scores().at(attention.score).projects))
    attention.size = config.model.hidden_size;
  if (config.train.decay_updates == 0) config.train.decay_updates = config.train.max_updates;
}

Config read(const Json& json, const std::string& name, const std::vector<std::string>& sets,
            bool resolved = false) {
  Config config;
  read_options(options(config), json, name, sets, resolved);
  resolve(config);
  check_rules(config, name);
  return config;
}

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  throw Error(where + ": " + message);
}

// Every file of the data that is named, and that `wanted` holds of, is there.
template <class Wanted>
void check_files(Config config, const std::string& where, Wanted wanted) {
  std::error_code unknown;
  for (const auto& option : options(config))
    if (const auto* path = std::get_if<fs::path*>(&option.value);
        path && option.path.starts_with("data.") && wanted(option.path) && !(*path)->empty() &&
        !fs::exists(**path, unknown))
      fail(where, option.path + ": there is no file " + (*path)->string() +
                      "; a relative path begins at the config's folder, in --set at the current "
                      "one");
}

bool is_test(const std::string& option) {
  return option.starts_with("data.test_");
}

void check_data(const DataConfig& data, const std::string& where) {
  if (data.valid_source.empty() != data.valid_target.empty())
    fail(where, "data.valid_source and data.valid_target: give both or neither");
  if (data.test_source.empty() != data.test_target.empty())
    fail(where, "data.test_source and data.test_target: give both or neither");
  if (!data.test_alignment.empty() && data.test_source.empty())
    fail(where, "data.test_alignment needs data.test_source and data.test_target");
  if (!data.shared_vocabulary && data.source_model.empty() != data.target_model.empty())
    fail(where,
         "data.source_model and data.target_model: give both or neither "
         "(data.source_model alone goes with data.shared_vocabulary true)");
}

void check_schedule(const TrainConfig& train, const std::string& where) {
  if (train.schedule == "inverse_sqrt" && train.warmup == 0)
    fail(where, "train.warmup must be at least 1 with train.schedule \"inverse_sqrt\"");
  if (train.schedule == "cosine" && train.decay_updates == 0)
    fail(where, "train.schedule \"cosine\" needs train.decay_updates or train.max_updates");
  if (train.schedule == "cosine" && train.decay_updates <= train.warmup)
    fail(where,
         "train.decay_updates (where it is not given, train.max_updates) must be above "
         "train.warmup (" +
             std::to_string(train.warmup) + "), got " + std::to_string(train.decay_updates));
}

// What moves weights by their gradient.
void check_drawn(const Config& config, const std::string& where) {
  const std::string& weights = config.model.attention.weights;
  if (!weightings().at(weights).draws) return;
  const std::string drawn = " those that are drawn (model.attention.weights \"" + weights + "\")";
  if (config.train.coverage_weight > 0)
    fail(where, "train.coverage_weight moves weights by their gradient, which" + drawn +
                    " have not; take \"softmax\"");
  if (!config.data.train_alignment.empty())
    fail(where, "data.train_alignment guides weights by their gradient, which" + drawn +
                    " have not; take \"softmax\"");
  if (config.model.dropout.attention > 0 && !encoders().at(config.model.encoder.type).attends)
    fail(where, "model.dropout.attention drops some of many weights; of" + drawn +
                    " there is one, without which a step sees nothing: take the dropout out");
}

void check_guided(const Config& config, const std::string& where) {
  if (config.data.train_alignment.empty()) return;
  if (config.data.train_source.empty())
    fail(where, "data.train_alignment needs data.train_source and data.train_target");
  if (config.train.guided_alignment_weight == 0)
    fail(where,
         "data.train_alignment guides nothing with train.guided_alignment_weight 0; raise that, or "
         "take the file out");
}

// Whether anything has this size.
bool uses_size(const AttentionConfig& attention) {
  const auto& score = scores().at(attention.score);
  return attention.heads > 1 || score.projects || score.compares ||
         windows().at(attention.window).predicts;
}

void check_attention(const ModelConfig& model, const std::string& where) {
  const AttentionConfig& attention = model.attention;
  const std::string score = "model.attention.score \"" + attention.score + "\"";
  const MemoryRows rows = encoders().at(model.encoder.type).rows(model);
  const int memory = static_cast<int>(rows.values);
  if (!scores().at(attention.score).make && rows.last == 0)
    fail(where, score +
                    " gives the decoder the last forward state of a recurrent encoder, which "
                    "model.encoder.type \"" +
                    model.encoder.type +
                    "\" does not pass on; take another score, or the encoder \"recurrent\"");
  if (scores().at(attention.score).compares && attention.size == 0 && memory != model.hidden_size)
    fail(where, score + " compares the decoder's state (" + std::to_string(model.hidden_size) +
                    " numbers) with a source word (" + std::to_string(memory) +
                    "): give model.attention.size, to which both are projected");
  if (!uses_size(attention) && attention.size > 0)
    fail(where, "model.attention.size does not apply to " + score +
                    " with one head: it compares through a matrix of the sizes that there are; "
                    "take it out");
  if (attention.heads > 1 && attention.size % attention.heads != 0)
    fail(where, "model.attention.size (" + std::to_string(attention.size) +
                    ") must be a multiple of model.attention.heads (" +
                    std::to_string(attention.heads) + ")");
  if (windows().at(attention.window).covers && attention.score != "additive")
    fail(where, "model.attention.window \"" + attention.window +
                    "\" tells the score of past weights, which " + score +
                    " has no place for; take \"additive\"");
  const auto& window = windows().at(attention.window);
  if (!scores().at(attention.score).reads_words && !(window.everywhere && !window.covers))
    fail(where, score +
                    " looks at the sentence's first words alone; it goes with "
                    "model.attention.window \"global\"");
  const int compared = attention.size > 0 ? attention.size / attention.heads : model.hidden_size;
  if (scores().at(attention.score).directions && compared < 2)
    fail(where, score +
                    " compares directions, and a single number has none but its sign: give "
                    "model.attention.size two numbers or more for each head");
}

// The most words that a step of the decoder may see, and the option that says so.
struct Sight {
  int words;
  std::string by;
};

Sight sight(const Config& config) {
  const AttentionConfig& attention = config.model.attention;
  Sight out = {config.data.max_length + 1, "data.max_length"};  // the end of sentence is seen too
  const auto narrow = [&](int words, const std::string& by) {
    if (words < out.words) out = {words, by};
  };
  if (!windows().at(attention.window).everywhere)
    narrow(2 * attention.window_width + 1, "model.attention.window_width");
  if (!scores().at(attention.score).reads_words)
    narrow(attention.positions, "model.attention.positions");
  return out;
}

// What could never leave a word out.
void check_filters(const Config& config, const std::string& where) {
  const AttentionConfig& attention = config.model.attention;
  const Sight seen = sight(config);
  const auto refuse = [&](const std::string& option, int value, const std::string& instead) {
    fail(where, option + " (" + std::to_string(value) + ") leaves no word out: a step sees " +
                    std::to_string(seen.words) + " at most, by " + seen.by +
                    "; lower it, or take " + instead);
  };
  if (attention.weights == "top_k" && attention.top_k >= seen.words)
    refuse("model.attention.top_k", attention.top_k, "weights \"softmax\"");
  const auto& window = windows().at(attention.window);
  if (!window.everywhere && !window.predicts && attention.window_width >= config.data.max_length)
    refuse("model.attention.window_width", attention.window_width, "window \"global\"");
}

// What attention in two levels cannot be.
void check_levels(const ModelConfig& model, const std::string& where) {
  if (!model.encoder.hierarchical) return;
  const AttentionConfig& attention = model.attention;
  const std::string with = " does not go with model.encoder.hierarchical: ";
  const auto& score = scores().at(attention.score);
  if (!score.make || !score.reads_words)
    fail(where,
         "model.attention.score \"" + attention.score + "\"" + with +
             (!score.make ? "there is no attention that could have levels"
                          : "it knows places in a line, not in a sentence, and reads no sentence") +
             "; take another score");
  if (attention.window != "global")
    fail(where, "model.attention.window \"" + attention.window + "\"" + with +
                    "it goes by the words of a line, whatever their sentence; take \"global\"");
  if (weightings().at(attention.weights).draws)
    fail(where,
         "model.attention.weights \"" + attention.weights + "\"" + with +
             "a word would be drawn in every sentence, though one sentence alone is looked at; "
             "take another weighting");
}

void check_separator(const Config& config, const std::string& where) {
  const std::string& separator = config.data.sentence_separator;
  if (!config.model.encoder.hierarchical) return;
  if (separator.empty())
    fail(where,
         "model.encoder.hierarchical needs data.sentence_separator: the word that stands between "
         "the sentences of a source line, such as \"|||\"");
  if (split_words(separator) != std::vector{separator})
    fail(where, "data.sentence_separator must be one word, without white space, got \"" +
                    separator + "\"");
}

void check_search(const Config& config, const std::string& where) {
  const SearchConfig& search = config.search;
  if (search.method == "beam" && search.n_best > search.beam_size)
    fail(where, "search.n_best (" + std::to_string(search.n_best) +
                    ") must not be above search.beam_size (" + std::to_string(search.beam_size) +
                    ")");
  if (search.max_length > 0 && search.min_length > search.max_length)
    fail(where, "search.min_length (" + std::to_string(search.min_length) +
                    ") must not be above search.max_length (" + std::to_string(search.max_length) +
                    ")");
  if (scores().at(config.model.attention.score).make) return;
  for (const auto& [name, wanted] :
       {std::pair("search.coverage_penalty", search.coverage_penalty > 0),
        std::pair("search.replace_unknown", search.replace_unknown)})
    if (wanted)
      fail(where, std::string(name) +
                      " needs to know what the model looks at: it does not go with "
                      "model.attention.score \"none\"");
}

void check_encoder(const Config& config, const std::string& where) {
  const EncoderConfig& encoder = config.model.encoder;
  const int memory = 2 * config.model.hidden_size;
  if (!encoders().at(encoder.type).attends) return;
  if (memory % encoder.heads != 0)
    fail(where, "2 · model.hidden_size (" + std::to_string(memory) +
                    ") must be a multiple of model.encoder.heads (" +
                    std::to_string(encoder.heads) + ")");
}

// A separator that stands nowhere is misspelt: every document would be one sentence.
void check_separator(const DataConfig& data, const std::string& where) {
  if (data.sentence_separator.empty() || data.train_source.empty()) return;
  LineReader lines(data.train_source);
  for (std::string line; lines.next(line);)
    if (split_sentences(line, data.sentence_separator).size() > 1) return;
  fail(where, "data.sentence_separator: no line of " + data.train_source.string() +
                  " has the word \"" + data.sentence_separator +
                  "\"; it stands between the sentences of a document, parted from them by spaces");
}

}  // namespace

Precision precision_of(const TrainConfig& train) {
  return train.precision == "bfloat16" ? Precision::bfloat16 : Precision::float32;
}

Config read_config(const std::filesystem::path& path, const std::vector<std::string>& sets) {
  return read(parse_json(read_file(path), path.string()), path.string(), sets);
}

Config config_from_json(const Json& json, const std::string& name) {
  return read(json, name, {});
}

Json to_json(const Config& config) {
  Config copy = config;
  return options_to_json(options(copy));
}

std::vector<std::string> changed_options(const Config& config) {
  Config given = config, defaults, resolved = config;
  resolved.model.attention.size = resolved.train.decay_updates = 0;
  resolve(resolved);
  defaults.model.attention.size = resolved.model.attention.size;
  defaults.train.decay_updates = resolved.train.decay_updates;
  return changed_options(options(given), options(defaults));
}

void override_trained(Config& config, const std::vector<std::string>& sets,
                      const std::vector<std::string>& free) {
  std::string listed;
  for (const auto& path : free)
    listed += (listed.empty() ? "" : ", ") + path + (path.back() == '.' ? "…" : "");
  for (const auto& set : sets)
    if (std::none_of(free.begin(), free.end(), [&](auto& path) { return set.starts_with(path); }))
      fail("--set", set + ": has no effect on a trained model here; what can be set is " + listed +
                        (free[0].back() == '.' ? ", as in search.beam_size=10" : ""));
  config = read(to_json(config), "--set", sets, true);
  check_precision(config.search, sets.empty() ? "the model's config" : "--set");
}

void take_search_and_test(const Config& from, Config& trained) {
  trained.search = from.search;
  trained.data.test_source = from.data.test_source;
  trained.data.test_target = from.data.test_target;
  trained.data.test_alignment = from.data.test_alignment;
  trained.data.bleu_tokenizer = from.data.bleu_tokenizer;
}

void check_rules(const Config& config, const std::string& where) {
  const ModelConfig& model = config.model;
  if (model.tie_embeddings && model.decoder.readout_size != model.embedding_size)
    fail(where, "model.tie_embeddings needs model.decoder.readout_size (" +
                    std::to_string(model.decoder.readout_size) +
                    ") to equal model.embedding_size (" + std::to_string(model.embedding_size) +
                    ")");
  check_encoder(config, where);
  check_attention(model, where);
  check_filters(config, where);
  check_levels(model, where);
  check_separator(config, where);
  check_data(config.data, where);
  check_drawn(config, where);
  check_guided(config, where);
  check_schedule(config.train, where);
  check_search(config, where);
}

void check_training(const Config& config, const std::string& where) {
  const auto& data = config.data;
  const auto& train = config.train;
  check_precision(config, where);
  if (train.run_dir.empty()) fail(where, "train.run_dir is missing: where shall the run be kept?");
  if (data.train_source.empty()) fail(where, "data.train_source is missing: training needs a text");
  if (data.train_target.empty())
    fail(where, "data.train_target is missing: training needs a translation");
  if (train.max_updates == 0 && train.max_epochs == 0 && train.max_seconds == 0 &&
      train.patience == 0)
    fail(where,
         "training would never end: give train.max_updates, train.max_epochs, train.max_seconds or "
         "train.patience");
  if (data.valid_source.empty() && train.patience > 0)
    fail(where, "train.patience needs data.valid_source and data.valid_target");
  if (data.valid_source.empty() && train.schedule == "plateau")
    fail(where, "train.schedule \"plateau\" needs data.valid_source and data.valid_target");
}

void check_precision(const SearchConfig& search, const std::string& where) {
  if (search.precision == "int8" && !available(Precision::int8))
    fail(where,
         "search.precision \"int8\" needs oneDNN, with which this program was not built; take "
         "\"float32\"");
}

void check_precision(const Config& config, const std::string& where) {
  check_precision(config.search, where);
  if (available(precision_of(config.train))) return;
  fail(where,
       "train.precision \"" + config.train.precision +
           "\" needs a processor that multiplies bfloat16 (AVX512_BF16 or AMX) and a program "
           "built with oneDNN: " +
           processor_name() + ", " + product_library() + "; take \"float32\"");
}

void check_training_files(const Config& config, const std::string& where) {
  const fs::path& run = config.train.run_dir;
  if (fs::exists(run) && !fs::is_directory(run))
    fail(where, "train.run_dir: " + run.string() + " is a file; name a directory");
  if (!run.empty() && !can_be_written(run))
    fail(where, "train.run_dir: " + run.string() + " cannot be written or made; name another");
  check_files(config, where, [](const std::string& option) { return !is_test(option); });
  check_separator(config.data, where);
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

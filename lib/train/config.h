// The options of training, and the whole configuration.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fields.h"
#include "math/precision.h"
#include "model/config.h"
#include "search/config.h"
#include "train/choices.h"
#include "train/data_config.h"

namespace attn {

struct TrainConfig {
  std::filesystem::path run_dir;
  std::int64_t seed = 1;
  int threads = 0;
  int shards = 4;
  std::string precision = "float32";

  std::string batch_unit = "tokens";
  int batch_size = 4096;
  int sort_within = 6400;
  int accumulate = 1;
  std::string normalise = "tokens";

  std::string optimizer = "adam";
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double rho = 0.95;
  double momentum = 0;
  double weight_decay = 0.01;

  std::string schedule = "constant";
  int warmup = 0;
  int decay_updates = 0;
  double plateau_factor = 0.5;
  int plateau_patience = 1;
  double min_learning_rate = 0;

  double clip_norm = 1.0;
  double label_smoothing = 0;
  double moving_average = 0;
  double coverage_weight = 0;
  double guided_alignment_weight = 0.1;
  double guided_alignment_decay = 1;

  int max_updates = 0;
  int max_epochs = 0;
  double max_seconds = 0;

  int valid_every = 500;
  std::string valid_metric = "bleu";
  int valid_beam = 1;
  int patience = 0;
  int log_every = 50;

  static void fields(auto&& field) {
    run_fields(field);
    batch_fields(field);
    optimizer_fields(field);
    schedule_fields(field);
    validation_fields(field);
  }

 private:
  using C = TrainConfig;

  static void run_fields(auto&& field) {
    field("run_dir", &C::run_dir, any(), "directory that training makes and keeps everything in");
    field("seed", &C::seed, any(), "of everything random");
    field("threads", &C::threads, between(0, 256), "worker threads; 0: as many as the machine has");
    field("shards", &C::shards, between(1, 256),
          "parts of a batch that threads take; changes rounding (threads never do)");
    field("precision", &C::precision,
          one_of({{"float32", "as they are"},
                  {"bfloat16",
                   "what weights multiply, and they, rounded to sixteen bits, their sums not: "
                   "faster where the processor has it (AVX512_BF16, AMX), and nearly the same"}}),
          "numbers that products of an update are made of; weights, gradients, optimizer and "
          "validations keep float32");
    field("max_updates", &C::max_updates, at_least(0),
          "stop after so many updates; 0: no such budget");
    field("max_epochs", &C::max_epochs, at_least(0),
          "stop after so many epochs; 0: no such budget");
    field("max_seconds", &C::max_seconds, at_least(0),
          "stop after so many seconds, validations included; the last validation and saving come "
          "on top; 0: no such budget");
  }

  static void batch_fields(auto&& field) {
    field(
        "batch_unit", &C::batch_unit,
        one_of({{"tokens", "target pieces, the end of sentence counted"}, {"sentences", "pairs"}}),
        "what train.batch_size counts");
    field("batch_size", &C::batch_size, at_least(1), "size of a batch, all shards together");
    field("sort_within", &C::sort_within, at_least(1),
          "sentences that are sorted by length to make batches of similar length");
    field("accumulate", &C::accumulate, at_least(1), "batches per update");
    field("normalise", &C::normalise,
          one_of({{"tokens", "target pieces"},
                  {"sentences", "sentences, as in Bahdanau et al. 2015"}}),
          "what the summed cost of an update is divided by, before clipping");
  }

  static void optimizer_fields(auto&& field) {
    const std::string optimizer = "train.optimizer";
    field("optimizer", &C::optimizer, one_of(optimizer_choices()), "rule of the updates");
    field("learning_rate", &C::learning_rate, above(0), "learning rate before the schedule",
          DefaultBy{
              optimizer,
              {{"adam", 1e-3}, {"adamw", 1e-3}, {"adadelta", 1}, {"adagrad", 0.01}, {"sgd", 0.1}}});
    field("beta1", &C::beta1, at_least(0) && below(1), "decay of the mean of the gradients",
          when(optimizer, {"adam", "adamw"}));
    field("beta2", &C::beta2, at_least(0) && below(1), "decay of the mean of their squares",
          when(optimizer, {"adam", "adamw"}));
    field("epsilon", &C::epsilon, above(0), "keeps divisions finite",
          when(optimizer, {"adam", "adamw", "adadelta", "adagrad"}),
          DefaultBy{optimizer,
                    {{"adam", 1e-8}, {"adamw", 1e-8}, {"adadelta", 1e-6}, {"adagrad", 1e-10}}});
    field("rho", &C::rho, at_least(0) && below(1), "decay of the means of squares",
          when(optimizer, {"adadelta"}));
    field("momentum", &C::momentum, at_least(0) && below(1), "part of the last step that is kept",
          when(optimizer, {"sgd"}));
    field("weight_decay", &C::weight_decay, at_least(0),
          "times the learning rate: part of a weight lost per update", when(optimizer, {"adamw"}));
    field("clip_norm", &C::clip_norm, at_least(0),
          "largest norm of the whole gradient; 0: never clip");
    field("label_smoothing", &C::label_smoothing, at_least(0) && below(1),
          "probability spread over all words (Szegedy et al. 2016)");
    field("moving_average", &C::moving_average, at_least(0) && below(1),
          "decay of the moving average of the weights, which is what gets saved; 0: none");
    field("coverage_weight", &C::coverage_weight, at_least(0),
          "factor of the loss of looking twice, which each head bears (See et al. 2017, eq. 13)",
          when("model.attention.window", {"coverage"}));
    const Condition guided = when_not("data.train_alignment", {""});
    field("guided_alignment_weight", &C::guided_alignment_weight, at_least(0),
          "factor of the loss of looking elsewhere than data.train_alignment says (Chen et al. "
          "2016); weights that are exactly zero are not pulled up",
          guided);
    field("guided_alignment_decay", &C::guided_alignment_decay, above(0) && at_most(1),
          "what that factor is multiplied by after each update", guided);
  }

  static void schedule_fields(auto&& field) {
    const std::string schedule = "train.schedule";
    field("schedule", &C::schedule, one_of(schedule_choices()), "course of the learning rate");
    field("warmup", &C::warmup, at_least(0),
          "updates in which the learning rate rises from 0, linearly");
    field("decay_updates", &C::decay_updates, at_least(0),
          "updates until the end of the cosine; 0: train.max_updates", when(schedule, {"cosine"}));
    field("plateau_factor", &C::plateau_factor, above(0) && below(1),
          "what the learning rate is multiplied by", when(schedule, {"plateau"}));
    field("plateau_patience", &C::plateau_patience, at_least(1),
          "validations without gain before that", when(schedule, {"plateau"}));
    field("min_learning_rate", &C::min_learning_rate, at_least(0), "where the fall ends",
          when(schedule, {"cosine", "plateau"}));
  }

  static void validation_fields(auto&& field) {
    field("valid_every", &C::valid_every, at_least(0),
          "updates between validations; 0: at the end of each epoch");
    field("valid_metric", &C::valid_metric,
          one_of({{"bleu", "BLEU of translations, the higher the better"},
                  {"cross_entropy", "nats per target piece, the lower the better"}}),
          "what the best checkpoint, train.patience and the plateau go by");
    field("valid_beam", &C::valid_beam, at_least(1), "beam of the translations for BLEU");
    field("patience", &C::patience, at_least(0),
          "validations without gain before training stops; 0: never stop");
    field("log_every", &C::log_every, at_least(1), "updates between lines of the log");
  }
};

struct Config {
  ModelConfig model;
  DataConfig data;
  TrainConfig train;
  SearchConfig search;

  static void fields(auto&& field) {
    using C = Config;
    field("model", &C::model);
    field("data", &C::data);
    field("train", &C::train);
    field("search", &C::search);
  }
};

// The file, with `sets` ("train.seed=2") laid over it. Everything left open is resolved: paths are
// absolute, and a default that follows another option is a number. Error: place, path and what was
// expected; also the rules of check_rules.
Config read_config(const std::filesystem::path& path, const std::vector<std::string>& sets);

// The kept config of a model directory; `name` is its file.
Config config_from_json(const Json& json, const std::string& name);

// Every option that applies; reads back to the same config.
Json to_json(const Config& config);

// The paths of the options that apply and that are not what an empty file would give.
std::vector<std::string> changed_options(const Config& config);

// Lays `sets` over a trained model's config: options whose path begins with one of `free`. Error:
// another one; else as read_config.
void override_trained(Config& config, const std::vector<std::string>& sets,
                      const std::vector<std::string>& free);

// Has a trained model search, and be tested, as another config of it says.
void take_search_and_test(const Config& from, Config& trained);

// Rules between options. Error: begins with `where`.
void check_rules(const Config& config, const std::string& where);

// What only training needs: a place, text, an end. Error: begins with `where`.
void check_training(const Config& config, const std::string& where);

// This program on this processor has search.precision; and train.precision as well. Error: begins
// with `where`; part of check_training, the first of override_trained.
void check_precision(const SearchConfig& search, const std::string& where);
void check_precision(const Config& config, const std::string& where);
Precision precision_of(const TrainConfig& train);

// The files that training reads, or those of the test set, are there as far as they are named, and
// the run directory is no file; a separator of sentences is in the training text. Error: begins
// with `where`.
void check_training_files(const Config& config, const std::string& where);
void check_test_files(const Config& config, const std::string& where);

// All options, for the terminal and as a table in Markdown.
std::string describe_text();
std::string describe_markdown();

}  // namespace attn

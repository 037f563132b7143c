// What attn bench measures: training by the trainer's own updates, translating on the search's
// whole path, and the large product that both are held against. Nothing is written anywhere.
#pragma once

#include <string>
#include <vector>

#include "model/flops.h"
#include "train/trainer.h"

namespace attn {

// What there is to train on and to translate.
struct BenchText {
  Tokenizer source, target;
  TrainData data;
  std::vector<std::string> lines;  // to translate: test text, else validation's, else training's
  bool synthetic;
};

// The config's text, read as training reads it; made up, and vocabularies too, where it names none.
// Error: as training's; one side alone.
BenchText bench_text(const Config& config, const std::string& where, Pool& pool);

struct TrainingSpeed {
  Index parameters;
  Flops work;
  FlopCounts amounts{};  // trained on in all updates
  int updates = 0;
  double seconds = 0;          // of the updates
  Profile profile{};           // of all threads
  double peak_memory_mib = 0;  // of the process until now: text, vocabularies, training

  double operations() const { return 3 * work.operations(amounts); }
};

// Whole updates for about so many seconds, after some that do not count.
TrainingSpeed measure_training(const Config& config, const BenchText& text, double seconds,
                               Pool& pool);

struct TranslationSpeed {
  double sentences = 0, seconds = 0;
  double pieces = 0;      // of the translations
  double operations = 0;  // of the products: of sources, and of hypotheses that still grow
};

// Of a model with its first weights, whose translations do not end by themselves: they are cut so
// that they have, on the average, the length of their sources.
TranslationSpeed measure_translation(const Config& config, const BenchText& text, int beam_size,
                                     double seconds, Pool& pool);

// Operations a second of all threads at once, each with a product of 2048³ of its own, of a weight
// and activations; the best of many rounds. Bug: a precision that is not available.
double product_peak(Precision precision, double seconds, Pool& pool);

}  // namespace attn

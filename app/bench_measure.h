// The measurements of attn bench: training with the trainer's own updates, translation with the
// complete search, and large matrix products as the peak to compare with. Nothing is written to
// disk, except the temporary file of a training text that exceeds data.max_memory_mib.
#pragma once

#include <string>
#include <vector>

#include "model/flops.h"
#include "train/trainer.h"

namespace attn {

struct BenchText {
  Tokenizer source, target;
  TrainData data;
  std::vector<std::string> lines;  // to translate: of the test, validation or training text
  bool synthetic;
};

// Reads the text of the configuration as training does. If it names no training text, text and
// vocabularies are synthetic. Throws Error as training does, and if only one side is given. `where`
// is the configuration file, for messages.
BenchText bench_text(const Config& config, const std::string& where, Workers workers);

struct TrainingSpeed {
  Index parameters;
  Flops flops;
  int updates = 0;
  FlopCounts amounts{};        // amounts of text in all updates
  double seconds = 0;          // time of all updates
  Profile profile{};           // profile of all threads of this process
  Traffic traffic{};           // of this process
  double peak_memory_mib = 0;  // peak memory of the process so far: text, vocabularies, training

  double operations() const { return 3 * flops.operations(amounts); }
};

// Trains for about `seconds`, after some updates that do not count, together with the other
// processes.
TrainingSpeed measure_training(const Config& config, const BenchText& text, double seconds,
                               Workers workers);

struct TranslationSpeed {
  double sentences = 0, seconds = 0;
  double subwords = 0;    // number of subwords of the translations
  double operations = 0;  // operations of matrix products, over sources and unfinished hypotheses
};

// Translates with an untrained model. Its translations would not end, so they are truncated; their
// mean length equals that of their sources.
TranslationSpeed measure_translation(const Config& config, const BenchText& text, int beam_size,
                                     double seconds, Pool& pool);

// Returns the peak operations per second of all threads together: the best of many rounds in which
// each thread multiplies a weight by activations, 2048 × 2048 × 2048. Requires an available
// precision.
double product_peak(Precision precision, double seconds, Pool& pool);

}  // namespace attn

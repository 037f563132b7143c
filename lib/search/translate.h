// Translates lines of text. Lines of similar length are translated together; the results are in the
// order of the lines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"
#include "search/beam.h"
#include "search/scorer.h"
#include "search/search_config.h"

namespace attn {

struct Translation {
  std::string text;
  double log_prob = 0, score = 0;
  // Log-probability of each piece, and of the end of sentence unless truncated.
  std::vector<double> log_probs;
  std::vector<Tokenizer::Piece> target;  // ranges of bytes in `text`
  // Attention weights of each head [source pieces and end × target pieces and end]; empty without
  // attention, and in a translation that was joined from segments.
  std::vector<Mat> attention;
  // In a joined translation, the attention weights of each segment (see search/segments.h). A
  // matrix of the whole line would mostly consist of zeros.
  std::vector<std::vector<Mat>> segment_attention = {};
};

struct TranslatedLine {
  std::vector<Tokenizer::Piece> source;   // ranges of bytes in the line
  std::vector<Translation> translations;  // best first; an empty line has one empty translation
  // Number of pieces of each segment that was translated by itself; empty: the line was not
  // divided.
  std::vector<std::size_t> segment_sizes = {};
  std::size_t cuts = 0;  // places within sentences where the line was divided
};

// One of `count` equal parts of a text.
struct Share {
  std::size_t index = 0, count = 1;
};

struct Text {
  std::span<const std::string> lines;
  // The beginnings of the translations, one per line; empty: no prefixes.
  std::span<const std::string> prefixes = {};
  // Numbers of the lines, the keys of random sampling; empty: 0, 1, …
  std::span<const std::uint64_t> numbers = {};
  // Whether batches are smaller than SearchConfig::batch_size if there are fewer lines than that
  // for each thread. Then translations may differ in ties of scores.
  bool is_spread = false;
  // Workers ask for each line whether it is wanted. Empty: every line is.
  IsWanted is_wanted = {};
  // Only every count-th batch of lines is translated, beginning with batch `index`. All other lines
  // that are not empty get no translations.
  Share share = {};
};

class SearchStrategy;

// Translates any number of texts with one model, or with several as an ensemble, which must have
// passed check_ensemble. Weights are prepared once.
class Translator {
 public:
  // The models, which must not change, and the pool must outlive the object.
  Translator(std::span<const Model* const> models, Precision precision, Pool& pool);
  ~Translator();

  // Translates all lines; config.precision has no effect. Workers call done(n), one worker at a
  // time, when n more lines are translated.
  std::vector<TranslatedLine> translate(const Text& text, const SearchConfig& config,
                                        const std::function<void(std::size_t)>& done = {});
  // Translates lines that are tokenized in `tokenized`, which has no translations. Workers call
  // done(indices) when the lines with these indices are translated.
  std::vector<TranslatedLine> translate_tokenized(
      const Text& text, std::vector<TranslatedLine> tokenized, const SearchConfig& config,
      const std::function<void(std::span<const std::size_t>)>& done);

 private:
  const Tokenizer& source() const { return models_[0]->source; }
  const Tokenizer& target() const { return models_[0]->target; }
  std::unique_ptr<Scorer> make_scorer() const;
  std::vector<TranslatedLine> tokenize(const Text& text) const;
  void translate_batch(const Text& text, const SearchStrategy& strategy,
                       std::span<const std::size_t> batch, int worker,
                       std::vector<TranslatedLine>& out);
  struct Line {
    const std::string& text;
    std::string prefix;
  };
  void add_translations(const Line& line, const SearchStrategy& strategy, Nbest& hypotheses,
                        TranslatedLine& out) const;

  std::vector<const Model*> models_;
  std::vector<Weights> weights_;  // of each model
  Pool& pool_;
  std::vector<std::unique_ptr<Scorer>> scorers_;  // of each worker; null until it is needed
};

// Translates one text.
std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done = {});

// Returns the function that computes the score of a translation from its log-probability.
ScoringFunction scoring_function(const SearchConfig& config);

// Throws Error if a model differs from the first one in a vocabulary or the sentence separator.
// `names` are the names of the models in messages.
void check_ensemble(std::span<const Model* const> models, std::span<const std::string> names);

}  // namespace attn

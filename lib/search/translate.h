// Lines in, lines out: sentences of similar length are translated together, and each keeps its
// place.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"
#include "search/beam.h"
#include "search/search_config.h"

namespace attn {

struct Translation {
  std::string text;
  double log_prob = 0, score = 0;
  std::vector<double> log_probs;         // of each piece and of the end of sentence, if it has one
  std::vector<Tokenizer::Piece> target;  // bytes of text
  // Of each head [source pieces and end × target pieces and end]; empty: the model has none.
  std::vector<Mat> attention;
};

struct TranslatedLine {
  std::vector<Tokenizer::Piece> source;   // bytes of the line
  std::vector<Translation> translations;  // the best first; for an empty line one that is empty
};

struct Text {
  std::span<const std::string> lines;
  std::span<const std::string> prefixes = {};  // what each translation begins with; none: anything
  std::size_t first_line = 0;                  // number of the first, for what is drawn
};

// models: one, or several that translate as an ensemble; all must have the first one's
// vocabularies. done(n): n lines more are done; called from the workers, one at a time. Error: the
// models' vocabularies differ.
std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done = {});

// How the config makes a score of a log-probability.
ScoringFunction scoring_function(const SearchConfig& config);

// Error: names the model whose vocabularies are not the first one's.
void check_ensemble(std::span<const Model* const> models, std::span<const std::string> names);

}  // namespace attn

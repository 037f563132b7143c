// Translates lines of text. Lines of similar length are translated together; the results are in the
// order of the lines.
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
  // Log-probability of each piece, and of the end of sentence unless truncated.
  std::vector<double> log_probs;
  std::vector<Tokenizer::Piece> target;  // ranges of bytes in `text`
  // Attention weights of each head [source pieces and end × target pieces and end]; empty without
  // attention.
  std::vector<Mat> attention;
};

struct TranslatedLine {
  std::vector<Tokenizer::Piece> source;   // ranges of bytes in the line
  std::vector<Translation> translations;  // best first; an empty line has one empty translation
};

struct Text {
  std::span<const std::string> lines;
  // The beginnings of the translations, one per line; empty: no prefixes.
  std::span<const std::string> prefixes = {};
  std::size_t first_line = 0;  // number of the first line, the key of random sampling
};

// Translates all lines with one model, or with several as an ensemble, which must have passed
// check_ensemble. Workers call done(n), one worker at a time, when n more lines are translated.
std::vector<TranslatedLine> translate(std::span<const Model* const> models, const Text& text,
                                      const SearchConfig& config, Pool& pool,
                                      const std::function<void(std::size_t)>& done = {});

// Returns the function that computes the score of a translation from its log-probability.
ScoringFunction scoring_function(const SearchConfig& config);

// Throws Error if a model differs from the first one in a vocabulary or the sentence separator.
// `names` are the names of the models in messages.
void check_ensemble(std::span<const Model* const> models, std::span<const std::string> names);

}  // namespace attn

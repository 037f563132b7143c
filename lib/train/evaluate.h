// Measures a model on a text that it was not trained on.
#pragma once

#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"
#include "search/translate.h"
#include "text/corpus.h"

namespace attn {

// Means over the target tokens of a text, end-of-sentence tokens included.
struct CorpusLoss {
  double cross_entropy = 0;  // nats per token, without label smoothing
  double accuracy = 0;  // fraction of the tokens to which the model gives the largest probability
  double tokens = 0;    // number of target tokens
};

// Scores the targets of `corpus` by forced decoding. The result does not depend on the number of
// threads.
CorpusLoss measure(const Seq2Seq& model, const Weights& w, const Corpus& corpus, Pool& pool);

// Translates lines of text with one model and the options of `search`.
std::vector<TranslatedLine> translations(const Model& model, const std::vector<std::string>& lines,
                                         const SearchConfig& search, Pool& pool);

// Returns the best translation of each line.
std::vector<std::string> texts(const std::vector<TranslatedLine>& lines);

}  // namespace attn

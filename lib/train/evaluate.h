// Measures a model on a text that it was not trained on.
#pragma once

#include <string>
#include <vector>

#include "model/model_dir.h"
#include "search/translate.h"
#include "text/corpus.h"
#include "train/communicator.h"

namespace attn {

// Means over the target tokens of a text, end-of-sentence tokens included.
struct CorpusLoss {
  double cross_entropy = 0;  // nats per token, without label smoothing
  double accuracy = 0;  // fraction of the tokens to which the model gives the largest probability
  double tokens = 0;    // number of target tokens
};

// Scores the targets of `corpus` by forced decoding. The processes share the work. The result does
// not depend on the number of threads and processes.
CorpusLoss measure(const Seq2Seq& model, const Weights& w, const Corpus& corpus, Workers workers);

// Translates lines of text with one model and the options of `search`: only those batches of lines
// that belong to `share`. The other lines get no translations.
std::vector<TranslatedLine> translations(const Model& model, const std::vector<std::string>& lines,
                                         const SearchConfig& search, Pool& pool, Share share = {});

// Returns the best translation of each line.
std::vector<std::string> texts(const std::vector<TranslatedLine>& lines);

}  // namespace attn

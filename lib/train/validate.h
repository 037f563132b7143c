// What a validation measures.
#pragma once

#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/model_dir.h"
#include "search/translate.h"
#include "text/corpus.h"

namespace attn {

struct Validation {
  double cross_entropy =
      0;                // nats per target piece, end of sentence counted, without label smoothing
  double accuracy = 0;  // part of the pieces that are the most probable one
  double tokens = 0;
};

// Of the given targets. The sum is the same for any number of threads.
Validation measure(const Seq2Seq& model, const Params& w, const Corpus& corpus, Pool& pool);

// The lines with their best translation.
std::vector<TranslatedLine> translations(const Model& model, const std::vector<std::string>& lines,
                                         const SearchConfig& search, Pool& pool);
std::vector<std::string> texts(const std::vector<TranslatedLine>& lines);

}  // namespace attn

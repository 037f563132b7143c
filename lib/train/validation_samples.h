// Some sentences of the validation text as a model translates them, for people to look at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "search/translate.h"

namespace attn {

// Of a text and its translations by the model after that update: {"update", "sentences"}, these as
// report_sample has them. Up to six lines, spread evenly over those that fit a picture; always the
// same ones of a text.
Json samples_of(std::int64_t update, const Model& model, const std::vector<std::string>& sources,
                const std::vector<std::string>& references,
                const std::vector<TranslatedLine>& translations);

}  // namespace attn

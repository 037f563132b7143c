// Examples of validation sentences with their current translations, for the training report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "search/translate.h"

namespace attn {

// Returns the indices of up to six lines of a text. They are spread evenly over those short enough
// for a figure. The choice depends on the sources only, so it is the same in every validation.
std::vector<std::size_t> sample_lines(const std::vector<TranslatedLine>& lines);

// Returns line `index` of a text with its translation, as report_sample returns it
// (report/training_report.h).
// `w` are the weights of the model.
Json validation_sample(const Model& model, const Weights& w, std::size_t index,
                       const std::string& source, const std::string& reference,
                       const TranslatedLine& translation);

}  // namespace attn

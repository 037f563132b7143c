// Examples of validation sentences with their current translations, for the training report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "search/translate.h"

namespace attn {

// Returns {"update", "sentences"}: up to six lines of a text with their translations by the model
// after that update, each as report_sample returns it (report/training_report.h). The lines are
// spread evenly over those short enough for a figure. The choice depends on the sources only, so it
// is the same in every validation. `references` and `translations` are parallel to `sources`.
Json validation_samples(std::int64_t update, const Model& model,
                        const std::vector<std::string>& sources,
                        const std::vector<std::string>& references,
                        const std::vector<TranslatedLine>& translations);

}  // namespace attn

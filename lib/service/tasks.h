// The tasks of the C library: translation, alignment and scores, as JSON objects.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "service/translation_service.h"

namespace attn {

// Loads a model, with the search options of its configuration. `threads` as in attn_open.
std::unique_ptr<TranslationService> open_service(const std::string& path, int threads);

// Answers a request as attn_answer (service/attn.h) describes. Throws Error if it is wrong.
Json answer_task(TranslationService& service, const Json& request);

}  // namespace attn

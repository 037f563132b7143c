// Languages: their names, and the language of a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn {

// Returns the English name of a language tag, such as "French" for "fr"; the tag itself if it is
// not known.
std::string language_name(const std::string& tag);

struct DetectedLanguage {
  std::string language;   // a tag such as "fr"
  double confidence = 0;  // in percent
};

// Returns the languages that the text may be in, the most probable first, by Compact Language
// Detector 2. The list is empty if the text is too short or not language.
std::vector<DetectedLanguage> detect_languages(std::string_view text);

}  // namespace attn

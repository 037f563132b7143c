#include "service/languages.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

namespace attn {

std::string language_name(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
  if (U_FAILURE(status)) return tag;
  icu::UnicodeString name;
  locale.getDisplayName(icu::Locale::getEnglish(), name);
  std::string out;
  name.toUTF8String(out);
  return out;
}

std::vector<DetectedLanguage> detect_languages(std::string_view text) {
  constexpr int kLanguages = 3;  // that the library returns
  CLD2::Language languages[kLanguages];
  int percents[kLanguages], bytes = 0;
  double scores[kLanguages];
  bool is_reliable = false;
  const CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::ExtDetectLanguageSummary(text.data(), static_cast<int>(text.size()), true, &hints, 0,
                                 languages, percents, scores, nullptr, &bytes, &is_reliable);
  std::vector<DetectedLanguage> out;
  for (int i = 0; i < kLanguages; ++i)
    if (languages[i] != CLD2::UNKNOWN_LANGUAGE && percents[i] > 0)
      out.push_back({CLD2::LanguageCode(languages[i]), static_cast<double>(percents[i])});
  return out;
}

}  // namespace attn

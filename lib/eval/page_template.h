// The files of eval/page/, which the build puts into a source (see CMakeLists.txt).
#pragma once

namespace attn {

extern const char* const kPageHtml;  // with "/* page.css */", "/* page.js */" and "/* data */"
extern const char* const kPageCss;
extern const char* const kPageJs;

}  // namespace attn

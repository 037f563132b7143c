// What the program leaves with. Help and manual list this table.
#pragma once

namespace attn {

enum ExitCode {
  kSuccess = 0,
  kUsage = 1,
  kUserError = 2,
  kProcessor = 3,
  kInternalError = 70,
  kSignal = 128
};

struct ExitText {
  ExitCode code;
  const char *shown, *text;
};
inline constexpr ExitText kExitTexts[] = {
    {kSuccess, "0", "done"},
    {kUsage, "1", "wrong usage of the command line"},
    {kUserError, "2", "something that you can mend: the message says where, what, and how"},
    {kProcessor, "3", "the processor lacks instructions that this program was built with"},
    {kInternalError, "70", "a bug of ours; please report it"},
    {kSignal, "128 + n", "ended by signal n; training has saved its work"}};

}  // namespace attn

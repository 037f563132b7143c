// The exit codes of the program, as help and manual list them.
#pragma once

namespace attn {

enum ExitCode {
  kSuccess = 0,
  kUserError = 1,
  kUsageError = 2,
  kUnsupportedProcessor = 3,
  kInternalError = 70,
  kSignal = 128  // plus the number of the signal
};

struct ExitCodeText {
  ExitCode code;
  const char *shown, *text;
};
inline constexpr ExitCodeText kExitCodeTexts[] = {
    {kSuccess, "0", "success"},
    {kUserError, "1",
     "failure that you can fix (file, configuration, data, memory): see the message"},
    {kUsageError, "2", "wrong usage of the command line"},
    {kUnsupportedProcessor, "3",
     "the processor lacks instructions that this program was built with"},
    {kInternalError, "70", "internal error; please report it"},
    {kSignal, "128 + n", "ended by signal n; attn train has saved a checkpoint"}};

}  // namespace attn

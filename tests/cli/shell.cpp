#include "shell.h"

#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

#include "base/file.h"
#include "support/scratch.h"

std::string shell(const std::string& command) {
  const Scratch scratch;
  const auto script = scratch.file("script", "attn=" ATTN_PROGRAM "\n" + command + "\n");
  const auto printed = scratch / "printed";
  const int code =
      std::system(("bash '" + script.string() + "' > '" + printed.string() + "' 2>&1").c_str());
  const std::string out = attn::read_file(printed);
  CAPTURE(command);
  REQUIRE_MESSAGE(code == 0, out);
  return out;
}

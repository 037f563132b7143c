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

bool is_there(const std::string& program) {
  if (std::system(("command -v " + program + " > /dev/null").c_str()) == 0) return true;
  MESSAGE("not tried: there is no ", program);
  return false;
}

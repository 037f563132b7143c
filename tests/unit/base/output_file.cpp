#include "base/output_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "support/scratch.h"

namespace attn::test {

TEST_CASE("an output file has its name only when it is complete") {
  const Scratch scratch;
  const auto path = scratch / "x";
  {
    OutputFile file(path, Partial::keep);
    CHECK(file.partial() == scratch / "x.partial");
    file.write("one\n");
    CHECK(read_file(file.partial()) == "one\n");
    CHECK_FALSE(fs::exists(path));
  }
  CHECK(error_of([&] {
          OutputFile(path, Partial::keep);
        }).starts_with((scratch / "x.partial").string() + ": an interrupted command"));
  OutputFile file(path, Partial::continue_it);
  file.truncate(2);
  file.write("!\n");
  file.finish();
  CHECK(read_file(path) == "on!\n");
  CHECK_FALSE(fs::exists(file.partial()));
}

TEST_CASE("an output file without finish is removed if it is not kept or empty") {
  const Scratch scratch;
  const auto path = scratch.file("x", "old");
  { OutputFile(path, Partial::discard).write("new"); }
  CHECK_FALSE(fs::exists(partial_name(path)));
  { const OutputFile file(path, Partial::keep); }
  CHECK_FALSE(fs::exists(partial_name(path)));
  scratch.file("x.partial", "left");
  OutputFile file(path, Partial::discard);
  file.write("new");
  CHECK(read_file(path) == "old");
  file.finish();
  CHECK(read_file(path) == "new");
}

TEST_CASE("an output file keeps the permissions and the symbolic link of what it replaces") {
  const Scratch scratch;
  const auto path = scratch.file("x", "old");
  chmod(path.c_str(), 0640);
  fs::create_symlink("x", scratch / "link");
  OutputFile file(scratch / "link", Partial::keep);
  file.write("new");
  file.finish();
  CHECK(read_file(path) == "new");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(fs::status(path).permissions() == fs::perms(0640));
}

}  // namespace attn::test

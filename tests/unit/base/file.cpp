#include "base/file.h"

#include <csignal>
#include <iterator>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/line_reader.h"
#include "support/scratch.h"

namespace fs = attn::fs;
using FileLines = std::vector<std::string>;

namespace {

// "one\ntwo\n", compressed by gzip 1.12.
const std::string kPacked(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba"
    "\x12\x08\x00\x00\x00",
    28);

void pack(const fs::path& path, const std::string& text) {
  gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) ==
          static_cast<int>(text.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

std::ptrdiff_t entries(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

// Limits the size of files to `bytes`, to imitate a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit old_ = {};
};

}  // namespace

TEST_CASE("a scratch file returns the bytes that were appended and has no name") {
  const Scratch scratch;
  attn::ScratchFile file(scratch / "new");
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  file.append(bytes("one "));
  file.append(bytes("two three"));
  CHECK(entries(scratch / "new") == 0);
  std::string text(5, ' ');
  file.read(2, std::as_writable_bytes(std::span(text)));
  CHECK(text == "e two");
  attn::ScratchFile moved = std::move(file);
  moved.read(8, std::as_writable_bytes(std::span(text)));
  CHECK(text == "three");
  const std::string where = (scratch / "new").string();
  CHECK(error_of([&] { moved.read(9, std::as_writable_bytes(std::span(text))); }) ==
        where + "/a temporary file: cannot read: Input/output error");
  CHECK(error_of([&] { attn::ScratchFile(scratch.file("file", "")); }) ==
        (scratch / "file").string() + ": cannot create the directory: Not a directory");
}

TEST_CASE("a scratch file that exceeds the disk is an error") {
  const Scratch scratch;
  attn::ScratchFile file(scratch.path());
  const FileSizeLimit limit(1000);
  const std::vector<std::byte> much(2000);
  CHECK(error_of([&] { file.append(much); }) ==
        scratch.path().string() + "/a temporary file: cannot write: File too large");
}

TEST_CASE("lines end at LF, CRLF or the end of the file, and a byte-order mark is removed") {
  const Scratch scratch;
  const auto lines = [&](std::string_view content) {
    return attn::read_lines(scratch.file("text", content));
  };
  CHECK(lines("") == FileLines{});
  CHECK(lines("\xef\xbb\xbf") == FileLines{});
  CHECK(lines("\n") == FileLines{""});
  CHECK(lines("a\n\nb") == FileLines{"a", "", "b"});
  CHECK(lines("\xef\xbb\xbf"
              "a\r\nb\rc\r\n\r\nd\r") == FileLines{"a", "b\rc", "", "d"});
  CHECK(lines("a\n\xef\xbb\xbf"
              "b\n") == FileLines{"a",
                                  "\xef\xbb\xbf"
                                  "b"});
  CHECK(lines("\x1f\n") == FileLines{"\x1f"});
}

TEST_CASE("a line may be longer than a block of the reader and cross blocks") {
  const Scratch scratch;
  const std::string large(200000, 'x');
  CHECK(attn::read_lines(scratch.file("text", large + "\n" + large + "y\n")) ==
        FileLines{large, large + "y"});
}

TEST_CASE("gzip is recognized by its first bytes, and may have several members and a high ratio") {
  const Scratch scratch;
  CHECK(attn::read_lines(scratch.file("text", kPacked)) == FileLines{"one", "two"});
  CHECK(attn::read_lines(scratch.file("text", kPacked + kPacked)) ==
        FileLines{"one", "two", "one", "two"});

  std::string text;
  for (int i = 0; i < 100000; ++i) text += "the same\n";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919) + "\n";
  pack(scratch / "large", text);
  attn::LineReader packed(scratch / "large");
  std::string unpacked, line;
  while (packed.next(line)) unpacked += line + "\n";
  CHECK(packed.line_number() == 200000);
  CHECK(unpacked == text);
}

TEST_CASE("a truncated or damaged gzip file is an error with file and line") {
  const Scratch scratch;
  const auto error = [&](const std::string& content) {
    return error_of([&] { attn::read_lines(scratch.file("text.gz", content)); });
  };
  const std::string at = (scratch / "text.gz").string() + ":";
  for (std::size_t size = 2; size < kPacked.size(); ++size) {
    INFO("first bytes: ", size);
    CHECK(error(kPacked.substr(0, size)).starts_with(at));
  }
  std::string wrong_sum = kPacked;
  wrong_sum[21] = 0;
  CHECK(error(wrong_sum) == at + "3: damaged gzip data: incorrect data check");
  CHECK(error(kPacked + "more") == at + "3: damaged gzip data: incorrect header check");
  CHECK(error(kPacked.substr(0, 20)) ==
        at + "3: the gzip data ends too early; the file is incomplete");
}

TEST_CASE("text that is not UTF-8 is an error with file, line and byte") {
  const Scratch scratch;
  const auto error = [&](std::string_view content) {
    return error_of([&] { attn::read_lines(scratch.file("text", content)); });
  };
  const std::string at = (scratch / "text").string() + ":";
  CHECK(error("good\nab\xff\n").starts_with(at + "2: not valid UTF-8 at byte 3 of the line;"));
  CHECK(error(std::string_view("a\0b\n", 4)).starts_with(at + "1: a NUL at byte 2 of the line"));
}

TEST_CASE("a file that cannot be read is an error with path and reason") {
  const Scratch scratch;
  const std::string missing = (scratch / "missing").string(), directory = scratch.path().string();
  CHECK(error_of([&] { attn::LineReader reader(missing); }) ==
        missing + ": cannot open: No such file or directory");
  CHECK(error_of([&] { attn::LineReader reader(directory); }) ==
        directory + ": cannot read: Is a directory");
  CHECK(error_of([&] { attn::read_file(missing); }) ==
        missing + ": cannot open: No such file or directory");
  CHECK(error_of([&] { attn::read_file(directory); }) ==
        directory + ": cannot read: Is a directory");
  if (geteuid() != 0) {  // root can read all files
    fs::permissions(scratch.file("secret", "a\n"), fs::perms::none);
    CHECK(error_of([&] { attn::LineReader reader(scratch / "secret"); }) ==
          (scratch / "secret").string() + ": cannot open: Permission denied");
  }
}

TEST_CASE("a line from a pipe is returned as soon as it is complete") {
  const Scratch scratch;
  REQUIRE(mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  const int keep = open((scratch / "pipe").c_str(), O_RDWR);  // so that opening does not block
  attn::LineReader reader(scratch / "pipe");
  std::string line;
  REQUIRE(write(keep, "\n", 1) == 1);
  CHECK(reader.next(line));
  CHECK(line == "");
  REQUIRE(write(keep, "one\ntw", 6) == 6);
  CHECK(reader.next(line));
  CHECK(line == "one");
  REQUIRE(write(keep, "o\n", 2) == 2);
  CHECK(reader.next(line));
  CHECK(line == "two");
  close(keep);
  CHECK_FALSE(reader.next(line));
  CHECK_FALSE(reader.next(line));
}

TEST_CASE("invalid_utf8 returns the offset of the first invalid sequence") {
  const auto npos = std::string_view::npos;
  const auto at = [](std::string_view text) { return attn::invalid_utf8(text); };
  CHECK(at("") == npos);
  // The limits of the ranges of two, three and four bytes, and the neighbors of the surrogates.
  CHECK(at("a\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") ==
        npos);
  CHECK(at("\xed\x9f\xbf\xee\x80\x80") == npos);
  CHECK(at("ab\x80") == 2);            // continuation without a first byte
  CHECK(at("\xc3\xa9\xc3") == 2);      // truncated
  CHECK(at("\xe2\x82") == 0);          // truncated
  CHECK(at("a\xe2\x82z") == 1);        // incomplete
  CHECK(at("a\xf0\x9f\x98z") == 1);    // incomplete
  CHECK(at("\xc0\xaf") == 0);          // overlong
  CHECK(at("\xc1\xbf") == 0);          // overlong
  CHECK(at("\xe0\x9f\xbf") == 0);      // overlong
  CHECK(at("\xf0\x8f\xbf\xbf") == 0);  // overlong
  CHECK(at("\xed\xa0\x80") == 0);      // a surrogate
  CHECK(at("\xf4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(at("\xf5\x80\x80\x80") == 0);  // above U+10FFFF
  CHECK(at("\xff\xfe") == 0);          // UTF-16
}

TEST_CASE("the contents of a mapped file do not change if the file is replaced") {
  const Scratch scratch;
  const auto path = scratch.file("file", std::string("be\0fore", 7));
  const attn::MappedFile mapped(path);
  attn::write_atomically(path, "after");
  CHECK(mapped.bytes() == std::string("be\0fore", 7));
  CHECK(attn::MappedFile(path).bytes() == "after");
  CHECK(attn::MappedFile(scratch.file("empty", "")).bytes().empty());
  const std::string directory = scratch.path().string(), missing = directory + "/none";
  CHECK(error_of([&] { attn::MappedFile{directory}; }) ==
        directory + ": cannot read: Is a directory");
  CHECK(error_of([&] { attn::MappedFile{missing}; }) ==
        missing + ": cannot open: No such file or directory");
}

TEST_CASE("write_atomically replaces a file, and read_file returns its bytes") {
  const Scratch scratch;
  const std::string bytes("a\0\r\n\xff", 5);
  attn::write_atomically(scratch / "file", "before");
  attn::write_atomically(scratch / "file", bytes);
  CHECK(attn::read_file(scratch / "file") == bytes);
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("write_atomically keeps symbolic links and writes into pipes") {
  const Scratch scratch;
  const auto file = scratch.file("file", "before");
  fs::create_symlink("file", scratch / "link");
  attn::write_atomically(scratch / "link", "after");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(attn::read_file(file) == "after");

  const fs::path pipe = scratch / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  attn::write_atomically(pipe, "through");
  char read_back[16] = {};
  CHECK(read(reader, read_back, sizeof read_back) == 7);
  CHECK(std::string(read_back) == "through");
  CHECK(fs::is_fifo(pipe));
  close(reader);
}

TEST_CASE("a failed write_atomically keeps the old file and leaves no other") {
  const Scratch scratch;
  const auto file = scratch.file("file", "before");
  const std::string large(100000, 'x');
  {
    const FileSizeLimit limit(4096);
    CHECK(error_of([&] { attn::write_atomically(file, large); }) ==
          file.string() + ": cannot write: File too large");
  }
  CHECK(attn::read_file(file) == "before");
  CHECK(entries(scratch.path()) == 1);
  const auto nowhere = scratch / "missing" / "file";
  CHECK(error_of([&] { attn::write_atomically(nowhere, ""); }) ==
        nowhere.string() + ": cannot write: No such file or directory");
}

TEST_CASE("a directory that is written atomically is complete or absent") {
  const Scratch scratch;
  const auto fill = [](const fs::path& directory) { attn::write_atomically(directory / "a", "1"); };
  attn::write_directory_atomically(scratch / "model", fill);
  CHECK(attn::read_file(scratch / "model" / "a") == "1");

  const auto breaks = [&](const fs::path& directory) {
    fill(directory);
    throw attn::Error("broken off");
  };
  CHECK(error_of([&] { attn::write_directory_atomically(scratch / "other", breaks); }) ==
        "broken off");
  CHECK(error_of([&] { attn::write_directory_atomically(scratch / "model", fill); }) ==
        (scratch / "model").string() + ": cannot replace it: Directory not empty");
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("remove_temporaries removes only files of a killed process") {
  const Scratch scratch;
  scratch.file("kept", "");
  scratch.file(".kept", "");
  fs::path left;
  attn::write_directory_atomically(scratch / "model", [&](const fs::path& directory) {
    attn::write_atomically(directory / "a", "1");
    left = scratch / directory.filename().string().append("0");
    fs::copy(directory, left);
  });
  REQUIRE(fs::exists(left / "a"));
  attn::remove_temporaries(scratch.path());
  CHECK_FALSE(fs::exists(left));
  CHECK(entries(scratch.path()) == 3);
}

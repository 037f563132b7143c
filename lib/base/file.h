// Files: whole texts, lines (plain or gzip), and writing that is complete or absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attn {

namespace fs = std::filesystem;

// The whole file. Error: names the path and the system's reason.
std::string read_file(const fs::path& path);

// The same, without a copy: the system's own pages of the file. Another file put in its place (as
// the writers below do) does not change it; whoever shortens the file itself while it is mapped
// ends the process. Error: as read_file, and for what is no file on a disk.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// Writes `content` to a temporary file beside `path`, syncs it, renames it over `path`. Error: path
// and reason; then `path` is as it was and the temporary file is gone. A link stays one; into a
// device or a pipe (/dev/null) it writes as it is.
void write_atomically(const fs::path& path, std::string_view content);
// Parts that follow one another.
void write_atomically(const fs::path& path, std::span<const std::string_view> parts);

// The same for a new folder: `fill` writes into a temporary one. Error also if `path` holds
// anything.
void write_directory_atomically(const fs::path& path,
                                const std::function<void(const fs::path& folder)>& fill);

// Makes `link` a symbolic link to `target` (relative to the link's folder), whether or not there
// was a link before: at any moment there is the old one or the new one. Error: `link` is a folder.
void swap_link(const fs::path& link, const fs::path& target);

// Has the disk hold what was written to a file, or the names in a folder. Error: path and reason.
void sync_path(const fs::path& path);

// Whether files can be made in the folder, or it in the nearest one above that is there.
bool is_writable(const fs::path& folder);

// Keeps a folder for this process, as long as it lives. Error: another process has it; `why`.
class FolderLock {
 public:
  FolderLock(const fs::path& folder, const std::string& why);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

// Removes what the writers above left in `folder` when they were killed. Only while nobody else
// writes there.
void remove_temporaries(const fs::path& folder);

// A file without a name in `folder` (made if it is missing): whichever way the program ends,
// nothing of it is left. Error: the folder and the system's reason.
class ScratchFile {
 public:
  explicit ScratchFile(const fs::path& folder);
  ~ScratchFile();
  ScratchFile(ScratchFile&&) noexcept;
  ScratchFile& operator=(ScratchFile&&) noexcept;

  void append(std::span<const std::byte> bytes);
  // Fills `bytes` with what begins at byte `at`.
  void read(std::uint64_t at, std::span<std::byte> bytes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Lines of a text file, plain or gzip (told by its first bytes, not its name), read as a stream. A
// byte-order mark at the start, and the CR of a CRLF, are taken off. A last line without "\n"
// counts. Error, with file and line number: unreadable, damaged gzip, a NUL, invalid UTF-8.
class LineReader {
 public:
  explicit LineReader(const fs::path& path);  // "-": standard input
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  bool next(std::string& line);     // false at the end
  std::size_t line_number() const;  // of the last line given, from 1

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All lines of a file that is not large. Error: as LineReader.
std::vector<std::string> read_lines(const fs::path& path);

// How many there are. Error: as LineReader.
std::size_t count_lines(const fs::path& path);

// The position of the first byte that is not valid UTF-8 (no surrogates, no overlong forms), or
// npos.
std::size_t invalid_utf8(std::string_view text);

}  // namespace attn

// Files: reading them whole, and writing them atomically.
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

// Returns the contents of a file. Throws Error, with the path and the system's reason.
std::string read_file(const fs::path& path);

// The contents of a file, mapped into memory instead of copied. Replacing the file (as the writers
// below do) does not change them, but truncating the file while it is mapped ends the process.
class MappedFile {
 public:
  // Throws Error as read_file does. Pipes and devices have no contents.
  explicit MappedFile(const fs::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// Writes `content` to a temporary file in the same directory, syncs it and renames it to `path`. If
// `path` is a symbolic link, its target is replaced. A device or pipe (/dev/null) is written to
// directly. Throws Error, with the path and the reason; then `path` is unchanged and the temporary
// file is removed.
void write_atomically(const fs::path& path, std::string_view content);
// Writes the concatenation of `parts`.
void write_atomically(const fs::path& path, std::span<const std::string_view> parts);

// Creates a directory atomically: `fill` writes into a temporary one. Throws Error as
// write_atomically does, and if `path` exists and is not an empty directory.
void write_directory_atomically(const fs::path& path,
                                const std::function<void(const fs::path& directory)>& fill);

// Flushes the contents of a file, or the entries of a directory, to the disk. Throws Error, with
// the path and the reason.
void sync_path(const fs::path& path);

// Returns whether files can be created in the directory. If it does not exist, checks its nearest
// existing ancestor.
bool is_writable(const fs::path& directory);

// Locks a directory for this process until the object is destroyed. Throws Error with the text
// `why` if another process holds the lock. On file systems without locks, always succeeds.
class DirectoryLock {
 public:
  DirectoryLock(const fs::path& directory, const std::string& why);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int fd_;
};

// Removes temporary files that the functions above left in `directory` because the process was
// killed. Requires that no other process writes there.
void remove_temporaries(const fs::path& directory);

// A file without a name: it disappears when the process ends, even if it is killed.
class ScratchFile {
 public:
  // Creates the file in `directory`, and the directory if it is missing. Throws Error, here and
  // below, with the directory and the system's reason.
  explicit ScratchFile(const fs::path& directory);
  ~ScratchFile();
  ScratchFile(ScratchFile&&) noexcept;
  ScratchFile& operator=(ScratchFile&&) noexcept;

  // Appends `bytes` to the file.
  void append(std::span<const std::byte> bytes);
  // Fills `bytes` with the contents from byte `offset` on.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attn

#include "base/file.h"

#include <array>
#include <atomic>
#include <random>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

namespace attn {
namespace {

constexpr const char* kTemporary = ".tmp-";

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// A unique name in the same directory as `path`. It is random, because process ids repeat in
// containers. The destructor removes the file or directory of that name, unless it was committed.
class Temporary {
 public:
  explicit Temporary(const fs::path& path)
      : final_(path.has_filename() ? path : path.parent_path()) {
    static const unsigned run = std::random_device{}();
    static std::atomic<unsigned> count = 0;
    std::string name = ".";
    name += final_.filename().string() + kTemporary;
    name += std::to_string(run) + "-" + std::to_string(count++);
    path_ = directory_of(final_) / name;
  }
  ~Temporary() {
    std::error_code ignored;
    if (!committed_) fs::remove_all(path_, ignored);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const fs::path& path() const { return path_; }

  // Renames the temporary file or directory to its final name.
  void commit() {
    if (rename(path_.c_str(), final_.c_str()) != 0) system_error(final_, "cannot replace it");
    committed_ = true;
    sync_path(directory_of(final_));
  }

 private:
  fs::path final_, path_;
  bool committed_ = false;
};

void write_new(const fs::path& path, std::span<const std::string_view> parts,
               const fs::path& name) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (*file < 0) system_error(name, "cannot write");
  for (const std::string_view part : parts) write_all(*file, part, name);
  if (fsync(*file) != 0) system_error(name, "cannot write");
}

void write_in_place(const fs::path& path, std::span<const std::string_view> parts) {
  const Descriptor file(path, O_WRONLY);
  if (*file < 0) system_error(path, "cannot write");
  for (const std::string_view part : parts) write_all(*file, part, path);
}

}  // namespace

std::string read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (*file < 0) system_error(path, "cannot open");
  std::string content;
  struct stat status;
  if (fstat(*file, &status) == 0 && S_ISREG(status.st_mode))
    content.reserve(static_cast<std::size_t>(status.st_size) + kReadSize);
  for (std::size_t used = 0;;) {
    content.resize(used + kReadSize);
    const auto got = read_some(*file, content.data() + used, kReadSize);
    if (!got) system_error(path, "cannot read");
    used += *got;
    content.resize(used);
    if (*got == 0) return content;
  }
}

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (*file < 0) system_error(path, "cannot open");
  struct stat status;
  if (fstat(*file, &status) != 0) system_error(path, "cannot read");
  if (S_ISDIR(status.st_mode)) system_error(path, "cannot read", EISDIR);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* const begin = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, *file, 0);
  if (begin == MAP_FAILED) system_error(path, "cannot read");
  bytes_ = {static_cast<const char*>(begin), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

void write_atomically(const fs::path& path, std::string_view content) {
  write_atomically(path, std::span(&content, 1));
}

void write_atomically(const fs::path& path, std::span<const std::string_view> parts) {
  std::error_code ignored;  // if the path is not accessible, writing reports the reason
  if (fs::is_other(path, ignored)) return write_in_place(path, parts);
  const bool link = fs::is_symlink(path, ignored) && fs::exists(path, ignored);
  const fs::path target = link ? fs::canonical(path) : path;
  Temporary temporary(target);
  write_new(temporary.path(), parts, path);
  struct stat old = {};
  if (stat(target.c_str(), &old) == 0) chmod(temporary.path().c_str(), old.st_mode & 07777U);
  temporary.commit();
}

void write_directory_atomically(const fs::path& path,
                                const std::function<void(const fs::path& directory)>& fill) {
  Temporary temporary(path);
  if (mkdir(temporary.path().c_str(), 0777) != 0) system_error(path, "cannot create the directory");
  fill(temporary.path());
  for (const auto& entry : fs::recursive_directory_iterator(temporary.path()))
    if (entry.is_regular_file() || entry.is_directory()) sync_path(entry.path());
  sync_path(temporary.path());
  temporary.commit();
}

void sync_path(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (*file < 0) system_error(path, "cannot open");
  // Some network file systems report EINVAL because they cannot sync directories.
  if (fsync(*file) != 0 && errno != EINVAL) system_error(path, "cannot sync");
}

bool is_writable(const fs::path& directory) {
  fs::path at = fs::absolute(directory);
  while (!fs::exists(at) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
  return access(at.c_str(), W_OK | X_OK) == 0;
}

DirectoryLock::DirectoryLock(const fs::path& directory, const std::string& why)
    : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (fd_ < 0) system_error(directory, "cannot open");
  // Any other error means that the file system has no locks.
  if (flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(fd_);
  throw Error(directory.string() + ": " + why +
              "; wait until it has finished, or choose another directory");
}

DirectoryLock::~DirectoryLock() {
  close(fd_);
}

void remove_temporaries(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") && name.find(kTemporary) != std::string::npos)
      found.push_back(entry.path());
  }
  for (const auto& path : found)
    if (!error) fs::remove_all(path, error);
  if (error) system_error(directory, "cannot remove temporary files", error.value());
}

struct ScratchFile::State {
  fs::path name;  // for errors
  Descriptor file;
};

ScratchFile::ScratchFile(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) system_error(directory, "cannot create the directory", error.value());
  const Temporary temporary(directory / "scratch");  // removes the name at the end of this block
  state_.reset(new State{directory / "a temporary file",
                         Descriptor(temporary.path(), O_RDWR | O_CREAT | O_EXCL)});
  if (*state_->file < 0) system_error(state_->name, "cannot create");
}

ScratchFile::~ScratchFile() = default;
ScratchFile::ScratchFile(ScratchFile&&) noexcept = default;
ScratchFile& ScratchFile::operator=(ScratchFile&&) noexcept = default;

void ScratchFile::append(std::span<const std::byte> bytes) {
  write_all(*state_->file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
            state_->name);
}

void ScratchFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        pread(*state_->file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) system_error(state_->name, "cannot read", got < 0 ? errno : EIO);
    offset += static_cast<std::uint64_t>(got);
    bytes = {bytes.begin() + got, bytes.end()};
  }
}

}  // namespace attn

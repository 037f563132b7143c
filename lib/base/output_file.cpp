#include "base/output_file.h"

#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

namespace attn {
namespace {

bool is_regular_or_new(const fs::path& path) {
  std::error_code ignored;
  return !fs::is_other(path, ignored);
}

// Returns the file that a symbolic link refers to, if it exists. What /dev/stdout refers to may be
// a pipe, which has no name.
fs::path resolved(const fs::path& path) {
  std::error_code ignored;  // if the path is not accessible, opening it reports the reason
  const bool is_link =
      fs::is_symlink(path, ignored) && fs::exists(path, ignored) && is_regular_or_new(path);
  return is_link ? fs::canonical(path) : path;
}

}  // namespace

struct OutputFile::State {
  Descriptor file;
};

fs::path partial_name(const fs::path& path) {
  fs::path partial = resolved(path);
  if (is_regular_or_new(path)) partial += ".partial";
  return partial;
}

OutputFile::OutputFile(const fs::path& path, Partial partial)
    : path_(resolved(path)), partial_(partial_name(path)), mode_(partial) {
  const bool is_direct = partial_ == path_;
  state_.reset(new State{Descriptor(partial_, O_WRONLY | O_APPEND | (is_direct ? 0 : O_CREAT))});
  struct stat status = {};
  if (*state_->file < 0 || fs::is_directory(path_) || fstat(*state_->file, &status) != 0)
    system_error(path, "cannot write", fs::is_directory(path_) ? EISDIR : errno);
  if (is_direct) return;
  if (partial == Partial::keep && status.st_size > 0)
    throw Error(partial_.string() +
                ": an interrupted command has left this file; continue it with --continue, or "
                "remove it");
  if (partial == Partial::discard) truncate(0);
  if (stat(path_.c_str(), &status) == 0) fchmod(*state_->file, status.st_mode & 07777U);
}

OutputFile::~OutputFile() {
  struct stat status = {};
  if (is_finished_ || partial_ == path_ || fstat(*state_->file, &status) != 0) return;
  if (mode_ == Partial::discard || status.st_size == 0) unlink(partial_.c_str());
}

void OutputFile::truncate(std::uint64_t bytes) {
  if (ftruncate(*state_->file, static_cast<off_t>(bytes)) != 0)
    system_error(partial_, "cannot truncate");
}

void OutputFile::write(std::string_view bytes) {
  write_all(*state_->file, bytes, partial_);
}

void OutputFile::finish() {
  if (std::exchange(is_finished_, true) || partial_ == path_) return;
  if (fsync(*state_->file) != 0) system_error(partial_, "cannot write");
  if (rename(partial_.c_str(), path_.c_str()) != 0) system_error(path_, "cannot replace it");
  sync_path(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

}  // namespace attn

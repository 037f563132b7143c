#include "base/file.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"

namespace attn {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr const char* kTemporary = ".tmp-";

[[noreturn]] void system_error(const fs::path& path, const std::string& what, int code = errno) {
  throw Error(path.string() + ": " + what + ": " + std::generic_category().message(code));
}

}  // namespace

// Owns a file descriptor. If opening failed, it is negative, and errno has the reason.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return fd_; }

 private:
  int fd_;
};

namespace {

// Calls read(2), again if a signal interrupts it. Returns the number of bytes read, which is 0 at
// the end of the file, or nullopt if it fails; then errno has the reason.
std::optional<std::size_t> read_some(int fd, char* to, std::size_t size) {
  ssize_t got = -1;
  do got = read(fd, to, size);
  while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  return static_cast<std::size_t>(got);
}

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

// `name` is the final name of the file, for error messages.
void write_all(int fd, std::string_view content, const fs::path& name) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) system_error(name, "cannot write");
    content = {content.begin() + written, content.end()};
  }
}

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

// The bytes that must follow the first byte of a UTF-8 character (Unicode 15, table 3-7).
struct Continuation {
  std::size_t bytes;        // 0: no character starts with this byte
  unsigned char low, high;  // range of the second byte
};

Continuation continuation(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {1, 0x80, 0xbf};
  if (lead == 0xe0) return {2, 0xa0, 0xbf};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {2, 0x80, 0xbf};
  if (lead == 0xf0) return {3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {3, 0x80, 0xbf};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::string read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (*file < 0) system_error(path, "cannot open");
  std::string content;
  struct stat status;
  if (fstat(*file, &status) == 0 && S_ISREG(status.st_mode))
    content.reserve(static_cast<std::size_t>(status.st_size) + kBlock);
  for (std::size_t used = 0;;) {
    content.resize(used + kBlock);
    const auto got = read_some(*file, content.data() + used, kBlock);
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
  Temporary temporary(link ? fs::canonical(path) : path);
  write_new(temporary.path(), parts, path);
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

void swap_link(const fs::path& link, const fs::path& target) {
  Temporary temporary(link);
  if (symlink(target.c_str(), temporary.path().c_str()) != 0)
    system_error(link, "cannot create the link");
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

struct LineReader::State {
  explicit State(const fs::path& path);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[noreturn]] void fail_here(const std::string& what) const;
  // Reads more of the file into `raw`, after the first `keep` bytes of its block. Returns false at
  // the end of the file.
  bool read_raw(std::size_t keep);
  void detect_format();
  // Reads more into `text`. Returns false at the end of the file.
  bool fill();
  bool fill_decompressed();
  void check(const std::string& line) const;

  std::string name;
  int fd;
  std::size_t line = 0;
  bool started = false, ended = false;
  std::vector<char> raw_block = std::vector<char>(kBlock), text_block;
  std::string_view raw;   // bytes of the file that are not yet decompressed or moved to `text`
  std::string_view text;  // decompressed bytes that are not yet returned as lines
  bool gzip = false, member_ended = false;
  bool pending = false;  // inflate has more output, or an error, without more input
  z_stream zip = {};
};

LineReader::State::State(const fs::path& path)
    : name(path == "-" ? "standard input" : path.string()),
      fd(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd < 0) system_error(path, "cannot open");
  struct stat status = {};
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    if (fd != STDIN_FILENO) close(fd);
    system_error(path, "cannot read", EISDIR);
  }
}

LineReader::State::~State() {
  if (gzip) inflateEnd(&zip);
  if (fd != STDIN_FILENO) close(fd);
}

void LineReader::State::fail_here(const std::string& what) const {
  throw Error(name + ":" + std::to_string(line + 1) + ": " + what);
}

bool LineReader::State::read_raw(std::size_t keep) {
  if (ended) return false;
  const auto got = read_some(fd, raw_block.data() + keep, kBlock - keep);
  if (!got) fail_here("cannot read: " + std::generic_category().message(errno));
  ended = *got == 0;
  raw = std::string_view(raw_block.data(), keep + *got);
  return !ended;
}

// A gzip file starts with 1f 8b (RFC 1952). Waits for a second byte only if the first is 1f,
// because on a terminal the second may not come for a long time.
void LineReader::State::detect_format() {
  started = true;
  read_raw(0);
  if (raw == "\x1f") read_raw(1);
  gzip = raw.starts_with("\x1f\x8b");
  if (!gzip) return;
  constexpr int kGzipOnly = 16;
  if (inflateInit2(&zip, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  text_block.resize(kBlock);
}

bool LineReader::State::fill() {
  if (!started) detect_format();
  if (gzip) return fill_decompressed();
  if (raw.empty() && !read_raw(0)) return false;
  text = std::exchange(raw, {});
  return true;
}

bool LineReader::State::fill_decompressed() {
  for (;;) {
    if (raw.empty() && !pending && !read_raw(0)) {
      if (member_ended) return false;
      fail_here("the gzip data ends too early; the file is incomplete");
    }
    if (std::exchange(member_ended, false)) inflateReset(&zip);
    zip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
    zip.avail_in = static_cast<uInt>(raw.size());
    zip.next_out = reinterpret_cast<Bytef*>(text_block.data());
    zip.avail_out = static_cast<uInt>(kBlock);
    const int status = inflate(&zip, Z_NO_FLUSH);
    const bool bad = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR;
    raw.remove_prefix(raw.size() - zip.avail_in);
    member_ended = status == Z_STREAM_END;
    pending = bad || (!member_ended && zip.avail_out == 0);
    text = std::string_view(text_block.data(), kBlock - zip.avail_out);
    if (!text.empty()) return true;
    if (bad) fail_here(std::string("damaged gzip data: ") + (zip.msg ? zip.msg : "unknown error"));
  }
}

void LineReader::State::check(const std::string& text_line) const {
  const char* convert = "; convert the file to UTF-8, for instance with iconv";
  const std::size_t bad = invalid_utf8(text_line), nul = text_line.find('\0');
  if (bad != std::string::npos)
    fail_here("not valid UTF-8 at byte " + std::to_string(bad + 1) + " of the line" + convert);
  if (nul != std::string::npos)
    fail_here("a NUL at byte " + std::to_string(nul + 1) + " of the line, so it is not plain text" +
              convert);
}

LineReader::LineReader(const fs::path& path) : state_(std::make_unique<State>(path)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;

bool LineReader::next(std::string& line) {
  State& s = *state_;
  line.clear();
  bool complete = false;
  while (!complete && (!s.text.empty() || s.fill())) {
    const std::size_t newline = s.text.find('\n');
    complete = newline != std::string_view::npos;
    line.append(s.text.substr(0, newline));
    s.text.remove_prefix(complete ? newline + 1 : s.text.size());
  }
  if (s.line == 0 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
  if (!complete && line.empty()) return false;
  if (line.ends_with('\r')) line.pop_back();
  s.check(line);
  ++s.line;
  return true;
}

std::size_t LineReader::line_number() const {
  return state_->line;
}

std::size_t count_lines(const fs::path& path) {
  LineReader reader(path);
  for (std::string line; reader.next(line);) continue;
  return reader.line_number();
}

std::vector<std::string> read_lines(const fs::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

std::size_t invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x80) continue;
    const auto [bytes, low, high] = continuation(byte(i));
    const std::size_t first = i;
    if (bytes == 0 || first + bytes >= text.size()) return first;
    if (byte(first + 1) < low || byte(first + 1) > high) return first;
    for (i = first + 1; i < first + bytes; ++i)
      if ((byte(i + 1) & 0xc0) != 0x80) return first;
  }
  return std::string_view::npos;
}

}  // namespace attn

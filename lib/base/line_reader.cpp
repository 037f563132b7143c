#include "base/line_reader.h"

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/descriptor.h"
#include "base/error.h"

namespace attn {
namespace {

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
  // Returns the message for a line that is not text, or "".
  std::string problem_of(const std::string& text_line) const;

  std::string name;
  int fd;
  std::size_t line = 0;
  bool started = false, ended = false;
  std::vector<char> raw_block = std::vector<char>(kReadSize), text_block;
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
  const auto got = read_some(fd, raw_block.data() + keep, kReadSize - keep);
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
  text_block.resize(kReadSize);
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
    zip.avail_out = static_cast<uInt>(kReadSize);
    const int status = inflate(&zip, Z_NO_FLUSH);
    const bool bad = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR;
    raw.remove_prefix(raw.size() - zip.avail_in);
    member_ended = status == Z_STREAM_END;
    pending = bad || (!member_ended && zip.avail_out == 0);
    text = std::string_view(text_block.data(), kReadSize - zip.avail_out);
    if (!text.empty()) return true;
    if (bad) fail_here(std::string("damaged gzip data: ") + (zip.msg ? zip.msg : "unknown error"));
  }
}

std::string LineReader::State::problem_of(const std::string& text_line) const {
  const auto message = [&](const std::string& what, std::size_t byte) {
    return name + ":" + std::to_string(line) + ": " + what + " at byte " +
           std::to_string(byte + 1) + " of the line";
  };
  const std::string convert = "; convert the file to UTF-8, for instance with iconv";
  if (const auto bad = invalid_utf8(text_line); bad != std::string::npos)
    return message("not valid UTF-8", bad) + convert;
  if (const auto nul = text_line.find('\0'); nul != std::string::npos)
    return message("a NUL", nul) + ", so it is not plain text" + convert;
  return "";
}

LineReader::LineReader(const fs::path& path) : state_(std::make_unique<State>(path)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;

bool LineReader::next(std::string& line, std::string& problem) {
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
  ++s.line;
  problem = s.problem_of(line);
  return true;
}

bool LineReader::next(std::string& line) {
  std::string problem;
  if (!next(line, problem)) return false;
  if (!problem.empty()) throw Error(problem);
  return true;
}

std::size_t LineReader::line_number() const {
  return state_->line;
}

std::size_t count_lines(const fs::path& path, Invalid invalid) {
  LineReader reader(path);
  std::string line, problem;
  while (invalid == Invalid::refused ? reader.next(line) : reader.next(line, problem)) continue;
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

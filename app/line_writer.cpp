#include "line_writer.h"

#include <iostream>

#include "base/error.h"
#include "file_checks.h"

namespace attn {
namespace {

constexpr std::size_t kMaxBuffer = std::size_t{1} << 20;

}  // namespace

LineWriter::LineWriter(fs::path path, Partial partial) : path_(std::move(path)) {
  if (path_.empty() || path_ == "-") return;
  check_parent_directory(path_);
  file_.emplace(path_, partial);
}

void LineWriter::line(const std::string& text) {
  if (path_.empty()) return;
  buffer_ += text, buffer_ += '\n';
  if (buffer_.size() > kMaxBuffer) flush();
}

void LineWriter::flush() {
  if (file_)
    file_->write(buffer_);
  else if (!std::cout.write(buffer_.data(), std::ssize(buffer_)).flush())
    throw Error("standard output: cannot write; is the disk full?");
  buffer_.clear();
}

void LineWriter::finish() {
  flush();
  if (file_) file_->finish();
}

void LineWriter::truncate(std::uint64_t bytes) {
  if (file_) file_->truncate(bytes);
}

}  // namespace attn

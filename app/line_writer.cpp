#include "line_writer.h"

#include <iostream>

#include "base/error.h"
#include "file_checks.h"

namespace attn {

LineWriter::LineWriter(fs::path path) : path_(std::move(path)) {
  if (path_ != "-") check_parent_directory(path_);
}

void LineWriter::line(const std::string& text) {
  if (path_ == "-")
    std::cout << text << '\n';
  else
    buffer_ += text, buffer_ += '\n';
}

void LineWriter::flush() {
  if (path_ == "-" && !std::cout.flush())
    throw Error("standard output: cannot write; is the disk full?");
}

void LineWriter::finish() {
  if (path_ == "-")
    flush();
  else if (!path_.empty())
    write_atomically(path_, buffer_);
}

}  // namespace attn

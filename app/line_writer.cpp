#include "line_writer.h"

#include <iostream>

#include "base/error.h"
#include "common.h"

namespace attn {

LineWriter::LineWriter(fs::path path) : path_(std::move(path)) {
  if (path_ != "-") check_folder_of(path_);
  if (path_.extension() == ".gz")
    throw Error(path_.string() + ": is written as plain text; choose a name without .gz");
}

void LineWriter::line(const std::string& text) {
  if (path_ == "-")
    std::cout << text << '\n';
  else
    kept_ += text, kept_ += '\n';
}

void LineWriter::flush() {
  if (path_ == "-" && !std::cout.flush())
    throw Error("standard output: can't be written; is the disk full?");
}

void LineWriter::finish() {
  if (path_ == "-")
    flush();
  else if (!path_.empty())
    write_atomically(path_, kept_);
}

}  // namespace attn

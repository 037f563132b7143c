// The option --diagnostics: writes measures of each line's attention weights to a file, and
// summarizes them.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "alignment/diagnostics.h"
#include "line_writer.h"

namespace attn {

void add_diagnostics_option(CLI::App& command, fs::path& file);

class DiagnosticsFile {
 public:
  // Writes a table if the extension of `path` is .tsv, else JSON lines (.jsonl). If `path` is
  // empty, no file is written. Throws Error if the directory does not exist.
  explicit DiagnosticsFile(const fs::path& path);

  void add(std::size_t line, const Alignment& words);
  DiagnosticsSummary summary() const { return summarize(all_); }
  // Writes the file. To be called once, at the end. Throws Error if it cannot be written.
  void finish() { file_.finish(); }

 private:
  bool wanted_, as_table_;
  LineWriter file_;
  std::vector<Diagnostics> all_;
};

// Returns a summary in two lines.
std::string summary_text(const DiagnosticsSummary& summary);

}  // namespace attn

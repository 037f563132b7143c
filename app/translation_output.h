// The output of attn translate: translations, alignments and heatmaps, in the order of the lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "continuation.h"
#include "heatmap_options.h"
#include "line_writer.h"
#include "service/translation_service.h"

namespace attn {

struct TranslationFiles {
  fs::path text = "-", alignments;  // an empty path: not written
  HeatmapArguments heatmaps;
  bool json_lines = false;    // the text is JSON lines
  bool is_continued = false;  // partial files are continued
  bool is_drawn = false;      // the caller draws the attention weights
};

class TranslationOutput {
 public:
  // Throws Error if a file cannot be written.
  TranslationOutput(const TranslationService& service, const TranslationFiles& files);

  // Returns how many JSON lines before the block of first_line() report an error.
  std::size_t earlier_errors() const { return earlier_errors_; }
  // Returns the number of lines that continued files contain. write() ignores these lines.
  std::size_t first_line() const { return first_line_; }
  // Returns whether somebody needs the alignments of translations.
  bool needs_alignments() const;

  // Writes the translations of line `number`. `object` is the JSON object of the request. Returns
  // the best translation with its attention weights if there are any and needs_alignments().
  std::optional<AlignedPair> write(std::size_t number, const Request& request,
                                   const TranslatedLine& found, Json object);
  // Writes the line that stands for the translation of a line with a problem.
  void write_problem(std::size_t number, const std::string& problem, Json object);
  // Hands all lines to the system.
  void flush();
  // Writes the heatmaps and gives all files their names. To be called once, at the end.
  void finish(const std::string& title);

 private:
  void continue_files();
  void write_alignment(std::size_t number, const std::optional<AlignedPair>& pair);

  const TranslationService& service_;
  const TranslationFiles& files_;
  bool is_n_best_;  // the text has several translations of a line
  LineWriter text_, alignments_;
  std::size_t first_line_ = 0, earlier_errors_ = 0;
  std::vector<AlignedPair> pairs_;  // for the heatmaps
};

}  // namespace attn

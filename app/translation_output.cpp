#include "translation_output.h"

#include <algorithm>

#include "base/strings.h"
#include "service/forced_pairs.h"

namespace attn {
namespace {

std::string n_best_line(std::size_t number, const Translation& t) {
  return std::to_string(number) + " ||| " + t.text +
         format(" ||| %.6f ||| %.6f", t.log_prob, t.score);
}

Partial partial_mode(const TranslationFiles& files) {
  return files.is_continued ? Partial::continue_it : Partial::keep;
}

}  // namespace

TranslationOutput::TranslationOutput(const TranslationService& service,
                                     const TranslationFiles& files)
    : service_(service),
      files_(files),
      is_n_best_(service.search().n_best > 1),
      text_(files.text, partial_mode(files)),
      alignments_(files.alignments, partial_mode(files)) {
  if (files.is_continued) continue_files();
}

// The shorter file decides where both are continued.
void TranslationOutput::continue_files() {
  const OutputLines lists = is_n_best_ ? OutputLines::numbered : OutputLines::one_each;
  const OutputLines format = files_.json_lines ? OutputLines::one_each : lists;
  const fs::path text = partial_name(files_.text), alignments = partial_name(files_.alignments);
  first_line_ = answered_lines(text, format).lines;
  if (!files_.alignments.empty())
    first_line_ = std::min(first_line_, answered_lines(alignments, lists).lines);
  if (files_.json_lines)
    earlier_errors_ = count_errors(text, first_line_ - first_line_ % Part::kLinesPerBlock);
  text_.truncate(answered_lines(text, format, first_line_).bytes);
  if (!files_.alignments.empty())
    alignments_.truncate(answered_lines(alignments, lists, first_line_).bytes);
}

bool TranslationOutput::needs_alignments() const {
  return files_.is_drawn || !files_.alignments.empty() || !files_.heatmaps.empty();
}

std::optional<AlignedPair> TranslationOutput::write(std::size_t number, const Request& request,
                                                    const TranslatedLine& found, Json object) {
  if (number < first_line_) return std::nullopt;
  std::optional<AlignedPair> best;
  const std::size_t shown = is_n_best_ ? found.translations.size() : 1;
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const Translation& t = found.translations[rank];
    auto pair = needs_alignments() ? service_.aligned_pair(request.text, found, t) : std::nullopt;
    if (pair) pair->line = number;
    if (!files_.json_lines) text_.line(is_n_best_ ? n_best_line(number, t) : t.text);
    write_alignment(number, pair);
    if (rank == 0) best = std::move(pair);
  }
  if (best && !files_.heatmaps.empty()) {
    service_.add_source_attention(found, *best);
    pairs_.push_back(*best);
  }
  if (files_.json_lines) {
    object.update(service_.answer(request, found));
    text_.line(to_line(object));
  }
  return best;
}

void TranslationOutput::write_problem(std::size_t number, const std::string& problem, Json object) {
  if (number < first_line_) return;
  if (files_.json_lines) {
    object["error"] = problem, object["line"] = number;
    text_.line(to_line(object));
  } else {
    text_.line(is_n_best_ ? n_best_line(number, {}) : "");
  }
  write_alignment(number, std::nullopt);
}

// In n-best lists, each alignment begins with the number of its source line.
void TranslationOutput::write_alignment(std::size_t number,
                                        const std::optional<AlignedPair>& pair) {
  if (files_.alignments.empty()) return;
  const Alignment words = words_or_empty(pair);
  const auto links = hard_links(words);
  alignments_.line(files_.alignments.extension() == ".jsonl"
                       ? to_json_line(words, links, number)
                       : (is_n_best_ ? std::to_string(number) + " ||| " : "") +
                             format_links(links, 0));
}

void TranslationOutput::flush() {
  alignments_.flush();
  text_.flush();
}

void TranslationOutput::finish(const std::string& title) {
  alignments_.finish();
  text_.finish();
  write_all_heatmaps(files_.heatmaps, pairs_, title);
}

}  // namespace attn

#include "text/segmenter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include "base/error.h"

namespace attn {
namespace {

// Parts of a sentence that is cut have at most this fraction of the maximum length, if they are of
// equal length, so that a cut need not be exactly at its place.
constexpr double kFill = 0.9;

// Where a sentence would best be cut.
struct BestCut {
  std::span<const Tokenizer::Piece> pieces;
  double index;     // number of pieces before it
  double distance;  // maximum distance from it to clause punctuation, in pieces

  double distance_of(std::size_t at) const {
    const auto piece = std::ranges::lower_bound(pieces, at, {}, &Tokenizer::Piece::begin);
    return std::abs(static_cast<double>(piece - pieces.begin()) - index);
  }
};

BestCut best_cut(std::span<const Tokenizer::Piece> pieces, int max_length) {
  const auto size = static_cast<double>(pieces.size());
  const double parts = std::max(2.0, std::ceil(size / std::max(1.0, kFill * max_length)));
  return {pieces, size * std::floor(parts / 2) / parts, size / (2 * parts)};
}

// Finds the position that is nearest to the best one among those between begin and end.
class NearestCut {
 public:
  NearestCut(TextRange range, const BestCut& best) : range_(range), best_(best) {}

  void add(std::size_t at) {
    if (at <= range_.begin || at >= range_.end) return;
    const double distance = best_.distance_of(at);
    if (found_ == 0 || distance < distance_) found_ = at, distance_ = distance;
  }
  // Return 0 if there is no position, or none within `max_distance`.
  std::size_t found() const { return found_; }
  std::size_t found(double max_distance) const { return distance_ <= max_distance ? found_ : 0; }

 private:
  TextRange range_;
  const BestCut& best_;
  std::size_t found_ = 0;
  double distance_ = 0;
};

// Returns whether a clause ends after the character `c`, which ends at byte `at`: not within 3,5 or
// 12:30 or 1990–1995.
bool is_clause_end(std::string_view line, char32_t c, std::size_t at) {
  if (!ends_clauses(c)) return false;
  const char32_t next = character_after(line, at);
  const bool needs_space = is_ascii(c) || c == U'\u2013';
  return is_white_space(next) || is_closing(next) || (!needs_space && !is_digit(next));
}

std::size_t nearest_clause_end(std::string_view line, TextRange range, const BestCut& best) {
  NearestCut nearest(range, best);
  for (std::size_t at = range.begin; at < range.end;) {
    const char32_t c = read_forward(line, at);
    if (!is_clause_end(line, c, at)) continue;
    while (at < range.end && is_closing(character_after(line, at))) read_forward(line, at);
    nearest.add(at);
  }
  return nearest.found(best.distance);
}

std::size_t nearest_space(std::string_view line, TextRange range, const BestCut& best) {
  NearestCut nearest(range, best);
  for (std::size_t at = range.begin; at < range.end;) {
    const std::size_t begin = at;
    if (is_white_space(read_forward(line, at))) nearest.add(begin);
  }
  return nearest.found();
}

std::size_t nearest_line_break(std::string_view line, TextRange range, const BestCut& best) {
  NearestCut nearest(range, best);
  UErrorCode status = U_ZERO_ERROR;
  UText text = UTEXT_INITIALIZER;
  const std::string_view part = line.substr(range.begin, range.end - range.begin);
  utext_openUTF8(&text, part.data(), static_cast<std::int64_t>(part.size()), &status);
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createLineInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status) != 0) throw Bug(std::string("ICU: ") + u_errorName(status));
  breaks->setText(&text, status);
  for (auto at = breaks->first(); at != icu::BreakIterator::DONE; at = breaks->next())
    nearest.add(range.begin + static_cast<std::size_t>(at));
  utext_close(&text);
  return nearest.found();
}

std::size_t nearest_character(std::string_view line, TextRange range, const BestCut& best) {
  NearestCut nearest(range, best);
  for (std::size_t at = range.begin; at < range.end; read_forward(line, at)) nearest.add(at);
  return nearest.found();
}

}  // namespace

Segmenter::Segmenter(Tokenizer tokenizer, int max_length, const std::string& language)
    : tokenizer_(std::move(tokenizer)), max_length_(max_length), sentences_(language) {
  ATTN_CHECK(max_length >= 1);
}

// Returns where to cut a sentence; 0 if it is a single character.
std::size_t Segmenter::cut_position(std::string_view text,
                                    const std::vector<Tokenizer::Piece>& pieces) const {
  const TextRange range = trimmed(text, {0, text.size()});
  const BestCut best = best_cut(pieces, max_length_);
  for (const auto nearest :
       {nearest_clause_end, nearest_space, nearest_line_break, nearest_character})
    if (const std::size_t at = nearest(text, range, best)) return at;
  return 0;
}

// Adds the segments of a sentence.
void Segmenter::add(std::string_view line, TextRange range, std::vector<Segment>& out) const {
  const std::string_view text = line.substr(range.begin, range.end - range.begin);
  auto pieces = tokenizer_.encode_with_offsets(text);
  const bool fits = std::ssize(pieces) <= max_length_;
  const std::size_t at = fits ? 0 : cut_position(text, pieces);
  if (at == 0) return out.push_back({range, false, std::move(pieces)});
  add(line, trimmed(line, {range.begin, range.begin + at}), out);
  out.back().is_cut = true;
  add(line, trimmed(line, {range.begin + at, range.end}), out);
}

std::vector<Segment> Segmenter::split(std::string_view line) const {
  std::vector<TextRange> ranges = sentences_.split(line);
  if (ranges.size() <= 1) ranges = {{0, line.size()}};
  std::vector<Segment> out;
  for (const TextRange& range : ranges) add(line, range, out);
  return out;
}

Segment Segmenter::whole(std::string_view line) const {
  return {{0, line.size()}, false, tokenizer_.encode_with_offsets(line)};
}

}  // namespace attn

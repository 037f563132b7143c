#include "search/segments.h"

#include <algorithm>

#include "base/error.h"

namespace attn {
namespace {

// The number of segment k of a line is the line's number + k × 2^48. Lines have smaller numbers.
constexpr unsigned kNumberBits = 48;

// Appends pieces of a text that begins at byte `begin` of the line. The first one also covers the
// white space before the text, from byte `space`, as pieces within a segment do.
void append_pieces(const std::vector<Tokenizer::Piece>& pieces, std::size_t begin,
                   std::size_t space, std::vector<Tokenizer::Piece>& out) {
  for (const auto& piece : pieces)
    out.push_back(
        {piece.id, &piece == &pieces.front() ? space : piece.begin + begin, piece.end + begin});
}

// A translated segment that has pieces.
struct Part {
  const TranslatedLine& found;
  TextRange range;   // its bytes in the line
  bool is_spaced;    // whether there is white space before it
  bool after_ascii;  // whether the previous part ends with an ASCII character
};

// Joins the translations of the parts to one of the line.
class TranslationJoin {
 public:
  void add(const Translation& t, const Part& part, bool is_last) {
    const std::size_t end = out_.text.size();
    if (end > 0 && !t.text.empty() && needs_space(part)) out_.text += ' ';
    append_pieces(t.target, out_.text.size(), end, out_.target);
    out_.text += t.text;
    out_.log_prob += t.log_prob;
    out_.score += t.score;
    add_log_probs(t, is_last);
    if (!t.attention.empty())
      out_.segment_attention.push_back(is_last ? t.attention
                                               : without_end(t.attention, t.target.size()));
  }

  Translation finish() { return std::move(out_); }

 private:
  bool needs_space(const Part& part) const {
    return part.is_spaced ||
           (!part.after_ascii && is_ascii(character_before(out_.text, out_.text.size())));
  }

  void add_log_probs(const Translation& t, bool is_last) {
    const auto end = t.log_probs.begin() + std::ssize(t.target);
    out_.log_probs.insert(out_.log_probs.end(), t.log_probs.begin(), end);
    if (end == t.log_probs.end()) return;  // truncated
    ends_ += *end;
    if (is_last) out_.log_probs.push_back(ends_);
  }

  Translation out_;
  double ends_ = 0;  // log-probability of the ends of the parts
};

// Returns the translations of the given rank, joined.
Translation joined_translation(std::span<const Part> parts, std::size_t rank) {
  TranslationJoin join;
  for (const Part& part : parts) {
    const auto& translations = part.found.translations;
    join.add(translations[std::min(rank, translations.size() - 1)], part, &part == &parts.back());
  }
  return join.finish();
}

}  // namespace

SegmentedText::SegmentedText(const Text& lines, const Segmenter& segmenter) : lines_(lines) {
  for (std::size_t i = 0; i < lines.lines.size(); ++i) {
    const std::string& line = lines.lines[i];
    if (!lines.prefixes.empty() && !lines.prefixes[i].empty())
      add(i, {segmenter.whole(line)});
    else
      add(i, segmenter.split(line));
  }
}

void SegmentedText::add(std::size_t line, std::vector<Segment> segments) {
  infos_.push_back({texts_.size(), segments.size(), segments.size(), 0});
  const std::uint64_t number = lines_.numbers.empty() ? line : lines_.numbers[line];
  for (std::size_t k = 0; k < segments.size(); ++k) {
    const TextRange range = segments[k].range;
    texts_.push_back(lines_.lines[line].substr(range.begin, range.end - range.begin));
    if (!lines_.prefixes.empty()) prefixes_.push_back(lines_.prefixes[line]);
    numbers_.push_back(number + (std::uint64_t{k} << kNumberBits));
    tokenized_.push_back({std::move(segments[k].pieces), {}});
    ranges_.push_back(range);
    line_of_.push_back(line);
    if (segments[k].is_cut) ++infos_.back().cuts;
  }
}

Text SegmentedText::text() const {
  Text out{texts_, prefixes_, numbers_, lines_.is_spread};
  if (lines_.is_wanted)
    out.is_wanted = [this](std::size_t k) { return lines_.is_wanted(line_of_[k]); };
  return out;
}

std::size_t SegmentedText::complete(std::span<const std::size_t> segments) {
  return static_cast<std::size_t>(std::ranges::count_if(
      segments, [&](std::size_t k) { return --infos_[line_of_[k]].incomplete == 0; }));
}

std::vector<TranslatedLine> SegmentedText::join(std::vector<TranslatedLine> segments) const {
  ATTN_CHECK(segments.size() == texts_.size());
  std::vector<TranslatedLine> out;
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const auto own = std::span(segments).subspan(infos_[i].first, infos_[i].count);
    out.push_back(own.size() == 1 ? std::move(own[0]) : joined(i, own));
  }
  return out;
}

TranslatedLine SegmentedText::joined(std::size_t line,
                                     std::span<const TranslatedLine> segments) const {
  const std::string& text = lines_.lines[line];
  TranslatedLine out;
  out.cuts = infos_[line].cuts;
  std::vector<Part> parts;
  std::size_t ranks = 1;
  for (std::size_t k = 0; k < segments.size(); ++k) {
    if (segments[k].source.empty()) continue;
    const TextRange range = ranges_[infos_[line].first + k];
    const std::size_t end = parts.empty() ? range.begin : parts.back().range.end;
    parts.push_back({segments[k], range, end < range.begin, is_ascii(character_before(text, end))});
    append_pieces(segments[k].source, range.begin, end, out.source);
    out.segment_sizes.push_back(segments[k].source.size());
    ranks = std::max(ranks, segments[k].translations.size());
  }
  for (std::size_t rank = 0; rank < ranks; ++rank)
    out.translations.push_back(joined_translation(parts, rank));
  return out;
}

std::vector<TranslatedLine> translate_segments(Translator& translator, const Segmenter& segmenter,
                                               const Text& lines, const SearchConfig& config,
                                               const std::function<void(std::size_t)>& done) {
  SegmentedText segments(lines, segmenter);
  return segments.join(translator.translate_tokenized(
      segments.text(), segments.take_tokenized(), config, [&](std::span<const std::size_t> batch) {
        const std::size_t completed = segments.complete(batch);
        if (done) done(completed);
      }));
}

std::vector<Mat> without_end(const std::vector<Mat>& heads, std::size_t target_pieces) {
  std::vector<Mat> out;
  for (const Mat& head : heads) out.push_back(head.leftCols(static_cast<Index>(target_pieces)));
  return out;
}

std::vector<Mat> joined_attention(std::span<const std::vector<Mat>> segments) {
  Index rows = 1, columns = 0;
  for (const auto& heads : segments) rows += heads[0].rows() - 1, columns += heads[0].cols();
  std::vector<Mat> out(segments.empty() ? 0 : segments[0].size(), Mat::Zero(rows, columns));
  for (std::size_t head = 0; head < out.size(); ++head) {
    Index row = 0, column = 0;
    for (const auto& heads : segments) {
      const Mat& own = heads[head];
      const Index pieces = own.rows() - 1;
      out[head].block(row, column, pieces, own.cols()) = own.topRows(pieces);
      out[head].row(rows - 1).segment(column, own.cols()) = own.row(pieces);
      row += pieces, column += own.cols();
    }
  }
  return out;
}

}  // namespace attn

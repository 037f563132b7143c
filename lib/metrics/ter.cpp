#include "metrics/ter.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <limits>
#include <optional>
#include <tuple>

#include "base/index_span.h"
#include "metrics/ngrams.h"

namespace attn {
namespace {

using Words = std::u32string;  // one symbol per word (WordSymbols)

constexpr int kMaxShiftWords = 10, kMaxShiftDistance = 50, kMaxShiftsTried = 1000, kBeam = 25;
constexpr int kInfinity = std::numeric_limits<int>::max() / 2;

enum class Edit { keep, replace, remove, insert };

// The minimum number of edits from a prefix of the hypothesis to a prefix of the reference, and the
// last of these edits.
struct Cell {
  int cost = kInfinity;
  Edit last = Edit::insert;
};

// Edit distances from hypotheses of one length to one reference, by dynamic programming in a beam
// around the diagonal.
class EditDistance {
 public:
  EditDistance(std::size_t hypothesis_length, const Words& reference)
      : reference_(reference),
        length_(static_cast<int>(hypothesis_length)),
        ratio_(length_ == 0 ? 1 : static_cast<double>(reference.size()) / length_),
        beam_(ratio_ / 2 > kBeam ? static_cast<int>(std::ceil(ratio_ / 2)) + kBeam : kBeam),
        rows_(hypothesis_length + 1, std::vector<Cell>(reference.size() + 1)),
        above_(reference.size() + 1),
        row_(reference.size() + 1) {
    for (std::size_t j = 0; j <= reference.size(); ++j) rows_[0][j] = {static_cast<int>(j)};
  }

  // Returns the distance, and saves the table for `last` and `distance_from`.
  int distance(const Words& hypothesis) {
    const IndexSpan rows(rows_);
    for (int i = 1; i <= length_; ++i) fill(i, hypothesis, rows[i - 1], rows[i]);
    return rows_.back().back().cost;
  }

  // Returns the distance of a hypothesis whose first `same` words equal those of the hypothesis in
  // the saved table. Does not change the table.
  int distance_from(const Words& hypothesis, int same) {
    above_ = IndexSpan(rows_)[same];
    for (int i = same + 1; i <= length_; ++i) {
      std::fill(row_.begin(), row_.end(), Cell{});
      fill(i, hypothesis, above_, row_);
      std::swap(above_, row_);
    }
    return above_.back().cost;
  }

  // Returns the last edit from the first i words of the hypothesis to the first j of the reference.
  Edit last(int i, int j) const {
    const IndexSpan<const Cell> row = IndexSpan(rows_)[i];
    return row[j].last;
  }

 private:
  // Computes row i. As in tercom, ties are broken in favor of keeping or replacing, then removing.
  void fill(int i, IndexSpan<const char32_t> hypothesis, IndexSpan<const Cell> above,
            IndexSpan<Cell> row) const {
    const IndexSpan reference(reference_);
    const int size = static_cast<int>(reference.size());
    const int diagonal = static_cast<int>(std::floor(i * ratio_));
    const int end = i == length_ ? size + 1 : std::min(size + 1, diagonal + beam_);
    for (int j = std::max(0, diagonal - beam_); j < end; ++j) {
      Cell best = {above[j].cost + 1, Edit::remove};
      if (j > 0) {
        const bool same = hypothesis[i - 1] == reference[j - 1];
        const int diagonal_cost = above[j - 1].cost + (same ? 0 : 1);
        if (diagonal_cost <= best.cost) best = {diagonal_cost, same ? Edit::keep : Edit::replace};
        const int left_cost = row[j - 1].cost + 1;
        if (left_cost < best.cost) best = {left_cost, Edit::insert};
      }
      row[j] = best;
    }
  }

  const Words& reference_;
  int length_;
  double ratio_;
  int beam_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<Cell> above_, row_;
};

// A shortest sequence of edits: which words it edits, and for each reference word the position of
// the last hypothesis word that is consumed up to there (−1 if none).
struct EditPath {
  EditPath(const EditDistance& distance, int hypothesis_length, int reference_length) {
    for (int i = hypothesis_length, j = reference_length; i > 0 || j > 0;) {
      const Edit edit = distance.last(i, j);
      const bool edited = edit != Edit::keep;
      if (edit != Edit::insert) hypothesis_edited.push_back(edited);
      if (edit != Edit::remove) reference_edited.push_back(edited), positions.push_back(i - 1);
      i -= edit != Edit::insert;
      j -= edit != Edit::remove;
    }
    // The path was followed from its end.
    std::reverse(hypothesis_edited.begin(), hypothesis_edited.end());
    std::reverse(reference_edited.begin(), reference_edited.end());
    std::reverse(positions.begin(), positions.end());
  }

  std::vector<bool> hypothesis_edited, reference_edited;
  std::vector<int> positions;
};

bool any_edited(const std::vector<bool>& edited, int begin, int length) {
  return std::find(edited.begin() + begin, edited.begin() + begin + length, true) !=
         edited.begin() + begin + length;
}

struct Shift {
  int gain, length, begin, target;

  // A better shift compares as less.
  auto operator<=>(const Shift& other) const {
    return std::tuple(-gain, -length, begin, target) <=>
           std::tuple(-other.gain, -other.length, other.begin, other.target);
  }
};

// Moves the words of the shift in front of the word at `target`. If `target` is one of these words,
// they move target − begin words to the right, as in tercom.
Words shifted(Words words, const Shift& shift) {
  const auto begin = words.begin() + shift.begin, end = begin + shift.length;
  const auto target = words.begin() + shift.target;
  if (target < begin)
    std::rotate(target, begin, end);
  else if (target > end)
    std::rotate(begin, end, target);
  else
    std::rotate(begin, end, target + std::min<std::ptrdiff_t>(shift.length, words.end() - target));
  return words;
}

// The greedy search of tercom.
class ShiftSearch {
 public:
  ShiftSearch(const Words& hypothesis, const Words& reference)
      : words_(hypothesis),
        reference_(reference),
        distance_(hypothesis.size(), reference),
        remaining_(distance_.distance(words_)) {}

  // Returns the number of edits found. Can be called once.
  int edits() {
    int shifts = 0;
    while (const auto shift = best_shift()) {
      words_ = shifted(words_, *shift);
      remaining_ = distance_.distance(words_);
      ++shifts;
    }
    return shifts + remaining_;
  }

 private:
  // Returns nullopt if no shift reduces the distance or the limit of candidates is reached.
  std::optional<Shift> best_shift() {
    const int size = static_cast<int>(words_.size());
    const int reference_size = static_cast<int>(reference_.size());
    const EditPath path(distance_, size, reference_size);
    std::optional<Shift> best;
    for (int begin = 0; begin < size; ++begin) {
      const int last = std::min(reference_size - 1, begin + kMaxShiftDistance);
      for (int from = std::max(0, begin - kMaxShiftDistance); from <= last; ++from) {
        const int longest = equal_words(begin, from);
        for (int length = 1; length <= longest; ++length) {
          try_targets(path, {0, length, begin, 0}, from, best);
          if (tried_ >= kMaxShiftsTried) return {};
        }
      }
    }
    return best && best->gain > 0 ? best : std::nullopt;
  }

  // Returns the number of words that are equal in the hypothesis from `begin` on and in the
  // reference from `from` on.
  int equal_words(int begin, int from) const {
    const auto a = words_.begin() + begin;
    const auto b = reference_.begin() + from;
    const auto limit = std::min<std::ptrdiff_t>(kMaxShiftWords, words_.end() - a);
    return static_cast<int>(std::mismatch(a, a + limit, b, reference_.end()).first - a);
  }

  // Updates `best` with shifts that move the words to where the edit path aligns the equal
  // reference words, which begin at `from`.
  void try_targets(const EditPath& path, Shift shift, int from, std::optional<Shift>& best) {
    if (!any_edited(path.hypothesis_edited, shift.begin, shift.length) ||
        !any_edited(path.reference_edited, from, shift.length))
      return;
    const IndexSpan positions(path.positions);
    const int position = positions[from];
    if (position >= shift.begin && position < shift.begin + shift.length) return;
    int previous = -1;
    for (int j = from - 1; j < from + shift.length; ++j) {
      shift.target = j < 0 ? 0 : positions[j] + 1;
      if (shift.target == previous) continue;
      previous = shift.target;
      shift.gain = remaining_ - distance_.distance_from(shifted(words_, shift),
                                                        std::min(shift.begin, shift.target));
      ++tried_;
      if (!best || shift < *best) best = shift;
    }
  }

  Words words_;
  const Words& reference_;
  EditDistance distance_;
  int remaining_, tried_ = 0;
};

Statistics ter_statistics(const Words& hypothesis, const std::vector<Words>& references) {
  int fewest = kInfinity;
  double lengths = 0;
  for (const Words& reference : references) {
    fewest = std::min(fewest, ShiftSearch(hypothesis, reference).edits());
    lengths += static_cast<double>(reference.size());
  }
  return {static_cast<double>(fewest), lengths / static_cast<double>(references.size())};
}

double ter_score(const Statistics& sum) {
  const double edits = sum.at(0), length = sum.at(1);
  if (length == 0) return edits > 0 ? 100 : 0;
  return 100 * edits / length;
}

}  // namespace

Metric ter_metric(const TercomOptions& options) {
  const auto compare_line = [options](std::string_view hypothesis,
                                      const std::vector<std::string_view>& references) {
    WordSymbols symbols;
    std::vector<Words> reference_words;
    for (const std::string_view reference : references)
      reference_words.push_back(symbols(tokenize_tercom(reference, options)));
    return ter_statistics(symbols(tokenize_tercom(hypothesis, options)), reference_words);
  };
  const auto yes = [](bool value) { return value ? "yes" : "no"; };
  return {"TER",
          std::string("case:") + case_field(!options.case_sensitive) +
              "|tok:tercom|norm:" + yes(options.normalized) +
              "|punct:" + yes(!options.no_punctuation) + "|asian:" + yes(options.asian),
          compare_line, ter_score};
}

}  // namespace attn

#include "metrics/ter.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <limits>
#include <optional>
#include <tuple>

#include "metrics/ngrams.h"

namespace attn {
namespace {

using WordNumbers = std::u32string;  // their numbers

constexpr int kMaxShiftWords = 10, kMaxShiftDistance = 50, kMaxShiftsTried = 1000, kBeam = 25;
constexpr int kFar = std::numeric_limits<int>::max() / 2;

enum class Edit { keep, replace, remove, insert };

// The least edits from the first words of the hypothesis to the first words of the reference, and
// the last of them.
struct Cell {
  int cost = kFar;
  Edit last = Edit::insert;
};
using Row = std::vector<Cell>;

// Edit distances from hypotheses of one length to one reference.
class EditDistance {
 public:
  EditDistance(int hypothesis_length, const WordNumbers& reference)
      : reference_(reference),
        length_(hypothesis_length),
        ratio_(length_ == 0 ? 1 : static_cast<double>(reference.size()) / length_),
        beam_(ratio_ / 2 > kBeam ? static_cast<int>(std::ceil(ratio_ / 2)) + kBeam : kBeam),
        rows_(static_cast<std::size_t>(length_) + 1, Row(reference.size() + 1)),
        above_(reference.size() + 1),
        row_(reference.size() + 1) {
    for (std::size_t j = 0; j <= reference.size(); ++j) rows_[0][j] = {static_cast<int>(j)};
  }

  // Keeps the edits, for `last` and `of_changed`.
  int of(const WordNumbers& hypothesis) {
    for (int i = 1; i <= length_; ++i) fill(i, hypothesis, rows_[index(i - 1)], rows_[index(i)]);
    return rows_.back().back().cost;
  }

  // Of a hypothesis whose first `same` words are those of the one before.
  int of_changed(const WordNumbers& hypothesis, int same) {
    above_ = rows_[index(same)];
    for (int i = same + 1; i <= length_; ++i) {
      std::fill(row_.begin(), row_.end(), Cell{});
      fill(i, hypothesis, above_, row_);
      std::swap(above_, row_);
    }
    return above_.back().cost;
  }

  // The last edit from the first i words of the hypothesis to the first j of the reference.
  Edit last(int i, int j) const { return rows_[index(i)][index(j)].last; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // Of equals tercom wants no edit or a replacement, else a removal.
  void fill(int i, const WordNumbers& hypothesis, const Row& above, Row& row) const {
    const int size = static_cast<int>(reference_.size());
    const int diagonal = static_cast<int>(std::floor(i * ratio_));
    const int end = i == length_ ? size + 1 : std::min(size + 1, diagonal + beam_);
    for (int j = std::max(0, diagonal - beam_); j < end; ++j) {
      Cell best = {above[index(j)].cost + 1, Edit::remove};
      if (j > 0) {
        const bool same = hypothesis[index(i - 1)] == reference_[index(j - 1)];
        const int diagonal_cost = above[index(j - 1)].cost + (same ? 0 : 1);
        if (diagonal_cost <= best.cost) best = {diagonal_cost, same ? Edit::keep : Edit::replace};
        const int left_cost = row[index(j - 1)].cost + 1;
        if (left_cost < best.cost) best = {left_cost, Edit::insert};
      }
      row[index(j)] = best;
    }
  }

  const WordNumbers& reference_;
  int length_;
  double ratio_;
  int beam_;
  std::vector<Row> rows_;
  Row above_, row_;
};

// Which words the edits touch, and for each word of the reference the last word of the hypothesis
// that is used up when it is done, from −1.
struct EditedWords {
  EditedWords(const EditDistance& distance, int hypothesis_length, int reference_length)
      : hypothesis_wrong(static_cast<std::size_t>(hypothesis_length)),
        reference_wrong(static_cast<std::size_t>(reference_length)),
        place(static_cast<std::size_t>(reference_length)) {
    for (int i = hypothesis_length, j = reference_length; i > 0 || j > 0;) {
      const Edit edit = distance.last(i, j);
      const bool wrong = edit != Edit::keep;
      if (edit != Edit::insert) hypothesis_wrong[static_cast<std::size_t>(i - 1)] = wrong;
      if (edit != Edit::remove) {
        reference_wrong[static_cast<std::size_t>(j - 1)] = wrong;
        place[static_cast<std::size_t>(j - 1)] = i - 1;
      }
      i -= edit != Edit::insert;
      j -= edit != Edit::remove;
    }
  }

  std::vector<bool> hypothesis_wrong, reference_wrong;
  std::vector<int> place;
};

bool any_of(const std::vector<bool>& wrong, int begin, int length) {
  return std::find(wrong.begin() + begin, wrong.begin() + begin + length, true) !=
         wrong.begin() + begin + length;
}

struct Shift {
  int gain, length, begin, target;

  // Better is less.
  auto operator<=>(const Shift& other) const {
    return std::tuple(-gain, -length, begin, target) <=>
           std::tuple(-other.gain, -other.length, other.begin, other.target);
  }
};

// The words go before the word at `target`; a target among themselves means as many words further.
WordNumbers shifted(WordNumbers words, const Shift& shift) {
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

// The search for the fewest edits.
class Search {
 public:
  Search(const WordNumbers& hypothesis, const WordNumbers& reference)
      : words_(hypothesis),
        reference_(reference),
        distance_(static_cast<int>(hypothesis.size()), reference),
        left_(distance_.of(words_)) {}

  int edits() {
    int shifts = 0;
    while (const auto shift = best_shift()) {
      words_ = shifted(words_, *shift);
      left_ = distance_.of(words_);
      ++shifts;
    }
    return shifts + left_;
  }

 private:
  // None if none is a gain, or the search has to end.
  std::optional<Shift> best_shift() {
    const int size = static_cast<int>(words_.size());
    const int reference_size = static_cast<int>(reference_.size());
    const EditedWords edited(distance_, size, reference_size);
    std::optional<Shift> best;
    for (int begin = 0; begin < size; ++begin) {
      const int last = std::min(reference_size - 1, begin + kMaxShiftDistance);
      for (int from = std::max(0, begin - kMaxShiftDistance); from <= last; ++from) {
        const int longest = equal_words(begin, from);
        for (int length = 1; length <= longest; ++length) {
          try_targets(edited, {0, length, begin, 0}, from, best);
          if (tried_ >= kMaxShiftsTried) return {};
        }
      }
    }
    return best && best->gain > 0 ? best : std::nullopt;
  }

  // How many words from `begin` on stand in the reference from `from` on.
  int equal_words(int begin, int from) const {
    const auto a = words_.begin() + begin;
    const auto b = reference_.begin() + from;
    const auto most = std::min<std::ptrdiff_t>(kMaxShiftWords, words_.end() - a);
    return static_cast<int>(std::mismatch(a, a + most, b, reference_.end()).first - a);
  }

  // Moves words to where the alignment has their equals in the reference, from its word `from` on.
  void try_targets(const EditedWords& edited, Shift shift, int from, std::optional<Shift>& best) {
    if (!any_of(edited.hypothesis_wrong, shift.begin, shift.length) ||
        !any_of(edited.reference_wrong, from, shift.length))
      return;
    const int place = edited.place[index(from)];
    if (place >= shift.begin && place < shift.begin + shift.length) return;
    int previous = -1;
    for (int j = from - 1; j < from + shift.length; ++j) {
      shift.target = j < 0 ? 0 : edited.place[index(j)] + 1;
      if (shift.target == previous) continue;
      previous = shift.target;
      shift.gain =
          left_ - distance_.of_changed(shifted(words_, shift), std::min(shift.begin, shift.target));
      ++tried_;
      if (!best || shift < *best) best = shift;
    }
  }

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  WordNumbers words_;
  const WordNumbers& reference_;
  EditDistance distance_;
  int left_, tried_ = 0;
};

Statistics compare_ter(const WordNumbers& hypothesis, const std::vector<WordNumbers>& references) {
  int fewest = kFar;
  double lengths = 0;
  for (const WordNumbers& reference : references) {
    fewest = std::min(fewest, Search(hypothesis, reference).edits());
    lengths += static_cast<double>(reference.size());
  }
  return {static_cast<double>(fewest), lengths / static_cast<double>(references.size())};
}

double ter_of(const Statistics& sum) {
  const double edits = sum.at(0), length = sum.at(1);
  if (length == 0) return edits > 0 ? 100 : 0;
  return 100 * edits / length;
}

}  // namespace

Metric ter_metric(const TercomOptions& options) {
  const auto compare_line = [options](std::string_view hypothesis,
                                      const std::vector<std::string_view>& references) {
    WordSymbols symbols;
    std::vector<WordNumbers> truths;
    for (const std::string_view reference : references)
      truths.push_back(symbols(tokenize_tercom(reference, options)));
    return compare_ter(symbols(tokenize_tercom(hypothesis, options)), truths);
  };
  const auto yes = [](bool value) { return value ? "yes" : "no"; };
  return {"TER",
          std::string("case:") + case_field(!options.case_sensitive) +
              "|tok:tercom|norm:" + yes(options.normalized) +
              "|punct:" + yes(!options.no_punctuation) + "|asian:" + yes(options.asian),
          compare_line, ter_of};
}

}  // namespace attn

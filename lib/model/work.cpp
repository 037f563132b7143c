#include "model/work.h"

namespace attn {
namespace {

// The last word of a source ends its sentence, and so does each that is like it.
constexpr int kWord = 0, kEnd = 1, kOther = 2;

Profile forward_pass(const Seq2Seq& model, const Params& w, const std::vector<int>& source,
                     const std::vector<int>& target) {
  const Words sources[] = {source}, targets[] = {target};
  const std::uint64_t places[] = {0};
  Batch batch;
  batch.assign(sources, targets, places);
  Seq2Seq::Scratch scratch(model);
  Profile profile;
  const Profiling profiling(&profile, Part::other);
  model.loss(w, batch, {}, Noise{}, scratch);
  return profile;
}

}  // namespace

Work::Work(const Seq2Seq& model, const Params& w) {
  const auto pass = [&](const std::vector<int>& source, const std::vector<int>& target) {
    return forward_pass(model, w, source, target);
  };
  const std::vector<int> one = {kWord}, two = {kWord, kWord};
  const Profile small = pass({kEnd}, one);
  const Profile source = pass({kWord, kEnd}, one);
  const Profile target = pass({kEnd}, two);
  const Profile both = pass({kWord, kEnd}, two);
  const Profile longer = pass({kWord, kOther, kEnd}, one);
  const Profile source_again = pass({kWord, kWord, kEnd}, one);
  const Profile parts = pass({kEnd, kEnd}, one);
  const Profile parts_both = pass({kEnd, kEnd}, two);
  // The decoder reads none, and then all words but the last.
  const Profile long_target = pass({kEnd}, {kWord, kOther, kWord});
  const Profile target_again = pass({kEnd}, {kWord, kWord, kWord});
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    const auto count = [&](const Profile& p) { return static_cast<double>(p.operations(part)); };
    Of& of = parts_[i];
    of.distinct_source = count(longer) - count(source_again);
    of.distinct_target = count(long_target) - count(target_again);
    of.part_pair = count(parts_both) - count(both) - count(parts) + count(source);
    of.part = count(parts) - count(source) - of.part_pair + of.distinct_source;
    of.source_pair = (count(longer) - 2 * count(source) + count(small)) / 2;
    of.word_pair = count(both) - count(source) - count(target) + count(small);
    of.source_word =
        count(source) - count(small) - of.word_pair - 3 * of.source_pair - of.distinct_source;
    of.target_word =
        count(target) - count(small) - of.word_pair - of.part_pair - of.distinct_target;
    of.sentence = count(small) - of.source_word - of.target_word - of.word_pair - of.source_pair -
                  of.part - of.part_pair - of.distinct_source - of.distinct_target;
  }
}

double Work::operations(Part part, const Of& amounts) const {
  const Of& each = of(part);
  return each.sentence * amounts.sentence + each.source_word * amounts.source_word +
         each.target_word * amounts.target_word + each.word_pair * amounts.word_pair +
         each.source_pair * amounts.source_pair + each.part * amounts.part +
         each.part_pair * amounts.part_pair + each.distinct_source * amounts.distinct_source +
         each.distinct_target * amounts.distinct_target;
}

double Work::operations(const Of& amounts) const {
  double sum = 0;
  for (std::size_t i = 0; i < kParts; ++i) sum += operations(static_cast<Part>(i), amounts);
  return sum;
}

}  // namespace attn

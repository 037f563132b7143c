#include "model/work.h"

namespace attn {
namespace {

// The last word of a source ends its sentence, and so does each that is like it.
constexpr int kWord = 0, kEnd = 1;

Profile forward_pass(const Seq2Seq& model, const Params& w, std::size_t source, std::size_t target,
                     int word = kWord) {
  std::vector<int> source_words(source, word);
  source_words.back() = kEnd;
  const std::vector<int> target_words(target, kWord);
  const Words sources[] = {source_words}, targets[] = {target_words};
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
  const Profile small = forward_pass(model, w, 1, 1), source = forward_pass(model, w, 2, 1),
                target = forward_pass(model, w, 1, 2), both = forward_pass(model, w, 2, 2),
                longer = forward_pass(model, w, 3, 1), parts = forward_pass(model, w, 2, 1, kEnd),
                parts_both = forward_pass(model, w, 2, 2, kEnd);
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    const auto count = [&](const Profile& p) { return static_cast<double>(p.operations(part)); };
    Of& of = parts_[i];
    of.part_pair = count(parts_both) - count(both) - count(parts) + count(source);
    of.part = count(parts) - count(source) - of.part_pair;
    of.source_pair = (count(longer) - 2 * count(source) + count(small)) / 2;
    of.word_pair = count(both) - count(source) - count(target) + count(small);
    of.source_word = count(source) - count(small) - of.word_pair - 3 * of.source_pair;
    of.target_word = count(target) - count(small) - of.word_pair - of.part_pair;
    of.sentence = count(small) - of.source_word - of.target_word - of.word_pair - of.source_pair -
                  of.part - of.part_pair;
  }
}

double Work::operations(Part part, const Of& amounts) const {
  const Of& each = of(part);
  return each.sentence * amounts.sentence + each.source_word * amounts.source_word +
         each.target_word * amounts.target_word + each.word_pair * amounts.word_pair +
         each.source_pair * amounts.source_pair + each.part * amounts.part +
         each.part_pair * amounts.part_pair;
}

double Work::operations(const Of& amounts) const {
  double sum = 0;
  for (std::size_t i = 0; i < kParts; ++i) sum += operations(static_cast<Part>(i), amounts);
  return sum;
}

}  // namespace attn

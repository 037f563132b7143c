#include "model/flops.h"

namespace attn {
namespace {

// The last word of a source ends its sentence, and so does each that is like it.
constexpr int kWord = 0, kEnd = 1, kOther = 2;

Profile forward_pass(const Seq2Seq& model, const Params& w, const std::vector<int>& source,
                     const std::vector<int>& target) {
  const Words sources[] = {source}, targets[] = {target};
  const std::uint64_t example_ids[] = {0};
  Batch batch;
  batch.assign(sources, targets, example_ids);
  Seq2Seq::Scratch scratch(model);
  Profile profile;
  const Profiling profiling(&profile, Stage::other);
  model.loss(w, batch, {}, DropoutContext{}, scratch);
  return profile;
}

}  // namespace

Flops::Flops(const Seq2Seq& model, const Params& w) {
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
  const Profile segments = pass({kEnd, kEnd}, one);
  const Profile segments_both = pass({kEnd, kEnd}, two);
  // The decoder reads none, and then all words but the last.
  const Profile long_target = pass({kEnd}, {kWord, kOther, kWord});
  const Profile target_again = pass({kEnd}, {kWord, kWord, kWord});
  for (std::size_t i = 0; i < kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    const auto count = [&](const Profile& p) { return static_cast<double>(p.operations(stage)); };
    FlopCounts& of = stages_[i];
    of.distinct_source = count(longer) - count(source_again);
    of.distinct_target = count(long_target) - count(target_again);
    of.segment_pair = count(segments_both) - count(both) - count(segments) + count(source);
    of.segment = count(segments) - count(source) - of.segment_pair + of.distinct_source;
    of.source_pair = (count(longer) - 2 * count(source) + count(small)) / 2;
    of.word_pair = count(both) - count(source) - count(target) + count(small);
    of.source_word =
        count(source) - count(small) - of.word_pair - 3 * of.source_pair - of.distinct_source;
    of.target_word =
        count(target) - count(small) - of.word_pair - of.segment_pair - of.distinct_target;
    of.sentence = count(small) - of.source_word - of.target_word - of.word_pair - of.source_pair -
                  of.segment - of.segment_pair - of.distinct_source - of.distinct_target;
  }
}

double Flops::operations(Stage stage, const FlopCounts& amounts) const {
  const FlopCounts& each = of(stage);
  return each.sentence * amounts.sentence + each.source_word * amounts.source_word +
         each.target_word * amounts.target_word + each.word_pair * amounts.word_pair +
         each.source_pair * amounts.source_pair + each.segment * amounts.segment +
         each.segment_pair * amounts.segment_pair + each.distinct_source * amounts.distinct_source +
         each.distinct_target * amounts.distinct_target;
}

double Flops::operations(const FlopCounts& amounts) const {
  double sum = 0;
  for (std::size_t i = 0; i < kStages; ++i) sum += operations(static_cast<Stage>(i), amounts);
  return sum;
}

}  // namespace attn

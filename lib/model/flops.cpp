#include "model/flops.h"

namespace attn {
namespace {

// Word ids. The last word of a source is its end of sentence; equal words end its segments.
constexpr int kWord = 0, kEnd = 1, kOther = 2;

Profile forward_pass(const Seq2Seq& model, const Weights& w, const std::vector<int>& source,
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

Flops::Flops(const Seq2Seq& model, const Weights& w) {
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
  // The decoder reads all target words but the last.
  const Profile long_target = pass({kEnd}, {kWord, kOther, kWord});
  const Profile target_again = pass({kEnd}, {kWord, kWord, kWord});
  for (std::size_t i = 0; i < kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    const auto count = [&](const Profile& p) { return static_cast<double>(p.operations(stage)); };
    FlopCounts& counts = stages_[i];
    counts.distinct_source = count(longer) - count(source_again);
    counts.distinct_target = count(long_target) - count(target_again);
    counts.segment_pair = count(segments_both) - count(both) - count(segments) + count(source);
    counts.segment = count(segments) - count(source) - counts.segment_pair + counts.distinct_source;
    counts.source_pair = (count(longer) - 2 * count(source) + count(small)) / 2;
    counts.word_pair = count(both) - count(source) - count(target) + count(small);
    counts.source_word = count(source) - count(small) - counts.word_pair - 3 * counts.source_pair -
                         counts.distinct_source;
    counts.target_word = count(target) - count(small) - counts.word_pair - counts.segment_pair -
                         counts.distinct_target;
    counts.sentence = count(small) - counts.source_word - counts.target_word - counts.word_pair -
                      counts.source_pair - counts.segment - counts.segment_pair -
                      counts.distinct_source - counts.distinct_target;
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

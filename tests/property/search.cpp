// Search, forced decoding and training compute the same log-probabilities and attention weights.
#include <cmath>

#include <doctest/doctest.h>

#include "base/line_reader.h"
#include "property/run.h"
#include "property/tiny.h"
#include "search/beam.h"
#include "search/ensemble.h"
#include "search/forced_decoding.h"
#include "search/sampling.h"
#include "search/seq2seq_scorer.h"
#include "search/translate.h"
#include "train/trained_model.h"

namespace attn::test {
namespace {

constexpr double kSearchTolerance = 1e-5;

std::vector<Ids> sources_of(RandomKey key, std::size_t n) {
  return random_pairs(key, n).sources;
}

// Checks a hypothesis, finished or truncated, against the loss of training.
void check_against_loss(const Seq2Seq& model, const Weights& w, const Ids& source,
                        const Hypothesis& hypothesis) {
  Pairs pair{{source}, {hypothesis.words}};
  if (hypothesis.finished) pair.targets[0].push_back(kEnd);
  REQUIRE(!pair.targets[0].empty());
  Seq2Seq::Scratch scratch(model);
  const std::vector<std::size_t> first = {0};
  const auto loss = model.loss(w, pair.batch(first), {}, DropoutContext{}, scratch);
  CHECK(hypothesis.log_prob == doctest::Approx(-loss.cross_entropy).epsilon(kSearchTolerance));
  const std::vector<Real> steps(hypothesis.word_log_probs.begin(), hypothesis.word_log_probs.end());
  check_near("log-probabilities", steps, scratch.log_probs, kSearchTolerance);
  CHECK(static_cast<int>(hypothesis.attention.size()) == model.decoder().attention().heads());
  std::vector<Real> maps;
  for (const Mat& weights : hypothesis.attention)
    maps.insert(maps.end(), weights.data(), weights.data() + weights.size());
  check_near("weights", maps, scratch.weights, kSearchTolerance);
}

// Returns the translation made of the most probable word of each step.
Ids greedy(const Seq2Seq& model, const Weights& w, const Ids& source, std::size_t max_length) {
  Seq2SeqScorer scorer(model, w, kEnd);
  scorer.start(std::span(&source, 1));
  Mat log_probs(model.target_vocabulary(), 1);
  Ids words;
  int word = -1;
  while (words.size() < max_length) {
    scorer.step(std::span(&word, 1), log_probs);
    log_probs.col(0).maxCoeff(&word);
    if (word == kEnd) break;
    words.push_back(word);
  }
  return words;
}

void check_greedy(const Seq2Seq& model, const Weights& w, const std::vector<Ids>& sources) {
  Seq2SeqScorer scorer(model, w, kEnd);
  const auto found =
      beam_search(scorer, sources, {.beam_size = 1, .constraints = {.max_length_ratio = 2}});
  for (std::size_t i = 0; i < sources.size(); ++i) {
    CAPTURE(i);
    CHECK(found[i][0].words == greedy(model, w, sources[i], 2 * sources[i].size() + kExtraLength));
  }
}

}  // namespace

TEST_CASE("the log-probability of every hypothesis of beam search equals the loss of training") {
  const RandomKey key(7);
  const auto sources = sources_of(key, 7);
  int finished = 0;
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params params = random_weights(model, key.at("weights"));
    const Weights w(params);
    Seq2SeqScorer scorer(model, w, kEnd);
    const auto found = beam_search(
        scorer, sources, {.beam_size = 4, .constraints = {.max_length_ratio = 2}, .n_best = 3});
    for (std::size_t i = 0; i < sources.size(); ++i)
      for (const auto& hypothesis : found[i]) {
        finished += hypothesis.finished;
        check_against_loss(model, w, sources[i], hypothesis);
      }
  });
  CHECK(finished > 0);
}

TEST_CASE("beam search with one hypothesis equals greedy search for every kind of model") {
  const RandomKey key(11);
  const auto sources = sources_of(key, 13);
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    check_greedy(model, Weights(random_weights(model, key.at("weights"))), sources);
  });
}

TEST_CASE("an ensemble of copies of one model gives the results of that model") {
  const RandomKey key(13);
  const auto sources = sources_of(key, 5);
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params params = random_weights(model, key.at("weights"));
    const Weights w(params);
    Seq2SeqScorer one(model, w, kEnd);
    std::vector<Ensemble::Member> members;
    for (const char* name : {"first", "second", "third"})
      members.push_back({name, std::make_unique<Seq2SeqScorer>(model, w, kEnd)});
    Ensemble three(std::move(members));
    const SearchOptions options{
        .beam_size = 4, .constraints = {.max_length_ratio = 2}, .n_best = 2};
    const auto want = beam_search(one, sources, options);
    const auto got = beam_search(three, sources, options);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      CAPTURE(i);
      REQUIRE(got[i].size() == want[i].size());
      for (std::size_t k = 0; k < got[i].size(); ++k) {
        CHECK(got[i][k].words == want[i][k].words);
        CHECK(got[i][k].score == doctest::Approx(want[i][k].score).epsilon(kSearchTolerance));
        REQUIRE(got[i][k].attention.size() == want[i][k].attention.size());
        for (std::size_t map = 0; map < got[i][k].attention.size(); ++map)
          CHECK(
              got[i][k].attention[map].isApprox(want[i][k].attention[map], Real(kSearchTolerance)));
      }
    }
  });
}

// Returns the log-probabilities of all words in each step of a given translation.
Mat distributions(const Seq2Seq& model, const Weights& w, const Ids& source, const Ids& words) {
  Seq2SeqScorer scorer(model, w, kEnd);
  scorer.start(std::span(&source, 1));
  Mat out(model.target_vocabulary(), static_cast<Index>(words.size()));
  int previous = -1;
  for (std::size_t t = 0; t < words.size(); ++t) {
    scorer.step(std::span(&previous, 1), Out(out).columns(static_cast<Index>(t), 1));
    previous = words[t];
  }
  return out;
}

TEST_CASE("an ensemble of two different models averages their probabilities, in either order") {
  const RandomKey key(37);
  const auto sources = sources_of(key, 5);
  ModelConfig other = tiny_config();
  other.decoder.type = "luong";
  other.attention.heads = 3;
  const Seq2Seq a(tiny_config(), kSourceWords, kTargetWords), b(other, kSourceWords, kTargetWords);
  const Params params_a = random_weights(a, key.at("a")), params_b = random_weights(b, key.at("b"));
  const Weights wa(params_a), wb(params_b);
  const auto translate_by = [&](bool swapped) {
    std::vector<Ensemble::Member> members;
    members.push_back({"a", std::make_unique<Seq2SeqScorer>(a, wa, kEnd)});
    members.push_back({"b", std::make_unique<Seq2SeqScorer>(b, wb, kEnd)});
    if (swapped) std::swap(members[0], members[1]);
    Ensemble both(std::move(members));
    return beam_search(both, sources,
                       {.beam_size = 4, .constraints = {.max_length_ratio = 2}, .n_best = 2});
  };
  const auto found = translate_by(false), swapped = translate_by(true);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Hypothesis& best = found[i][0];
    CHECK(best.words == swapped[i][0].words);
    Ids words = best.words;
    if (best.finished) words.push_back(kEnd);
    const Mat of_a = distributions(a, wa, sources[i], words),
              of_b = distributions(b, wb, sources[i], words);
    double log_prob = 0;
    for (std::size_t t = 0; t < words.size(); ++t) {
      const auto step = static_cast<Index>(t);
      log_prob += std::log(
          (std::exp(double(of_a(words[t], step))) + std::exp(double(of_b(words[t], step)))) / 2);
    }
    CHECK(best.log_prob == doctest::Approx(log_prob).epsilon(kSearchTolerance));
  }
}

TEST_CASE(
    "sampling with top_k 1 equals greedy search, and log-probabilities of samples equal the loss") {
  const RandomKey key(17);
  const auto sources = sources_of(key, 6);
  const std::vector<std::uint64_t> example_ids = {3, 1, 4, 15, 9, 2};
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params params = random_weights(model, key.at("weights"));
    const Weights w(params);
    Seq2SeqScorer scorer(model, w, kEnd);
    const Constraints constraints = {.max_length_ratio = 2};
    const auto first =
        sample(scorer, sources, example_ids, {.top_k = 1, .constraints = constraints});
    const auto some = sample(scorer, sources, example_ids,
                             {.constraints = constraints, .samples = 2, .key = key});
    for (std::size_t i = 0; i < sources.size(); ++i) {
      CHECK(first[i][0].words ==
            greedy(model, w, sources[i], 2 * sources[i].size() + kExtraLength));
      REQUIRE(some[i].size() == 2);
      for (const auto& hypothesis : some[i]) check_against_loss(model, w, sources[i], hypothesis);
    }
  });
}

TEST_CASE("the samples of a source do not depend on the batch and differ from each other") {
  const RandomKey key(29);
  const auto sources = sources_of(key, 9);
  const Seq2Seq model(tiny_config(), kSourceWords, kTargetWords);
  const Params params = random_weights(model, key.at("weights"));
  const Weights w(params);
  Seq2SeqScorer scorer(model, w, kEnd);
  const SampleOptions options = {
      .temperature = 1.5, .constraints = {.max_length_ratio = 2}, .samples = 3};
  std::vector<std::uint64_t> example_ids(sources.size());
  std::iota(example_ids.begin(), example_ids.end(), std::uint64_t{100});
  const auto together = sample(scorer, sources, example_ids, options);
  SampleOptions without_second = options;
  without_second.is_wanted = [](std::size_t i) { return i != 1; };
  const auto partial = sample(scorer, sources, example_ids, without_second);
  for (const Hypothesis& h : partial[1]) CHECK(h.words.empty());
  int differ = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (i != 1) CHECK(partial[i][2].words == together[i][2].words);
    const auto alone = sample(scorer, std::span(sources).subspan(i, 1),
                              std::span(example_ids).subspan(i, 1), options);
    for (std::size_t k = 0; k < 3; ++k) CHECK(alone[0][k].words == together[i][k].words);
    differ += together[i][0].words != together[i][1].words;
  }
  CHECK(differ > 5);
}

TEST_CASE("translations begin with their prefix, and their log-probabilities equal the loss") {
  const RandomKey key(31);
  const auto sources = sources_of(key, 4);
  const std::vector<Ids> prefixes = {{5, 7}, {}, {3}, {9, 9, 9, 9, 9, 9, 9, 9}};
  const std::vector<std::uint64_t> example_ids = {0, 1, 2, 3};
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params params = random_weights(model, key.at("weights"));
    const Weights w(params);
    Seq2SeqScorer scorer(model, w, kEnd);
    const Constraints constraints = {.max_length_ratio = 1, .no_repeat_ngram = 2};
    const auto found = beam_search(
        scorer, sources, {.beam_size = 3, .constraints = constraints, .n_best = 2}, prefixes);
    const auto sampled =
        sample(scorer, sources, example_ids, {.constraints = constraints}, prefixes);
    for (std::size_t i = 0; i < sources.size(); ++i)
      for (const auto* all : {&found[i], &sampled[i]})
        for (const auto& hypothesis : *all) {
          REQUIRE(hypothesis.words.size() >= prefixes[i].size());
          CHECK(std::equal(prefixes[i].begin(), prefixes[i].end(), hypothesis.words.begin()));
          check_against_loss(model, w, sources[i], hypothesis);
        }
  });
}

TEST_CASE("with a coverage penalty, the best hypothesis attends to more of the source") {
  const RandomKey key(37);
  const auto sources = sources_of(key, 40);
  const Seq2Seq model(tiny_config(), kSourceWords, kTargetWords);
  const Params params = random_weights(model, key.at("weights"), 1.0);
  const Weights w(params);
  Seq2SeqScorer scorer(model, w, kEnd);
  SearchOptions options = {.beam_size = 8, .constraints = {.max_length_ratio = 0.5}, .n_best = 8};
  const auto plain = beam_search(scorer, sources, options);
  options.scoring.coverage_penalty = 2;
  const auto covering = beam_search(scorer, sources, options);
  const auto covered = [](const Hypothesis& h) {
    return h.attention[0]
        .rowwise()
        .sum()
        .array()
        .max(Real(kMinAttentionMass))
        .min(Real(1))
        .log()
        .sum();
  };
  int more = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Hypothesis &a = plain[i][0], &b = covering[i][0];
    CHECK(b.score == doctest::Approx(b.log_prob / static_cast<double>(b.word_log_probs.size()) +
                                     2 * double(covered(b)))
                         .epsilon(1e-4));
    if (a.finished == b.finished) CHECK(covered(b) >= covered(a) - Real(1e-4));
    more += a.words != b.words;
  }
  CHECK(more > 0);
}

TEST_CASE("with a trained model, forced decoding equals the loss and the scores of beam search") {
  TinyTask task(60, 1, 5);
  auto& c = task.config.train;
  c.max_updates = 150, c.valid_every = 1000;
  start_run(task, task.config);
  const Model model = load_model(RunDirectory(c.run_dir).last()).model;
  Pool pool(2);

  const auto sources = read_lines(task.config.data.train_source);
  const auto targets = read_lines(task.config.data.train_target);
  const auto forced = score_targets(model, sources, targets, 7, pool);
  double sum = 0;
  for (const auto& pair : forced)
    sum = std::accumulate(pair.log_probs.begin(), pair.log_probs.end(), sum);
  const auto tokens = static_cast<double>(task.data.train.summary().target_tokens);
  SingleProcess process;
  const auto measured =
      measure(model.network, Weights(model.weights), task.data.train.corpus(), {pool, process});
  CHECK(-sum / tokens == doctest::Approx(measured.cross_entropy).epsilon(kSearchTolerance));
  CHECK(measured.accuracy > 0.5);  // the model has learned something

  SearchConfig search;
  search.batch_size = 16;
  const Model* const models[] = {&model};
  const auto lines = translate(models, {sources}, search, pool);
  std::vector<std::string> found;
  for (const auto& line : lines) found.push_back(line.translations[0].text);
  const auto rescored = score_targets(model, sources, found, 7, pool);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(found[i]);
    const auto& log_probs = rescored[i].log_probs;
    CHECK(lines[i].translations[0].log_prob ==
          doctest::Approx(std::accumulate(log_probs.begin(), log_probs.end(), 0.0))
              .epsilon(kSearchTolerance));
    REQUIRE(lines[i].translations[0].attention.size() == 1);
    CHECK(lines[i].translations[0].attention[0].isApprox(rescored[i].attention.at(0),
                                                         Real(kSearchTolerance)));
  }
  std::vector<Ids> ids;
  const Corpus& train = task.data.train.corpus();
  for (std::size_t i = 0; i < train.size(); ++i)
    ids.emplace_back(train.source(i).begin(), train.source(i).end());
  check_greedy(model.network, Weights(model.weights), ids);
}

}  // namespace attn::test

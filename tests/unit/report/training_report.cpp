#include "report/training_report.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/page_data.h"

using attn::Json, attn::Report, attn::TrainingPoint;

namespace {

Json train_event(int update, double loss) {
  return {{"event", "train"},
          {"update", update},
          {"epoch", 1 + update / 100},
          {"seconds", 0.5 * update},
          {"loss", loss},
          {"target_tokens", 1000},
          {"target_tokens_per_second", 2000},
          {"learning_rate", 0.001},
          {"gradient_norm", 1 + loss}};
}

Json valid_event(int update, double bleu, double cross_entropy) {
  return {{"event", "valid"},
          {"update", update},
          {"epoch", 1},
          {"seconds", 0.5 * update},
          {"bleu", bleu},
          {"cross_entropy", cross_entropy},
          {"perplexity", std::exp(cross_entropy)}};
}

Report report_by(const std::string& metric) {
  return Report({{"train", {{"valid_metric", metric}}}}, {"train.valid_metric"});
}

// "a b" → "c", in subwords: a | b | end → c | end.
attn::AlignedPair pair() {
  attn::AlignedPair pair;
  pair.line = 4;
  pair.pieces = {{"a", "b", "</s>"}, {"c", "</s>"}, {{0.25, 0.5, 0.25}, {0.0004, 0, 0.9996}}};
  pair.source = {{"a", "b"}, {{0}, {1}}};
  pair.target = {{"c"}, {{0}}};
  pair.log_prob = -1.25;
  pair.chrf = 40;
  return pair;
}

// The same with two heads and two encoder layers, of which the second one has two heads.
attn::AlignedPair pair_with_heads() {
  attn::AlignedPair out = pair();
  out.pieces.heads = {{{0.5, 0.5, 0}, {0, 0, 1}}, {{0, 0.5, 0.5}, {0.0008, 0, 0.9992}}};
  const attn::AttentionWeights same = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                               other = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}},
                               mean = {{0.5, 0, 0.5}, {0, 1, 0}, {0.5, 0, 0.5}};
  out.encoder.resize(2);
  for (attn::Alignment& layer : out.encoder) layer.source = layer.target = out.pieces.source;
  out.encoder[0].weights = same;
  out.encoder[1].weights = mean, out.encoder[1].heads = {same, other};
  return out;
}

using Names = std::vector<std::string>;

// Returns the names of the matrices of a side.
Names names(const Json& side) {
  Names out;
  for (const Json& matrix : side.value("matrices", Json::array())) out.push_back(matrix["name"]);
  return out;
}

void check_weights(const Json& side, std::size_t k, const std::vector<double>& expected) {
  CAPTURE(side["matrices"][k]["name"]);
  const auto weights = weights_of(side["matrices"][k]);
  REQUIRE(weights.size() == expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    CHECK_MESSAGE(std::abs(weights[i] - expected[i]) < 0.51 / 8099, i, ": ", weights[i]);
}

}  // namespace

TEST_CASE("thinning a training curve merges consecutive points") {
  const std::vector<TrainingPoint> points = {{10, 1, 5, 4.0, 100, 50, 0.1, 7},
                                             {20, 1, 9, 1.0, 300, 100, 0.2, 2},
                                             {30, 2, 12, 0.5, 10, 20, 0.3, 1}};
  const auto two = attn::thinned(points, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].update == 20);
  CHECK(two[0].epoch == 1);
  CHECK(two[0].seconds == 9);
  CHECK(two[0].loss == (100 * 4.0 + 300 * 1.0) / 400);
  CHECK(two[0].tokens == 400);
  CHECK(two[0].tokens_per_second == 400 / (100 / 50. + 300 / 100.));
  CHECK(two[0].learning_rate == 0.2);
  CHECK(two[0].gradient_norm == 7);
  CHECK(two[1].update == 30);
  CHECK(two[1].loss == 0.5);
  CHECK(attn::thinned(points, 3).size() == 3);
  CHECK(attn::thinned({}, 3).empty());
}

TEST_CASE("evenly spread indices include the first and the last one") {
  using Indices = std::vector<std::size_t>;
  CHECK(attn::spread_evenly(0, 5).empty());
  CHECK(attn::spread_evenly(1, 5) == Indices{0});
  CHECK(attn::spread_evenly(3, 5) == Indices{0, 1, 2});
  CHECK(attn::spread_evenly(9, 5) == Indices{0, 2, 4, 6, 8});
  const Indices many = attn::spread_evenly(100, 30);
  REQUIRE(many.size() == 30);
  CHECK(many.front() == 0);
  CHECK(many.back() == 99);
  for (std::size_t i = 1; i < many.size(); ++i) {
    CHECK(many[i] - many[i - 1] >= 3);  // 99 / 29 = 3.4…
    CHECK(many[i] - many[i - 1] <= 4);
  }
}

TEST_CASE("a report sample has texts, scores and encoded weights") {
  const Json sample = attn::report_sample(pair(), "c d");
  CHECK(sample["line"] == 4);
  CHECK(sample["reference"] == "c d");
  CHECK(sample["source"]["words"] == Json({"a", "b"}));
  CHECK(sample["source"]["end"] == true);
  CHECK_FALSE(sample["source"].contains("matrices"));
  CHECK(sample["target"]["subwords"] == Json({"c", "</s>"}));
  CHECK(sample["target"]["word_indices"] == Json::parse("[[0]]"));
  CHECK(sample["target"]["chrf"] == 40);
  CHECK(sample["target"]["log_prob"] == -1.25);
  CHECK(names(sample["target"]) == Names{"attention"});
  check_weights(sample["target"], 0, {0.25, 0.5, 0.25, 0.0004, 0, 0.9996});

  attn::AlignedPair without = pair();
  without.pieces.weights.clear();
  CHECK(names(attn::report_sample(without, "")["target"]).empty());
}

TEST_CASE("a report sample has each head and the self-attention of each encoder layer") {
  const Json sample = attn::report_sample(pair_with_heads(), "c d");
  CHECK(names(sample["target"]) == Names{"mean of the heads", "head 1", "head 2"});
  CHECK(names(sample["source"]) == Names{"encoder, layer 1", "encoder, layer 2, mean",
                                         "encoder, layer 2, head 1", "encoder, layer 2, head 2"});
  check_weights(sample["target"], 1, {0.5, 0.5, 0, 0, 0, 1});
  check_weights(sample["target"], 2, {0, 0.5, 0.5, 0.0008, 0, 0.9992});
  check_weights(sample["source"], 0, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  check_weights(sample["source"], 3, {0, 0, 1, 0, 1, 0, 1, 0, 0});
}

TEST_CASE("a report sample has the first matrices that fit into the limit") {
  attn::AlignedPair large = pair_with_heads();
  const auto resize = [&](std::size_t words) {
    std::vector<std::vector<double>> flat(
        words, std::vector<double>(words, 1. / static_cast<double>(words)));
    large.pieces.source.assign(words, "a"), large.pieces.target.assign(words, "a");
    large.pieces.weights = flat;
    for (auto& head : large.pieces.heads) head = flat;
    for (attn::Alignment& layer : large.encoder) {
      layer.source = layer.target = large.pieces.source, layer.weights = flat;
      for (auto& head : layer.heads) head = flat;
    }
    const Json sample = attn::report_sample(large, "");
    return std::pair{names(sample["target"]).size(), names(sample["source"]).size()};
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  CHECK(resize(47) == Counts{3, 4});  // 7 × 47² = 15463
  CHECK(resize(48) == Counts{3, 3});
  CHECK(resize(73) == Counts{3, 0});  // 3 × 73² = 15987
  CHECK(resize(74) == Counts{2, 0});
  CHECK(resize(126) == Counts{1, 0});
  CHECK(resize(127) == Counts{0, 0});  // 127² = 16129

  for (attn::Alignment& layer : large.encoder)
    layer.source = layer.target = {"a"}, layer.weights = {{1}};
  // Small matrices after one that does not fit are dropped, too.
  CHECK(names(attn::report_sample(large, "")["source"]).empty());
}

TEST_CASE("samples of an earlier version get today's names and a list of one matrix") {
  const Json old = Json::parse(R"({"update": 7, "sentences": [
      {"source": {"end": true, "sentences": {"ends": [1], "names": ["a"]}},
       "target": {"pieces": ["c"], "of": [[0]], "entropy": 1.5, "weights": [250, 750]}},
      {"source": {"end": true}, "target": {"pieces": ["c"]}}]})");
  const Json now = attn::upgrade_samples(old);
  const Json &first = now["sentences"][0]["target"], &second = now["sentences"][1];
  CHECK(names(first) == Names{"attention"});
  check_weights(first, 0, {0.25, 0.75});
  CHECK_FALSE(first.contains("weights"));
  CHECK(first["entropy"] == 1.5);
  CHECK(first["subwords"] == Json::array({"c"}));
  CHECK(first["word_indices"] == Json::parse("[[0]]"));
  CHECK(now["sentences"][0]["source"] ==
        Json::parse(R"({"end": true, "segments": {"ends": [1], "names": ["a"]}})"));
  CHECK(second == Json::parse(R"({"source": {"end": true}, "target": {"subwords": ["c"]}})"));
  CHECK(attn::upgrade_samples(now) == now);
}

TEST_CASE("the training report has the events, the best validation and the samples") {
  Report report = report_by("bleu");
  report.add_event(train_event(10, 3.1234567891));
  report.add_event(valid_event(10, 20, 2.5));
  report.add_event(train_event(20, 2.5));
  report.add_event(valid_event(20, 30, 2.25));
  report.add_event(valid_event(30, 30, 2));
  report.add_samples(R"({"update":10,"sentences":["</script><b>"]})");
  const std::string html = report.page("</script>a & b");
  CHECK(html.find("</script><b>") == std::string::npos);
  const Json page = page_data(html);
  CHECK(page["title"] == "</script>a & b");
  CHECK(page["training"]["update"] == Json({10, 20}));
  CHECK(page["training"]["loss"] == Json({3.12346, 2.5}));
  CHECK(page["validation"]["bleu"] == Json({20.0, 30.0, 30.0}));
  CHECK(page["tokens_per_second"] == 2000);
  CHECK(page["best"] == 1);  // the first of the best
  CHECK(page["lines_per_point"] == 1);
  CHECK(page["end"].is_null());
  CHECK(page["changed"] == Json::array({"train.valid_metric"}));
  CHECK(page["samples"] == Json::parse(R"([{"update":10,"sentences":["</script><b>"]}])"));

  report.add_event({{"event", "end"}, {"update", 30}, {"reason", "max_updates"}});
  CHECK(page_data(report.page(""))["end"]["reason"] == "max_updates");
  report.add_event(train_event(40, 2));
  CHECK(page_data(report.page(""))["end"].is_null());

  Report by_loss = report_by("cross_entropy");
  for (const double loss : {3.0, 2.0, 2.5}) by_loss.add_event(valid_event(1, 0, loss));
  CHECK(page_data(by_loss.page(""))["best"] == 1);
}

TEST_CASE("a training report without events is a valid page") {
  const Json page = page_data(report_by("bleu").page("x"));
  CHECK(page["training"]["loss"].empty());
  CHECK(page["samples"].empty());
  CHECK_FALSE(page.contains("best"));
}

TEST_CASE("the report of a long training is smaller than 2 MB and has the best validation") {
  attn::AlignedPair large = pair();  // with 50 × 50 weights
  std::vector<std::vector<int>> one_each;
  for (int i = 0; i < 49; ++i) one_each.push_back({i});
  const std::vector<std::string> words(49, "word");
  large.source = large.target = {words, one_each};
  large.pieces.source = large.pieces.target = words;
  large.pieces.source.push_back("</s>"), large.pieces.target.push_back("</s>");
  large.pieces.weights.assign(50, std::vector<double>(50, 1 / 50.));

  struct Case {
    std::size_t heads, samples;
  };
  for (const Case& each : {Case{0, 30}, Case{2, 14}, Case{8, 7}}) {
    const auto heads = each.heads;
    const auto samples = each.samples;
    CAPTURE(heads);
    large.pieces.heads.assign(heads, large.pieces.weights);
    const Json sentence = attn::report_sample(large, "word");
    REQUIRE(names(sentence["target"]).size() == std::min<std::size_t>(heads + 1, 6));
    Report report = report_by("bleu");
    for (int i = 1; i <= 4000; ++i) report.add_event(train_event(50 * i, 1. / i));
    for (int i = 1; i <= 3000; ++i) report.add_event(valid_event(i, i == 1235 ? 99 : 50, 1. / i));
    for (int i = 1; i <= 300; ++i)
      report.add_samples(
          attn::to_line(Json{{"update", i}, {"sentences", std::vector<Json>(6, sentence)}}));
    const std::string html = report.page("long");
    CHECK(html.size() < 2'000'000);
    const Json page = page_data(html);
    CHECK(page["training"]["update"].size() == 1000);
    CHECK(page["lines_per_point"] == 4);
    CHECK(page["training"]["update"].back() == 200000);
    CHECK(page["validation"]["bleu"][page["best"].get<std::size_t>()] == 99);
    CHECK(page["validation"]["bleu"].size() <= 1001);
    CHECK(page["samples"].size() == samples);
    CHECK(page["samples"][0]["update"] == 1);
    CHECK(page["samples"].back()["update"] == 300);
  }
}

TEST_CASE("a training report makes no network requests") {
  std::string page = report_by("bleu").page("x");
  const std::string name = "http://www.w3.org/2000/svg";  // the URI of a namespace
  for (std::size_t at = 0; (at = page.find(name)) != std::string::npos;)
    page.erase(at, name.size());
  for (const char* request : {"http://", "https://", " src=", "@import", "url(", "fetch("})
    CHECK_MESSAGE(page.find(request) == std::string::npos, request);
}

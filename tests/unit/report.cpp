// What a training's report is made of.
#include "eval/report.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "page_data.h"

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

// "a b" → "c", read as a | b | end and written as c | end.
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

}  // namespace

TEST_CASE("a curve is thinned by groups of neighbours") {
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

TEST_CASE("what is spread evenly has the first, the last and even distances") {
  using Places = std::vector<std::size_t>;
  CHECK(attn::spread_evenly(0, 5).empty());
  CHECK(attn::spread_evenly(1, 5) == Places{0});
  CHECK(attn::spread_evenly(3, 5) == Places{0, 1, 2});
  CHECK(attn::spread_evenly(9, 5) == Places{0, 2, 4, 6, 8});
  const Places many = attn::spread_evenly(100, 30);
  REQUIRE(many.size() == 30);
  CHECK(many.front() == 0);
  CHECK(many.back() == 99);
  for (std::size_t i = 1; i < many.size(); ++i) {
    CHECK(many[i] - many[i - 1] >= 3);  // 99 / 29 = 3.4…
    CHECK(many[i] - many[i - 1] <= 4);
  }
}

TEST_CASE("a sample has its weights as thousandths, if there are some and not too many") {
  const Json sample = attn::report_sample(pair(), "c d");
  CHECK(sample["line"] == 4);
  CHECK(sample["reference"] == "c d");
  CHECK(sample["source"]["words"] == Json({"a", "b"}));
  CHECK(sample["source"]["end"] == true);
  CHECK(sample["target"]["pieces"] == Json({"c", "</s>"}));
  CHECK(sample["target"]["of"] == Json::parse("[[0]]"));
  CHECK(sample["target"]["weights"] == Json({250, 500, 250, 0, 0, 1000}));
  CHECK(sample["target"]["chrf"] == 40);
  CHECK(sample["target"]["log_prob"] == -1.25);

  attn::AlignedPair large = pair();
  large.pieces.weights.assign(2, std::vector<double>(3000, 1 / 3000.));
  large.pieces.source.assign(3000, "a");
  CHECK_FALSE(attn::report_sample(large, "")["target"].contains("weights"));
  large.pieces.weights.clear();
  CHECK_FALSE(attn::report_sample(large, "")["target"].contains("weights"));
}

TEST_CASE("the page tells where the training stands") {
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
  CHECK(page["lines_a_point"] == 1);
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

TEST_CASE("an empty report is a page, too") {
  const Json page = page_data(report_by("bleu").page("x"));
  CHECK(page["training"]["loss"].empty());
  CHECK(page["samples"].empty());
  CHECK_FALSE(page.contains("best"));
}

TEST_CASE("the page of a long training stays below two megabytes, and keeps its best") {
  attn::AlignedPair large = pair();  // of 50 × 50 weights, none of them 0
  std::vector<std::vector<int>> one_each;
  for (int i = 0; i < 49; ++i) one_each.push_back({i});
  const std::vector<std::string> words(49, "word");
  large.source = large.target = {words, one_each};
  large.pieces.source = large.pieces.target = words;
  large.pieces.source.push_back("</s>"), large.pieces.target.push_back("</s>");
  large.pieces.weights.assign(50, std::vector<double>(50, 1 / 50.));
  const Json sentence = attn::report_sample(large, "word");
  REQUIRE(sentence["target"].contains("weights"));
  const std::string samples =
      attn::to_line(Json{{"update", 1}, {"sentences", std::vector<Json>(6, sentence)}});

  Report report = report_by("bleu");
  for (int i = 1; i <= 4000; ++i) report.add_event(train_event(50 * i, 1. / i));
  for (int i = 1; i <= 3000; ++i) report.add_event(valid_event(i, i == 1235 ? 99 : 50, 1. / i));
  for (int i = 1; i <= 300; ++i) report.add_samples(samples);
  const std::string html = report.page("long");
  CHECK(html.size() < 2'000'000);
  const Json page = page_data(html);
  CHECK(page["training"]["update"].size() == 1000);
  CHECK(page["lines_a_point"] == 4);
  CHECK(page["training"]["update"].back() == 200000);
  CHECK(page["validation"]["bleu"][page["best"].get<std::size_t>()] == 99);
  CHECK(page["validation"]["bleu"].size() <= 1001);
  CHECK(page["samples"].size() == 30);
}

TEST_CASE("the report is one file: nothing in it is fetched") {
  std::string page = report_by("bleu").page("x");
  const std::string name = "http://www.w3.org/2000/svg";  // a name, not a place
  for (std::size_t at = 0; (at = page.find(name)) != std::string::npos;)
    page.erase(at, name.size());
  for (const char* door : {"http://", "https://", " src=", "@import", "url(", "fetch("})
    CHECK_MESSAGE(page.find(door) == std::string::npos, door);
}

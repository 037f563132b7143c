#include "metrics/by_length.h"

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "metrics/bleu.h"

using attn::length_buckets, attn::parse_edges, attn::range_text;

using Lines = std::vector<std::size_t>;

TEST_CASE("bucket edges are increasing whole numbers from 1") {
  CHECK(parse_edges("10,20,30") == Lines{10, 20, 30});
  CHECK(parse_edges("1") == Lines{1});
  for (const char* wrong : {"", ",", "10,", ",10", "10,,20", "20,10", "10,10", "0,5", "ten", "1 0",
                            "10, 20", "-3", "+3", "2.5", "99999999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_edges(wrong).has_value());
  }
}

TEST_CASE("a line belongs to the bucket of its source length, whose upper edge is included") {
  const auto buckets = length_buckets({21, 0, 10, 11, 20, 300}, {10, 20, 400});
  REQUIRE(buckets.size() == 4);
  CHECK(buckets[0].lines == Lines{1, 2});
  CHECK(buckets[1].lines == Lines{3, 4});
  CHECK(buckets[2].lines == Lines{0, 5});
  CHECK(buckets[3].lines.empty());
  CHECK(buckets[0].mean_length == 5);
  CHECK(buckets[1].mean_length == 15.5);
  CHECK(buckets[2].mean_length == 160.5);
  CHECK(buckets[1].from == 11);
  CHECK(buckets[1].to.value() == 20);
  CHECK(buckets[3].from == 401);
  CHECK_FALSE(buckets[3].to.has_value());
  CHECK(range_text(buckets[0]) == "up to 10");
  CHECK(range_text(buckets[1]) == "11-20");
  CHECK(range_text(buckets[3]) == "over 400");
}

TEST_CASE("the score of a length bucket is the score of its lines as one text") {
  const std::string cat = "the cat sat on the mat .", upper = "The cat sat on the mat .";
  const auto metric = attn::bleu_metric({});
  const auto lines = line_statistics(metric, {upper, "no", cat, upper}, {{cat, cat, cat, cat}});
  const auto buckets = length_buckets({3, 50, 4, 9}, {5, 10});
  // In a line with the wrong case, 6 of 7, 5 of 6, 4 of 5 and 3 of 4 n-grams match; in the other
  // line all match. Only the hypothesis "no" is shorter than its reference.
  CHECK(bucket_score(metric, lines, buckets[0]) ==
        doctest::Approx(100 * std::pow(13. / 14 * 11 / 12 * 9 / 10 * 7 / 8, 0.25)));
  CHECK(bucket_score(metric, lines, buckets[1]) ==
        doctest::Approx(100 * std::pow(6. / 7 * 5 / 6 * 4 / 5 * 3 / 4, 0.25)));
  CHECK(bucket_score(metric, lines, buckets[2]) == 0);
}

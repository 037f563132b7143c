// Exclusive times of stages on one thread and in a pool, and the operations of products.
#include "base/profile.h"

#include <thread>

#include <doctest/doctest.h>

#include "base/parallel.h"
#include "base/stopwatch.h"
#include "math/gemm/product.h"

namespace attn {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("the time of a nested stage counts only for itself, and the times of all stages add up") {
  Profile profile;
  const Stopwatch stopwatch;
  double inside = 0;
  {
    const Profiling profiling(&profile, Stage::other);
    const Timed outer(Stage::decoder);
    std::this_thread::sleep_for(2ms);
    const Stopwatch inner_stopwatch;
    {
      const Timed inner(Stage::attention);
      std::this_thread::sleep_for(30ms);
    }
    inside = inner_stopwatch.seconds();
    CHECK(profile.running() == Stage::decoder);
    std::this_thread::sleep_for(3ms);
  }
  const double all = stopwatch.seconds();
  CHECK(profile.seconds(Stage::attention) >= 0.030);
  CHECK(profile.seconds(Stage::attention) <= inside);
  CHECK(profile.seconds(Stage::decoder) >= 0.005);
  CHECK(profile.seconds(Stage::decoder) <= all - 0.030);
  double sum = 0;
  for (std::size_t i = 0; i < kStages; ++i) sum += profile.seconds(static_cast<Stage>(i));
  CHECK(sum == doctest::Approx(profile.seconds()));
  CHECK(sum <= all);
}

TEST_CASE("nothing is measured without a profile or after its scope") {
  Profile profile;
  { const Timed timed(Stage::data); }
  count_operations(5);
  { const Profiling profiling(&profile, Stage::encoder); }
  const double seconds = profile.seconds();
  { const Timed timed(Stage::data); }
  count_operations(5);
  CHECK(profile.seconds() == seconds);
  CHECK(profile.operations() == 0);
}

TEST_CASE("a nested profile measures until its scope ends, then the outer profile continues") {
  Profile outer, inner;
  const Profiling measuring_outer(&outer, Stage::other);
  {
    const Profiling measuring_inner(&inner, Stage::data);
    count_operations(3);
  }
  count_operations(4);
  CHECK(inner.operations(Stage::data) == 3);
  CHECK(outer.operations(Stage::other) == 4);
}

TEST_CASE("times and operations of workers are added to the caller's profile, from its stage") {
  for (const int threads : {1, 3}) {
    CAPTURE(threads);
    Pool pool(threads);
    pool.for_each(7, [](std::size_t, int) { count_operations(1000); });  // not measured
    Profile profile;
    {
      const Profiling profiling(&profile, Stage::other);
      const Timed timed(Stage::reduction);
      for (int round = 0; round < 2; ++round)
        pool.for_each(7, [](std::size_t item, int) {
          count_operations(static_cast<std::int64_t>(item));
          const Timed inner(Stage::output);
          std::this_thread::sleep_for(2ms);
          count_operations(1);
        });
    }
    pool.for_each(7, [](std::size_t, int) { count_operations(1000); });
    CHECK(profile.operations(Stage::reduction) == 2 * (0 + 1 + 2 + 3 + 4 + 5 + 6));
    CHECK(profile.operations(Stage::output) == 2 * 7);
    CHECK(profile.operations() == 2 * 21 + 2 * 7);
    CHECK(profile.seconds(Stage::output) >= 2 * 7 * 0.002);  // of all threads
  }
}

TEST_CASE("a scope can count as a given number of operations, whatever is counted in it") {
  Profile profile;
  {
    const CountedAs unmeasured(100);
    const Profiling profiling(&profile, Stage::encoder);
    count_operations(1);
    const Timed timed(Stage::attention);
    count_operations(2);
    {
      const CountedAs counted(10);
      count_operations(1000);
    }
    { const CountedAs counted(30); }
    count_operations(4);
  }
  CHECK(profile.operations(Stage::attention) == 2 + 10 + 30 + 4);
  CHECK(profile.operations(Stage::encoder) == 1);
}

TEST_CASE("a product counts 2 m n k operations") {
  Profile profile;
  const Mat a = Mat::Zero(5, 3), b = Mat::Zero(5, 7);
  Mat c(3, 7);
  {
    const Profiling profiling(&profile, Stage::encoder);
    product_tn(a, b, c);
  }
  CHECK(profile.operations(Stage::encoder) == 2 * 3 * 7 * 5);
  CHECK(profile.operations() == 2 * 3 * 7 * 5);
}

}  // namespace attn

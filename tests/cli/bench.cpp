// attn bench: its output, and that it leaves no files.
#include <cmath>

#include "base/json.h"
#include "math/gemm/precision.h"
#include "toy.h"

namespace {

const std::string kSmall = ATTN_SOURCE_DIR "/configs/bench/small.json";

// The small configuration with tiny sizes, for a very short time.
Arguments tiny_bench(const Arguments& more = {}) {
  Arguments all = {"bench", "--config", kSmall, "--seconds", "0.05"};
  for (const char* set :
       {"model.embedding_size=16", "model.hidden_size=16", "model.attention.hidden_size=16",
        "data.source_vocabulary_size=60", "data.target_vocabulary_size=50", "search.beam_size=2"})
    all = all + Arguments{"--set", set};
  return all + more;
}

attn::Json measured(const Arguments& arguments) {
  return attn::parse_json(attn_ok(arguments + Arguments{"--json"}).out, "attn bench");
}

void check_positive(const attn::Json& json, const std::string& path) {
  CAPTURE(path);
  const auto at = attn::Json::json_pointer(path);
  REQUIRE(json.contains(at));
  REQUIRE(json[at].is_number());
  CHECK(std::isfinite(json[at].get<double>()));
  CHECK(json[at].get<double>() > 0);
}

void check_numbers(const attn::Json& json) {
  for (const char* path :
       {"/threads", "/parameters", "/peak/float32_gflops", "/train/target_tokens_per_second",
        "/train/gflops", "/train/fraction_of_peak", "/train/updates", "/train/seconds",
        "/train/milliseconds_per_update", "/train/peak_memory_mib",
        "/translate/greedy_sentences_per_second", "/translate/beam_sentences_per_second",
        "/translate/greedy_fraction_of_peak", "/translate/beam_fraction_of_peak",
        "/translate/subwords_per_translation"})
    check_positive(json, path);
  for (const char* stage :
       {"encoder", "attention", "decoder", "output", "embedding", "optimizer", "reduction", "data"})
    check_positive(json, std::string("/train/milliseconds/") + stage);
  CHECK_FALSE(json["processor"].get<std::string>().empty());
  CHECK_FALSE(json["products"].get<std::string>().empty());
}

}  // namespace

TEST_CASE("bench measures training, its stages and translation on synthetic text") {
  const auto json = measured(tiny_bench({"--threads", "2"}));
  check_numbers(json);
  CHECK(json["threads"] == 2);
  CHECK(json["text"]["synthetic"] == true);
  CHECK(json["text"]["pairs"] == 29000);
  CHECK(json["translate"]["beam_size"] == 2);
  const auto& train = json["train"];
  CHECK(train["fraction_of_peak"].get<double>() ==
        doctest::Approx(train["gflops"].get<double>() /
                        json["peak"]["float32_gflops"].get<double>()));
  double sum = 0;
  for (const auto& [stage, milliseconds] : train["milliseconds"].items())
    sum += milliseconds.get<double>();
  CHECK(sum == doctest::Approx(train["milliseconds_per_update"].get<double>()));
}

TEST_CASE("bench trains on the text of the configuration and writes nothing to its run directory") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto json = measured({"bench", "--config", toy.config(), "--seconds", "0.05", "--set",
                              "train.run_dir=" + (scratch / "run").string()});
  check_numbers(json);
  CHECK(json["text"]["synthetic"] == false);
  CHECK(json["text"]["pairs"] == kToyTrain);
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("bench compares bfloat16 training with the peak of bfloat16 products") {
  const bool has = attn::available(attn::Precision::bfloat16);
  CHECK(measured(tiny_bench())["peak"].contains("bfloat16_gflops") == has);
  const Arguments low = tiny_bench({"--set", "train.precision=bfloat16"});
  if (!has) return attn_fails(1, low, {"train.precision \"bfloat16\" requires a processor"});
  const auto json = measured(low);
  CHECK(json["train"]["fraction_of_peak"].get<double>() ==
        doctest::Approx(json["train"]["gflops"].get<double>() /
                        json["peak"]["bfloat16_gflops"].get<double>()));
}

TEST_CASE("bench prints tables of speeds, stages and operations") {
  const std::string out = attn_ok(tiny_bench()).out;
  for (const char* part : {"training", "target subwords per second", "peak", "MiB", "beam 2",
                           "one update", "milliseconds", "encoder", "idle", "MFLOP per"}) {
    CAPTURE(part);
    CHECK(out.find(part) != std::string::npos);
  }
}

TEST_CASE("bench reports wrong usage, unknown options and missing texts") {
  attn_fails(2, {"bench"}, {"--config is required"});
  for (const char* seconds : {"0", "-1", "nan", "inf", "soon"})
    attn_fails(2, {"bench", "--config", kSmall, "--seconds", seconds}, {"--seconds"});
  attn_fails(2, {"bench", "--config", kSmall, "--threads", "-1"}, {"--threads"});
  attn_fails(1, {"bench", "--config", "nowhere.json"}, {"nowhere.json", "No such"});
  attn_fails(1, {"bench", "--config", kSmall, "--set", "model.hiden_size=3"},
             {"did you mean \"model.hidden_size\"?"});
  attn_fails(1, {"bench", "--config", kSmall, "--set", "data.train_source=" + kSmall},
             {kSmall + ": data.train_source and data.train_target: give both, or neither"});
  const std::string nowhere = "/nowhere/a.txt";
  attn_fails(1,
             {"bench", "--config", kSmall, "--set", "data.train_source=" + nowhere, "--set",
              "data.train_target=" + nowhere},
             {"data.train_source: no such file: " + nowhere});
}

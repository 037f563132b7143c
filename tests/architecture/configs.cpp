// The configs of the repository are valid, and the documentation lists all options.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/file.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/transformer_layers.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/cell.h"
#include "nn/positional_encoding.h"
#include "train/config.h"

namespace fs = std::filesystem;

TEST_CASE("every config for training is complete and reads back unchanged from a written config") {
  std::size_t count = 0;
  const fs::path configs = ATTN_SOURCE_DIR "/configs", runs = ATTN_SOURCE_DIR "/runs";
  for (const auto& entry : fs::recursive_directory_iterator(configs)) {
    const fs::path directory = entry.path().parent_path();
    if (entry.path().extension() != ".json" || directory == configs / "bench") continue;
    CAPTURE(entry.path().string());
    const attn::Config config = attn::read_config(entry.path(), {});
    const attn::Json written = attn::to_json(config);
    CHECK(attn::to_json(attn::config_from_json(written, "written")) == written);
    CHECK(config.train.run_dir.parent_path() ==
          (directory == configs ? runs : runs / directory.filename()));
    CHECK_FALSE(config.data.train_source.empty());
    CHECK((config.train.max_updates > 0 || config.train.max_epochs > 0 ||
           config.train.max_seconds > 0 || config.train.patience > 0));
    CHECK(attn::read_file(entry.path()).starts_with("// "));  // a description
    ++count;
  }
  CHECK(count > 35);
}

TEST_CASE("every row of a model table has a config in configs/attention") {
  std::set<std::string> used;
  for (const auto& entry : fs::directory_iterator(ATTN_SOURCE_DIR "/configs/attention")) {
    const attn::ModelConfig model = attn::read_config(entry.path(), {}).model;
    for (const auto& [table, row] : {std::pair("score", model.attention.score),
                                     {"normalizer", model.attention.normalizer},
                                     {"window", model.attention.window},
                                     {"decoder", model.decoder.type},
                                     {"cell", model.cell},
                                     {"encoder", model.encoder.type},
                                     {"positional encoding", model.encoder.positional_encoding},
                                     {"norm", model.encoder.norm}})
      used.insert(table + (" " + row));
  }
  const auto check = [&](const std::string& table, const std::vector<attn::Choice>& rows) {
    for (const attn::Choice& row : rows)
      CHECK_MESSAGE(used.contains(table + " " + row.name),
                    table << " " << row.name
                          << ": add it to VARIANTS in tests/experiments/attention/attention.py");
  };
  check("score", attn::attention_scores().choices());
  check("normalizer", attn::normalizers().choices());
  check("window", attn::attention_windows().choices());
  check("decoder", attn::decoders().choices());
  check("cell", attn::cells().choices());
  check("encoder", attn::encoders().choices());
  check("positional encoding", attn::positional_encodings().choices());
  check("norm", attn::norms().choices());
}

TEST_CASE("every config for attn bench is valid and has neither a text nor a run directory") {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(ATTN_SOURCE_DIR "/configs/bench")) {
    CAPTURE(entry.path().string());
    const attn::Config config = attn::read_config(entry.path(), {});
    CHECK(config.data.train_source.empty());
    CHECK(config.train.run_dir.empty());
    CHECK(attn::read_file(entry.path()).starts_with("// "));
    ++count;
  }
  CHECK(count == 3);
}

TEST_CASE(
    "the option table in configs/README.md is the output of attn train --describe --markdown") {
  const std::string readme = attn::read_file(ATTN_SOURCE_DIR "/configs/README.md");
  const std::string begin = "<!-- options -->\n", end = "<!-- /options -->";
  const std::size_t from = readme.find(begin), to = readme.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::size_t at = from + begin.size();
  const std::string table = std::string("\n").append(attn::describe_markdown()).append("\n");
  CHECK_MESSAGE(readme.substr(at, to - at) == table,
                "insert the output of attn train --describe --markdown between the two comments "
                "\"options\" in configs/README.md");
}

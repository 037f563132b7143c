// A toy language: the English numbers from one to ten, translated to French word by word.
#pragma once

#include "program.h"

namespace fs = std::filesystem;

// Texts, a configuration and a trained run, shared by all tests: created at the first use.
class Toy {
 public:
  static const Toy& instance();

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string config() const { return path("config.json"); }
  std::string best() const { return path("run/best"); }

  // Returns train --config CONFIG --set train.run_dir=RUN and the arguments `more`.
  Arguments train(const fs::path& run, const Arguments& more = {}) const;

 private:
  Toy();
  Scratch folder_;
};

// Return lines first … first + count - 1 of the source, the target and the alignment.
std::string toy_source(int first, int count);
std::string toy_target(int first, int count);
std::string toy_links(int first, int count);

inline constexpr int kToyTrain = 200, kToyTest = 12, kToyBatch = 20, kToyUpdates = 200;

Arguments operator+(Arguments a, const Arguments& b);

// Returns translate --model BEST of the toy model, and the arguments `more`.
Arguments translate(const Arguments& more = {});

// Checks that the model can be loaded and translates every line.
void check_translates(const fs::path& model);

// Returns the text with every `from` replaced by `to`.
std::string replaced(std::string text, const std::string& from, const std::string& to);

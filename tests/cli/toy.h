// A toy language: ten English numbers, each of which has one French translation in the same place.
#pragma once

#include "program.h"

namespace fs = std::filesystem;

// Text, config and a trained run of it, for all cases to read: made by the first that asks.
class Toy {
 public:
  static const Toy& instance();

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string config() const { return path("config.json"); }
  std::string best() const { return path("run/best"); }

  // attn train --config CONFIG --set train.run_dir=RUN, and what else.
  Arguments train(const fs::path& run, const Arguments& more = {}) const;

 private:
  Toy();
  Scratch folder_;
};

// Pairs first … first + count - 1 of the language; the same for the same number.
std::string toy_source(int first, int count);
std::string toy_target(int first, int count);
std::string toy_links(int first, int count);

inline constexpr int kToyTrain = 200, kToyTest = 12, kToyBatch = 20, kToyUpdates = 200;

Arguments operator+(Arguments a, const Arguments& b);

// The folder's run directory has a model that loads and translates every line.
void check_translates(const fs::path& model);

// The file with "from" replaced by "to", wherever it stands.
std::string replaced(std::string text, const std::string& from, const std::string& to);

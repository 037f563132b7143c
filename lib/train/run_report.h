// Writes the report of a run (report/training_report.h) from metrics.jsonl, samples.jsonl and the
// config. A resumed run therefore gets the same report as one that was never stopped.
#pragma once

#include <cstdint>
#include <filesystem>

#include "report/training_report.h"
#include "train/config.h"

namespace attn {

class RunReport {
 public:
  explicit RunReport(const Config& config)
      : run_(config.train.run_dir), report_(to_json(config), changed_options(config)) {}

  // Reads the events and samples that the run directory already contains. Removes from
  // samples.jsonl the samples of validations after update `validated`, and converts samples that
  // earlier versions wrote.
  void open(std::int64_t validated);

  // Adds an event, which is also in metrics.jsonl.
  void add_event(const Json& event) { report_.add_event(event); }
  // Adds the samples of a validation (train/validation_samples.h), also to samples.jsonl. Throws
  // Error if the file cannot be written.
  void add_samples(const Json& samples);
  // Writes report.html.
  void write() const;

 private:
  std::filesystem::path run_;
  Report report_;
};

}  // namespace attn

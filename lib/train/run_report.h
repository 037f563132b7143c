// The report of a run (eval/report.h), and what it is made of: metrics.jsonl, samples.jsonl and the
// config. So the report of a resumed run is that of one that was never stopped.
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

  // Takes what there is from before, be it of an earlier version, and cuts samples.jsonl back to
  // the last validation, which was after that update.
  void open(std::int64_t validated);

  void add_event(const Json& event) { report_.add_event(event); }  // that metrics.jsonl has
  void add_samples(const Json& samples);  // as samples_of gives them; goes into samples.jsonl too
  void write() const;                     // report.html

 private:
  std::filesystem::path run_;
  Report report_;
};

}  // namespace attn

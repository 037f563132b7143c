#include "train/run_report.h"

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/file.h"

namespace attn {
namespace {

const char* const kSamplesFile = "samples.jsonl";

// Returns the JSON objects of a file, one per line, up to the first line that is not a whole
// object: the run may have been killed while it wrote the line.
std::vector<Json> read_objects(const fs::path& path) {
  std::vector<Json> out;
  if (!fs::exists(path)) return out;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    auto json = whole_json_line(line);
    if (!json || !json->is_object()) break;
    out.push_back(std::move(*json));
  }
  return out;
}

}  // namespace

void RunReport::open(std::int64_t validated) {
  for (const Json& event : read_objects(run_ / "metrics.jsonl")) report_.add_event(event);
  std::string lines;
  for (const Json& samples : read_objects(run_ / kSamplesFile)) {
    if (samples.value("update", std::int64_t{0}) > validated) break;
    const std::string line = to_line(upgrade_samples(samples));
    report_.add_samples(line);
    lines += line + "\n";
  }
  if (fs::exists(run_ / kSamplesFile)) write_atomically(run_ / kSamplesFile, lines);
}

void RunReport::add_samples(const Json& samples) {
  const std::string line = to_line(samples);
  std::ofstream file(run_ / kSamplesFile, std::ios::app);
  file << line << '\n' << std::flush;
  if (!file) throw Error((run_ / kSamplesFile).string() + ": cannot be written; is the disk full?");
  report_.add_samples(line);
}

void RunReport::write() const {
  write_atomically(run_ / "report.html", report_.page(run_.filename().string()));
}

}  // namespace attn

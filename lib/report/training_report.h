// The course of a training as one HTML page that needs nothing else: its curves, translations of
// some validation sentences as they got better, its config. eval/page/report.* hold its markup,
// style and script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/json.h"

namespace attn {

// An event "train" of metrics.jsonl, or several neighbors in one.
struct TrainingPoint {
  double update = 0, epoch = 0, seconds = 0;  // of the last
  double loss = 0;                            // nats a target piece
  double tokens = 0, tokens_per_second = 0;
  double learning_rate = 0;  // of the last
  double gradient_norm = 0;  // the largest
};

// An event "valid".
struct ValidationPoint {
  double update = 0, epoch = 0, seconds = 0, bleu = 0, cross_entropy = 0;
};

// At most `most` points, each of as many neighbors, but for the last.
std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t most);

// Of 0 … size - 1, at most `most` (2 or more): the first, the last, and between them at even
// distances.
std::vector<std::size_t> spread_evenly(std::size_t size, std::size_t most);

// What the page shows of a sentence: source, reference, translation, and the matrices of these. Of
// the mean of the heads, each head, the encoder's layers, in this order, it has as many as fit:
// 16,000 weights together.
Json report_sample(const AlignedPair& pair, const std::string& reference);

// Samples as earlier versions left them, in today's words: a target's weights, row by row in
// thousandths, are its only matrix.
Json with_matrices(Json samples);

class Report {
 public:
  // `changed`: paths of the options that are not at their defaults.
  Report(Json config, std::vector<std::string> changed);

  void add_event(const Json& event);  // of metrics.jsonl
  // Of one validation, in a line: {"update", "sentences": [report_sample, …]}.
  void add_samples(std::string samples) { samples_.push_back(std::move(samples)); }

  // Has the samples of up to 30 validations, of fewer where these would take more than 1.5
  // megabytes; the first and the last always. Cost: below two megabytes, however long the training.
  std::string page(const std::string& title) const;

 private:
  Json data(const std::string& title) const;
  std::vector<ValidationPoint> shown_validations() const;
  std::vector<std::size_t> shown_samples() const;

  Json config_;
  std::vector<std::string> changed_;
  std::vector<TrainingPoint> training_;
  std::vector<ValidationPoint> validations_;
  std::vector<std::string> samples_;
  Json end_;  // the last event; null while there is more to come
};

}  // namespace attn

// The training report: the course of a training run as one self-contained HTML file, with its
// curves, translations of some validation sentences after each validation, and its config. The
// markup, style and script of the page are assets/report.*.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/json.h"

namespace attn {

// An event "train" of metrics.jsonl, or several consecutive ones merged.
struct TrainingPoint {
  double update = 0, epoch = 0, seconds = 0;  // position of the last event
  double loss = 0;                            // mean, in nats per target subword
  double tokens = 0, tokens_per_second = 0;   // sum, mean
  double learning_rate = 0;                   // learning rate of the last event
  double gradient_norm = 0;                   // maximum
};

// An event "valid" of metrics.jsonl.
struct ValidationPoint {
  double update = 0, epoch = 0, seconds = 0, bleu = 0, cross_entropy = 0;
};

// Merges equal numbers of consecutive points, so that at most `limit` remain. The last one may
// consist of fewer.
std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t limit);

// Returns at most `limit` (≥ 2) of the indices 0 … size − 1, evenly spaced, including the first and
// the last.
std::vector<std::size_t> spread_evenly(std::size_t size, std::size_t limit);

// Returns the JSON form of a validation sentence: {"line", "source", "reference", "target"}, with
// source and target as html_page.h defines them. In the order mean of the heads, heads, encoder
// layers, it has as many matrices as fit into 16,000 weights.
Json report_sample(const AlignedPair& pair, const std::string& reference);

// Converts samples that were written by earlier versions, in which the only matrix of a target may
// be "weights", row by row in thousandths, and "subwords", "word_indices" and "segments" were
// called "pieces", "of" and "sentences".
Json upgrade_samples(Json samples);

class Report {
 public:
  // `changed`: paths of the options that differ from their defaults.
  Report(Json config, std::vector<std::string> changed);

  // Adds an event of metrics.jsonl.
  void add_event(const Json& event);

  // Adds the samples of one validation, JSON in one line: {"update", "sentences": [report_sample,
  // …]}.
  void add_samples(std::string samples) { samples_.push_back(std::move(samples)); }

  // Returns the page. It has the samples of up to 30 validations, evenly spaced, and fewer if they
  // would exceed 1.5 MB; those of the first and the last validation are always included. The page
  // is smaller than 2 MB, regardless of the length of the training.
  std::string page(const std::string& title) const;

 private:
  Json data(const std::string& title) const;
  // Returns the index of the best point, the first one of equals. Requires a point.
  std::size_t best(const std::vector<ValidationPoint>& points) const;
  std::vector<ValidationPoint> shown_validations() const;
  std::vector<std::size_t> shown_samples() const;

  Json config_;
  std::vector<std::string> changed_;
  bool best_by_bleu_;  // train.valid_metric is "bleu", else "cross_entropy"
  std::vector<TrainingPoint> training_;
  std::vector<ValidationPoint> validations_;
  std::vector<std::string> samples_;
  Json end_;  // the event "end" if it was the last one, else null
};

}  // namespace attn

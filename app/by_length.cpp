#include "by_length.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "log.h"
#include "metrics/bleu.h"
#include "metrics/by_length.h"
#include "option_builder.h"
#include "report/chart.h"
#include "text/tokenizer.h"

namespace attn {
namespace {

const char* const kEdges = "10,20,30,40,50,60";
constexpr std::size_t kColumnWidth = 10;

using Buckets = std::vector<LengthBucket>;
using Rows = std::vector<std::vector<double>>;  // BLEU [system][bucket]

Buckets buckets_of(const std::vector<std::string>& sources, const ByLengthOptions& options) {
  std::vector<std::size_t> lengths;
  for (const auto& source : sources) lengths.push_back(split_words(source).size());
  const auto edges = parse_edges(options.edges.empty() ? kEdges : options.edges);
  ATTN_CHECK(edges);  // checked by the option
  return length_buckets(lengths, *edges);
}

// Removes the buckets without a sentence; returns their ranges.
std::string remove_empty(Buckets& buckets) {
  std::string ranges;
  for (const LengthBucket& bucket : buckets)
    if (bucket.lines.empty()) ranges.append(ranges.empty() ? "" : ", ").append(range_text(bucket));
  std::erase_if(buckets, [](const LengthBucket& bucket) { return bucket.lines.empty(); });
  return ranges;
}

Rows scores_of(const std::vector<System>& systems, const References& references,
               const Metric& metric, const Buckets& buckets) {
  Rows rows;
  for (const System& system : systems) {
    const auto lines = line_statistics(metric, system.lines, references);
    std::vector<double>& row = rows.emplace_back();
    for (const LengthBucket& bucket : buckets) row.push_back(bucket_score(metric, lines, bucket));
  }
  return rows;
}

Json json_of(const std::vector<System>& systems, const Buckets& buckets, const Rows& rows,
             const std::string& signature) {
  Json out = {{"signature", signature}, {"buckets", Json::array()}, {"systems", Json::array()}};
  for (const LengthBucket& bucket : buckets)
    out["buckets"].push_back({{"from", bucket.from},
                              {"to", bucket.to ? Json(*bucket.to) : Json()},
                              {"sentences", bucket.lines.size()},
                              {"mean_length", bucket.mean_length}});
  for (std::size_t i = 0; i < systems.size(); ++i)
    out["systems"].push_back({{"name", systems[i].name}, {"bleu", rows[i]}});
  return out;
}

std::string pad_left(const std::string& text) {
  return std::string(kColumnWidth - std::min(kColumnWidth, text.size()), ' ') + text;
}

std::string table_of(const std::vector<System>& systems, const Buckets& buckets, const Rows& rows) {
  const std::size_t width = name_width(systems);
  std::string ranges, counts;
  for (const LengthBucket& bucket : buckets) {
    ranges += pad_left(range_text(bucket));
    counts += pad_left(std::to_string(bucket.lines.size()));
  }
  std::string out = "  " + pad_right("words", width) + ranges + "\n  " +
                    pad_right("sentences", width) + counts + "\n";
  for (std::size_t i = 0; i < systems.size(); ++i) {
    out.append("  ").append(pad_right(systems[i].name, width));
    for (const double score : rows[i]) out += pad_left(format("%.2f", score));
    out += "\n";
  }
  return out;
}

using Components = std::vector<fs::path>;

// Returns how many components all paths share at one end; component(path, i) is the i-th component
// from that end. The result is limited so that each path keeps at least one component if these and
// `taken` others are removed.
template <class Component>
std::size_t shared_components(const std::vector<Components>& paths, std::size_t taken,
                              Component component) {
  std::size_t shortest = paths.front().size();
  for (const Components& path : paths) shortest = std::min(shortest, path.size());
  std::size_t n = 0;
  const auto same = [&](const Components& path) {
    return component(path, n) == component(paths.front(), n);
  };
  while (taken + n + 1 < shortest && std::all_of(paths.begin(), paths.end(), same)) ++n;
  return n;
}

// Returns the names of the systems without the path components that all of them share at the
// beginning and at the end: "a" and "b" for "runs/a/best" and "runs/b/best".
std::vector<std::string> short_names(const std::vector<System>& systems) {
  if (systems.size() == 1) return {systems.front().name};
  std::vector<Components> paths;
  for (const System& system : systems) {
    const fs::path path = system.name;
    paths.emplace_back(path.begin(), path.end());
  }
  const std::size_t first =
      shared_components(paths, 0, [](const Components& path, std::size_t i) { return path[i]; });
  const std::size_t last = shared_components(
      paths, first,
      [](const Components& path, std::size_t i) { return path[path.size() - 1 - i]; });
  std::vector<std::string> names;
  for (const Components& path : paths) {
    fs::path name;
    for (std::size_t i = first; i + last < path.size(); ++i) name /= path[i];
    names.push_back(name.string());
  }
  return names;
}

LineChart chart_of(const std::vector<System>& systems, const Buckets& buckets, const Rows& rows) {
  LineChart chart;
  chart.x = {.label = "source length in words", .from_zero = true};
  chart.y = {.label = "BLEU", .from_zero = true};
  const auto names = short_names(systems);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    Curve& curve = chart.curves.emplace_back(Curve{names[i], {}});
    for (std::size_t b = 0; b < buckets.size(); ++b)
      curve.points.push_back({buckets[b].mean_length, rows[i][b]});
  }
  return chart;
}

}  // namespace

void add_by_length_options(CLI::App& command, ByLengthOptions& options) {
  command.add_option("--by-length", options.edges, "Add BLEU by source length; bucket limits")
      ->type_name("[LENGTHS]")
      ->expected(0, 1)
      ->default_str(kEdges)
      ->check([](const std::string& list) {
        return parse_edges(list) ? ""
                                 : "must be increasing lengths from 1, such as " +
                                       std::string(kEdges) + ", got " + list;
      });
  OptionBuilder(command)
      .file("--by-length-figure", options.figure, "Draw BLEU by source length as curves (.svg)")
      ->check(ends_in({".svg"}));
}

void add_by_length_file(const ByLengthOptions& options, std::vector<NamedFile>& written) {
  if (options.figure.empty()) return;
  check_parent_directory(options.figure);
  written.push_back({"--by-length-figure", options.figure});
}

MetricReport report_by_length(const std::vector<System>& systems,
                              const std::vector<std::string>& sources, const References& references,
                              const MetricOptions& options, const ByLengthOptions& by_length) {
  Buckets buckets = buckets_of(sources, by_length);
  const std::string empty = remove_empty(buckets);
  const Metric metric = bleu_metric({options.tokenizer, options.lowercase});
  const Rows rows = scores_of(systems, references, metric, buckets);
  const std::string bleu_signature = signature(metric, references, "", kVersion);
  if (!by_length.figure.empty()) {
    write_atomically(by_length.figure, line_chart_svg(chart_of(systems, buckets, rows)));
    log_info("wrote " + by_length.figure.string());
  }
  MetricReport out;
  out.json["by_length"] = json_of(systems, buckets, rows, bleu_signature);
  out.text = "BLEU by source length  " + bleu_signature + "\n" + table_of(systems, buckets, rows);
  if (!empty.empty()) out.text += "  no sentences with these numbers of words: " + empty + "\n";
  return out;
}

}  // namespace attn

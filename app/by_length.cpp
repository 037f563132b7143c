#include "by_length.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "log.h"
#include "metrics/bleu.h"
#include "metrics/by_length.h"
#include "report/chart.h"
#include "text/tokenizer.h"

namespace attn {
namespace {

const char* const kEdges = "10,20,30,40,50,60";
constexpr std::size_t kColumn = 10;

using Buckets = std::vector<LengthBucket>;
using Rows = std::vector<std::vector<double>>;  // of each system, BLEU in each bucket

Buckets buckets_of(const std::vector<std::string>& sources, const ByLengthOptions& options) {
  std::vector<std::size_t> lengths;
  for (const auto& source : sources) lengths.push_back(split_words(source).size());
  const auto edges = parse_edges(options.edges.empty() ? kEdges : options.edges);
  ATTN_CHECK(edges);  // CLI11 has checked them
  return length_buckets(lengths, *edges);
}

// Takes the buckets without a sentence out; returns their ranges.
std::string take_empty(Buckets& buckets) {
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

std::string to_right(const std::string& text) {
  return std::string(kColumn - std::min(kColumn, text.size()), ' ') + text;
}

std::string two_decimals(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f", value);
  return buffer;
}

std::string table_of(const std::vector<System>& systems, const Buckets& buckets, const Rows& rows) {
  const std::size_t width = name_width(systems);
  std::string ranges, counts;
  for (const LengthBucket& bucket : buckets) {
    ranges += to_right(range_text(bucket));
    counts += to_right(std::to_string(bucket.lines.size()));
  }
  std::string out =
      "  " + padded("words", width) + ranges + "\n  " + padded("sentences", width) + counts + "\n";
  for (std::size_t i = 0; i < systems.size(); ++i) {
    out.append("  ").append(padded(systems[i].name, width));
    for (const double score : rows[i]) out += to_right(two_decimals(score));
    out += "\n";
  }
  return out;
}

using Parts = std::vector<fs::path>;

// How many parts all paths share, as part(path, i) has them, if `taken` others are taken off and
// each keeps one.
template <class Part>
std::size_t shared_parts(const std::vector<Parts>& paths, std::size_t taken, Part part) {
  std::size_t shortest = paths.front().size();
  for (const Parts& path : paths) shortest = std::min(shortest, path.size());
  std::size_t n = 0;
  const auto same = [&](const Parts& path) { return part(path, n) == part(paths.front(), n); };
  while (taken + n + 1 < shortest && std::all_of(paths.begin(), paths.end(), same)) ++n;
  return n;
}

// What tells the systems apart: of "runs/a/best" and "runs/b/best" only "a" and "b".
std::vector<std::string> short_names(const std::vector<System>& systems) {
  if (systems.size() == 1) return {systems.front().name};
  std::vector<Parts> paths;
  for (const System& system : systems) {
    const fs::path path = system.name;
    paths.emplace_back(path.begin(), path.end());
  }
  const std::size_t before =
      shared_parts(paths, 0, [](const Parts& path, std::size_t i) { return path[i]; });
  const std::size_t behind = shared_parts(
      paths, before, [](const Parts& path, std::size_t i) { return path[path.size() - 1 - i]; });
  std::vector<std::string> names;
  for (const Parts& path : paths) {
    fs::path name;
    for (std::size_t i = before; i + behind < path.size(); ++i) name /= path[i];
    names.push_back(name.string());
  }
  return names;
}

LineChart chart_of(const std::vector<System>& systems, const Buckets& buckets, const Rows& rows) {
  LineChart chart;
  chart.x = {"words of the source", true};
  chart.y = {"BLEU", true};
  const auto names = short_names(systems);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    Curve& curve = chart.curves.emplace_back(Curve{names[i], {}});
    for (std::size_t b = 0; b < buckets.size(); ++b)
      curve.points.push_back({buckets[b].mean_length, rows[i][b]});
  }
  return chart;
}

}  // namespace

void add_by_length(CLI::App& command, ByLengthOptions& options) {
  command
      .add_option("--by-length", options.edges,
                  "BLEU by words of the source too, in buckets that end at these lengths")
      ->type_name("LENGTHS")
      ->expected(0, 1)
      ->default_str(kEdges)
      ->check([](const std::string& list) {
        return parse_edges(list) ? "" : list + ": no lengths that rise, such as " + kEdges;
      });
  command
      .add_option("--by-length-figure", options.figure,
                  "The same as curves, in a file that ends in .svg")
      ->type_name("FILE");
}

void add_by_length_file(const ByLengthOptions& options, std::vector<NamedFile>& written) {
  if (options.figure.empty()) return;
  if (options.figure.extension() != ".svg")
    throw Error(options.figure.string() + ": choose a name that ends in .svg");
  check_folder_of(options.figure);
  written.push_back({"--by-length-figure", options.figure});
}

Scores by_length(const std::vector<System>& systems, const std::vector<std::string>& sources,
                 const References& references, const MetricOptions& options,
                 const ByLengthOptions& wanted) {
  Buckets buckets = buckets_of(sources, wanted);
  const std::string empty = take_empty(buckets);
  const Metric metric = bleu_metric({options.tokenizer, options.lowercase});
  const Rows rows = scores_of(systems, references, metric, buckets);
  const std::string name = signature(metric, references, "", kVersion);
  if (!wanted.figure.empty()) {
    write_atomically(wanted.figure, line_chart_svg(chart_of(systems, buckets, rows)));
    say("wrote " + wanted.figure.string());
  }
  Scores out;
  out.json["by_length"] = json_of(systems, buckets, rows, name);
  out.text = "BLEU by words of the source  " + name + "\n" + table_of(systems, buckets, rows);
  if (!empty.empty()) out.text += "  no sentence of so many words: " + empty + "\n";
  return out;
}

}  // namespace attn

#include "heatmap_options.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "log.h"
#include "option_builder.h"
#include "report/heatmap_files.h"

namespace attn {
namespace {

constexpr double kPixelsPerPoint = 96. / 72;  // CSS

// Throws Error if x.svg and x.json are both requested: the picture's own data goes to x.json, too.
void check_heatmap_data_files(const std::vector<fs::path>& heatmaps) {
  for (const fs::path& picture : heatmaps)
    for (const fs::path& other : heatmaps)
      if (!heatmap_data(picture).empty() && same_file(heatmap_data(picture), other))
        throw Error(other.string() + ": --heatmap " + picture.string() +
                    " writes its data to this file; leave out --heatmap " + other.string() +
                    ", or choose another name for one of them");
}

}  // namespace

void add_heatmap_options(CLI::App& command, HeatmapArguments& heatmaps) {
  const std::vector<std::string> formats = names_of(heatmap_formats());
  OptionBuilder(command)
      .files("--heatmap", heatmaps.files,
             "Attention heatmaps (" + joined(formats, ", ") + "); may be repeated")
      ->check(ends_in(formats));
  command
      .add_option("--heatmap-font-size", heatmaps.font_size,
                  "Size of the labels in .svg and .png, in points, 4 to 72")
      ->type_name("POINTS")
      ->check(is_number(between(4, 72)))
      ->default_str("9");
  command.add_option("--heatmap-tokens", heatmaps.tokens, "Rows and columns of the heatmaps")
      ->type_name("NAME")
      ->check(is_one_of(names_of(granularities().choices())))
      ->default_str("auto");
}

void check_heatmap_usage(const HeatmapArguments& heatmaps) {
  const bool has_picture = std::ranges::any_of(heatmaps.files, [](const fs::path& path) {
    return path.extension() == ".svg" || path.extension() == ".png";
  });
  if (heatmaps.font_size && !has_picture)
    throw CLI::ValidationError(
        "--heatmap-font-size",
        "has an effect on pictures only; give --heatmap FILE.svg or FILE.png, or leave it out");
  if (heatmaps.tokens && heatmaps.files.empty())
    throw CLI::ValidationError("--heatmap-tokens", "has no effect without --heatmap; leave it out");
}

void add_heatmap_files(const HeatmapArguments& heatmaps, std::vector<NamedFile>& written) {
  check_heatmap_data_files(heatmaps.files);
  for (const fs::path& path : heatmaps.files) {
    check_heatmap(path);
    check_parent_directory(path);
    written.push_back({"--heatmap", path});
    written.push_back({"the data file of --heatmap", heatmap_data(path)});
  }
}

void write_all_heatmaps(const HeatmapArguments& heatmaps, const std::vector<AlignedPair>& pairs,
                        const std::string& title) {
  HeatmapFileOptions options = {title};
  if (heatmaps.tokens) options.granularity = granularities().at(*heatmaps.tokens);
  if (heatmaps.font_size) options.font_size = *heatmaps.font_size * kPixelsPerPoint;
  for (const fs::path& heatmap : heatmaps.files) {
    if (pairs.empty())
      throw Error(heatmap.string() + ": nothing to draw, because the text has no sentence");
    for (const fs::path& path : write_heatmaps(heatmap, pairs, options))
      log_info("wrote " + path.string());
  }
}

}  // namespace attn

#include "heatmap_options.h"

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
  OptionBuilder(command).files(
      "--heatmap", heatmaps.files,
      "Attention heatmaps (" + joined(names_of(heatmap_formats()), ", ") + "); may be repeated");
  command
      .add_option("--heatmap-font-size", heatmaps.font_size,
                  "Size of the labels in .svg and .png, in points, 4 to 72")
      ->type_name("POINTS")
      ->check(CLI::Range(4.0, 72.0).description(""))
      ->default_str("9");
  command.add_option("--heatmap-tokens", heatmaps.tokens, "Rows and columns of the heatmaps")
      ->type_name("NAME")
      ->check(CLI::IsMember(names_of(granularities().choices())))
      ->default_str("auto");
}

void add_heatmap_files(const HeatmapArguments& heatmaps, std::vector<NamedFile>& written) {
  bool has_labels = false;
  check_heatmap_data_files(heatmaps.files);
  for (const fs::path& path : heatmaps.files) {
    check_heatmap(path);
    check_parent_directory(path);
    has_labels |= path.extension() == ".svg" || path.extension() == ".png";
    written.push_back({"--heatmap", path});
    written.push_back({"the data file of --heatmap", heatmap_data(path)});
  }
  if (heatmaps.font_size && !has_labels)
    throw CLI::ValidationError(
        "--heatmap-font-size",
        "has an effect on pictures only; give --heatmap FILE.svg or FILE.png, or leave it out");
  if (heatmaps.tokens && heatmaps.files.empty())
    throw CLI::ValidationError("--heatmap-tokens", "has no effect without --heatmap; leave it out");
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

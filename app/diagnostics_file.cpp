#include "diagnostics_file.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "option_builder.h"

namespace attn {

void add_diagnostics_option(CLI::App& command, fs::path& file) {
  OptionBuilder(command)
      .file("--diagnostics", file,
            "Diagnostics of the attention weights of each line (.jsonl or .tsv)")
      ->check(ends_in({".jsonl", ".tsv"}));
}

DiagnosticsFile::DiagnosticsFile(const fs::path& path)
    : wanted_(!path.empty()), as_table_(path.extension() == ".tsv"), file_(path) {
  if (as_table_)
    file_.line(
        "line\tentropy\taligned_fraction\tmonotonicity\tmax_fertility\tunattended\trepeated");
}

void DiagnosticsFile::add(std::size_t line, const Alignment& words) {
  const Diagnostics& d = all_.emplace_back(diagnose(words));
  if (!wanted_) return;
  Json json = {{"line", line}};
  json.update(to_json(d, words));
  if (!as_table_) return file_.line(to_line(json));
  const auto list = [&](const char* key) {
    std::string out;
    for (const auto& word : json[key]) out += (out.empty() ? "" : " ") + word.get<std::string>();
    return table_field(out);
  };
  const int max_fertility = d.fertility.empty() ? 0 : *std::ranges::max_element(d.fertility);
  file_.line(format("%zu\t%.6f\t%.6f\t%.6f\t%d\t", line, d.entropy, d.aligned_fraction(),
                    d.monotonicity(), max_fertility) +
             list("unattended") + "\t" + list("repeated"));
}

std::string summary_text(const DiagnosticsSummary& s) {
  return format(
      "attention entropy     %6.2f  bits; %.1f%% of source words aligned, %.2f links per word, "
      "%.1f%% unattended\n"
      "monotonicity          %6.2f  %% of adjacent links; %.1f%% of target words repeated\n",
      s.entropy, 100 * s.aligned_fraction, s.fertility, 100 * s.unattended, 100 * s.monotonicity,
      100 * s.repeated);
}

}  // namespace attn

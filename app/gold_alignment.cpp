#include "gold_alignment.h"

#include "base/error.h"
#include "base/line_reader.h"
#include "text/tokenizer.h"

namespace attn {

std::vector<GoldLinks> read_gold(const fs::path& path, int index_base,
                                 const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets) {
  const auto lines = read_lines(path);
  if (lines.size() != sources.size())
    throw Error(path.string() + " has " + std::to_string(lines.size()) +
                " lines, but the text has " + std::to_string(sources.size()) +
                ": each line must have the links of one sentence pair");
  std::vector<GoldLinks> gold;
  for (std::size_t i = 0; i < lines.size(); ++i)
    gold.push_back(parse_gold_line(lines[i], index_base, path, i + 1, sources[i], targets[i]));
  return gold;
}

GoldLinks parse_gold_line(const std::string& links, int index_base, const fs::path& file,
                          std::size_t line, const std::string& source, const std::string& target) {
  GoldLinks gold = parse_links(links, index_base, file.string(), line);
  check_inside(gold.possible, index_base, split_words(source).size(),  // includes the sure links
               split_words(target).size(), file.string(), line);
  return gold;
}

}  // namespace attn

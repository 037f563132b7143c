#include "alignment/word_alignment.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace attn {
namespace {

struct MarkedLink {
  Link link;
  bool sure = true;
};

// Removes a number, digits without sign or space, from the beginning of `text` and returns it.
std::optional<int> take_number(std::string_view& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text = {end, text.data() + text.size()};
  return number;
}

std::optional<MarkedLink> parse_link(std::string_view text, int base) {
  const auto source = take_number(text);
  if (!source || text.empty()) return std::nullopt;
  const char mark = text[0];
  text.remove_prefix(1);
  const auto target = take_number(text);
  if (!target || !text.empty() || *source < base || *target < base) return std::nullopt;
  if (mark != '-' && mark != '?' && mark != 'p') return std::nullopt;
  return MarkedLink{{*source - base, *target - base}, mark == '-'};
}

}  // namespace

void sort_unique(std::vector<Link>& links) {
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
}

GoldLinks parse_links(std::string_view line, int base, const std::string& file,
                      std::size_t line_number) {
  constexpr std::string_view kSpace = " \t";
  GoldLinks gold;
  for (std::size_t begin = line.find_first_not_of(kSpace); begin < line.size();) {
    const std::size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
    const std::string_view text = line.substr(begin, end - begin);
    const auto marked = parse_link(text, base);
    if (!marked)
      throw Error(file + ":" + std::to_string(line_number) + ": \"" + std::string(text) +
                  "\" is not an alignment link: expected source-target (sure) or source?target "
                  "(possible), with words counted from " +
                  std::to_string(base));
    gold.possible.push_back(marked->link);
    if (marked->sure) gold.sure.push_back(marked->link);
    begin = line.find_first_not_of(kSpace, end);
  }
  sort_unique(gold.sure);
  sort_unique(gold.possible);
  return gold;
}

void check_inside(const std::vector<Link>& links, int base, std::size_t source_words,
                  std::size_t target_words, const std::string& file, std::size_t line_number) {
  for (const Link& link : links)
    if (std::cmp_greater_equal(link.source, source_words) ||
        std::cmp_greater_equal(link.target, target_words))
      throw Error(file + ":" + std::to_string(line_number) + ": link " +
                  format_links({link}, base) + " is out of range for a source of " +
                  std::to_string(source_words) + " and a target of " +
                  std::to_string(target_words) + " words, counted from " + std::to_string(base) +
                  "; use the alignment of this text");
}

std::string format_links(const std::vector<Link>& links, int base) {
  std::string out;
  for (const Link& link : links) {
    if (!out.empty()) out += ' ';
    out += std::to_string(link.source + base) + "-" + std::to_string(link.target + base);
  }
  return out;
}

}  // namespace attn

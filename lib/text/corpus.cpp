#include "text/corpus.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alignment/word_alignment.h"
#include "base/error.h"
#include "base/index_span.h"
#include "base/line_reader.h"
#include "base/random.h"

namespace attn {
namespace {

using Ids = std::vector<int>;

constexpr std::size_t kLines = 4096;       // pairs of lines that are read at a time
constexpr std::size_t kPairsPerItem = 64;  // pairs that one worker encodes at a time

struct Sentence {
  std::span<const int> ids;  // without the end
  int end;
};

void append_sentence(const Sentence& sentence, PairBlock& block) {
  block.insert(block.end(), sentence.ids.begin(), sentence.ids.end());
  block.push_back(sentence.end);
}

// `links` has the format of a PairBlock.
void append_pair(std::size_t line, const Sentence& source, const Sentence& target,
                 std::span<const int> links, PairBlock& block) {
  for (const std::size_t n :
       {line, line >> 32U, source.ids.size() + 1, target.ids.size() + 1, links.size() / 2})
    block.push_back(static_cast<int>(static_cast<std::uint32_t>(n)));
  append_sentence(source, block);
  append_sentence(target, block);
  block.insert(block.end(), links.begin(), links.end());
}

struct Lines {
  std::vector<std::string> source, target, alignment;
};

// Returns the indices of the pieces of each word.
std::vector<Ids> pieces_of_words(const std::string& line, const Tokenizer& tokenizer) {
  std::vector<Ids> pieces(split_words(line).size());
  const auto words = words_of_pieces(line, tokenizer.encode_with_offsets(line));
  for (std::size_t piece = 0; piece < words.size(); ++piece)
    for (const int word : words[piece]) IndexSpan(pieces)[word].push_back(static_cast<int>(piece));
  return pieces;
}

// Converts the word alignment of a line to links between pieces: each piece of a source word is
// linked to each piece of the target word. Returns the links as in a PairBlock.
Ids piece_links(const TextFiles& files, const std::string& source, const std::string& target,
                const std::string& alignment, std::size_t line) {
  const auto source_pieces = pieces_of_words(source, files.source_tokenizer);
  const auto target_pieces = pieces_of_words(target, files.target_tokenizer);
  std::vector<Link> links;  // target first, so that they are sorted by target
  const std::string file = files.alignment.string();
  const GoldLinks gold = parse_links(alignment, 0, file, line);
  check_inside(gold.possible, 0, source_pieces.size(), target_pieces.size(), file, line);
  for (const Link& link : gold.possible)
    for (const int t : IndexSpan(target_pieces)[link.target])
      for (const int s : IndexSpan(source_pieces)[link.source]) links.push_back({t, s});
  sort_unique(links);
  Ids flat;
  for (const auto& [t, s] : links) flat.insert(flat.end(), {s, t});
  return flat;
}

// Reads up to kLines lines and reuses the strings in `lines`.
void next_lines(LineReader& reader, std::vector<std::string>& lines) {
  lines.resize(kLines);
  std::size_t n = 0;
  while (n < kLines && reader.next(lines[n])) ++n;
  lines.resize(n);
}

// The pairs of one item, and the numbers of dropped pairs.
struct Encoded {
  PairBlock pairs;
  std::size_t empty = 0, too_long = 0;
};

// Encodes lines [begin, end). `number` is the line number of the first one in the files.
void encode(const TextFiles& files, const Lines& lines, std::size_t begin, std::size_t end,
            std::size_t number, Encoded& out) {
  const auto slice = [&](const std::vector<std::string>& all) {
    return std::span(all).subspan(begin, end - begin);
  };
  const auto too_long = [&](const Ids& ids) {
    return files.max_length > 0 && std::ssize(ids) > files.max_length;
  };
  const auto links = [&](std::size_t i) {
    if (files.alignment.empty()) return Ids();
    const std::size_t at = begin + i;
    return piece_links(files, lines.source[at], lines.target[at], lines.alignment[at], number + i);
  };
  const auto sources = files.source_tokenizer.encode_lines(slice(lines.source));
  const auto targets = files.target_tokenizer.encode_lines(slice(lines.target));
  out.pairs.clear();
  out.empty = out.too_long = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].empty() || targets[i].empty())
      ++out.empty;
    else if (too_long(sources[i]) || too_long(targets[i]))
      ++out.too_long;
    else
      append_pair(number + i, {sources[i], files.source_tokenizer.eos()},
                  {targets[i], files.target_tokenizer.eos()}, links(i), out.pairs);
  }
}

std::size_t count_lines(LineReader& reader) {
  for (std::string line; reader.next(line);) continue;
  return reader.line_number();
}

[[noreturn]] void fail_line_counts(const fs::path& source, std::size_t source_lines,
                                   const fs::path& other, std::size_t other_lines,
                                   const std::string& rule) {
  throw Error(source.string() + " has " + std::to_string(source_lines) + " lines, " +
              other.string() + " has " + std::to_string(other_lines) + "; " + rule);
}

[[noreturn]] void fail_no_pairs(const TextFiles& files, const TextSummary& text) {
  std::string why = "the files are empty";
  if (text.lines > 0)
    why = "of " + std::to_string(text.lines) + " pairs, " + std::to_string(text.dropped_empty) +
          " with an empty side";
  if (text.dropped_long > 0)
    why += ", " + std::to_string(text.dropped_long) + " with more than " +
           std::to_string(files.max_length) + " pieces on a side (data.max_length)";
  throw Error(files.source.string() + ", " + files.target.string() +
              ": no usable sentence pairs: " + why);
}

}  // namespace

void append_to_blocks(PairView pair, std::size_t max_size, std::vector<PairBlock>& blocks) {
  const auto numbers = pair.numbers();
  if (blocks.empty() || blocks.back().size() + numbers.size() > max_size) {
    blocks.emplace_back();
    blocks.back().reserve(std::max(max_size, numbers.size()));
  }
  blocks.back().insert(blocks.back().end(), numbers.begin(), numbers.end());
}

void TextSummary::add(PairView pair) {
  ++pairs;
  source_tokens += pair.source().size();
  target_tokens += pair.target().size();
  longest_source = std::max(longest_source, pair.source().size() - 1);
  for (const int number : pair.numbers())
    fingerprint = mix(fingerprint ^ static_cast<std::uint32_t>(number));
}

Corpus::Corpus(std::vector<PairBlock> blocks, const TextSummary& text)
    : blocks_(std::move(blocks)), text_(text) {
  std::size_t pairs = 0;
  for (const auto& block : blocks_) for_each_pair(block, [&](PairView) { ++pairs; });
  locations_.reserve(pairs);
  for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
    const int* const begin = blocks_[b].data();
    for_each_pair(blocks_[b], [&](PairView pair) {
      locations_.push_back({b, static_cast<std::uint32_t>(pair.numbers().data() - begin)});
    });
  }
}

Corpus corpus_of_ids(std::span<const Ids> sources, int source_end, std::span<const Ids> targets,
                     int target_end) {
  ATTN_CHECK(sources.size() == targets.size());
  std::vector<PairBlock> blocks;
  TextSummary text;
  PairBlock pair;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ATTN_CHECK(!sources[i].empty() && !targets[i].empty());
    pair.clear();
    append_pair(++text.lines, {sources[i], source_end}, {targets[i], target_end}, {}, pair);
    text.add(PairView(pair.data()));
    append_to_blocks(PairView(pair.data()), kPairBlockSize, blocks);
  }
  return {std::move(blocks), text};
}

TextSummary read_pairs(const TextFiles& files, Pool& pool,
                       const std::function<void(PairView)>& use) {
  LineReader source_reader(files.source), target_reader(files.target);
  std::optional<LineReader> link_reader;
  if (!files.alignment.empty()) link_reader.emplace(files.alignment);
  TextSummary text;
  Lines lines, ahead;
  std::vector<Encoded> encoded(kLines / kPairsPerItem);
  const auto read_ahead = [&] {
    next_lines(source_reader, ahead.source);
    next_lines(target_reader, ahead.target);
    if (link_reader) next_lines(*link_reader, ahead.alignment);
  };
  for (read_ahead();;) {
    std::swap(lines, ahead);
    const std::size_t count = lines.source.size();
    if (count != lines.target.size())
      fail_line_counts(files.source, count_lines(source_reader), files.target,
                       count_lines(target_reader),
                       "each line must be the translation of the same line of the other file");
    if (link_reader && count != lines.alignment.size())
      fail_line_counts(files.source, count_lines(source_reader), files.alignment,
                       count_lines(*link_reader),
                       "each line must be the word alignment of the same line of the text");
    if (count == 0) break;
    const std::size_t items = (count + kPairsPerItem - 1) / kPairsPerItem;
    pool.for_each(items + 1, [&](std::size_t i, int) {
      const std::size_t begin = i * kPairsPerItem, end = std::min(count, begin + kPairsPerItem);
      i == items ? read_ahead()
                 : encode(files, lines, begin, end, text.lines + begin + 1, encoded[i]);
    });
    text.lines += count;
    for (std::size_t i = 0; i < items; ++i) {
      text.dropped_empty += encoded[i].empty;
      text.dropped_long += encoded[i].too_long;
      for_each_pair(encoded[i].pairs, [&](PairView pair) { text.add(pair), use(pair); });
    }
  }
  if (text.pairs == 0) fail_no_pairs(files, text);
  return text;
}

Corpus collect_pairs(const PairSource& read) {
  std::vector<PairBlock> blocks;
  const TextSummary text =
      read([&](PairView pair) { append_to_blocks(pair, kPairBlockSize, blocks); });
  return {std::move(blocks), text};
}

Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                   const Tokenizer& t, int max_length, Pool& pool) {
  return collect_pairs([&](const auto& use) {
    return read_pairs({source, target, s, t, max_length}, pool, use);
  });
}

}  // namespace attn

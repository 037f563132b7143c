#include "text/corpus.h"

#include <algorithm>

#include "base/error.h"
#include "base/random.h"

namespace attn {
namespace {

using Ids = std::vector<int>;

constexpr std::size_t kBlock = 16384;  // pairs in memory as text at once
constexpr std::size_t kItem = 64;      // pairs that one worker encodes at a time

std::vector<std::string> next_lines(LineReader& reader) {
  std::vector<std::string> lines;
  std::string line;
  while (lines.size() < kBlock && reader.next(line)) lines.push_back(line);
  return lines;
}

std::vector<Ids> encode_all(const std::vector<std::string>& lines, const Tokenizer& tokenizer,
                            Pool& pool) {
  std::vector<Ids> out(lines.size());
  pool.for_each((lines.size() + kItem - 1) / kItem, [&](std::size_t item, int) {
    const std::size_t end = std::min(lines.size(), (item + 1) * kItem);
    for (std::size_t i = item * kItem; i < end; ++i) out[i] = tokenizer.encode(lines[i]);
  });
  return out;
}

std::size_t count_lines(LineReader& reader) {
  for (std::string line; reader.next(line);) continue;
  return reader.line_number();
}

[[noreturn]] void fail_line_counts(const fs::path& source, std::size_t source_lines,
                                   const fs::path& target, std::size_t target_lines) {
  throw Error(source.string() + " has " + std::to_string(source_lines) + " lines, " +
              target.string() + " " + std::to_string(target_lines) +
              ": each line must translate the same line of the other file");
}

[[noreturn]] void fail_nothing_left(const fs::path& source, const fs::path& target,
                                    const Corpus& corpus, int max_length) {
  std::string why = "the files are empty";
  if (corpus.lines() > 0)
    why = "of " + std::to_string(corpus.lines()) + " lines " +
          std::to_string(corpus.dropped_empty()) + " are empty on a side, " +
          std::to_string(corpus.dropped_long()) + " longer than the " + std::to_string(max_length) +
          " pieces allowed";
  throw Error(source.string() + ", " + target.string() + ": no sentence pair to use: " + why);
}

void mix_in(std::uint64_t& hash, std::span<const int> ids) {
  hash = mix(hash ^ ids.size());
  for (const int id : ids) hash = mix(hash ^ static_cast<std::uint64_t>(id));
}

}  // namespace

void Corpus::Sentences::add(std::span<const int> ids, int eos) {
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  ids_.push_back(eos);
  begins_.push_back(ids_.size());
}

std::uint64_t Corpus::fingerprint() const {
  std::uint64_t hash = mix(size());
  for (std::size_t i = 0; i < size(); ++i) {
    hash = mix(hash ^ line(i));
    mix_in(hash, source(i));
    mix_in(hash, target(i));
  }
  return hash;
}

Corpus corpus_of_ids(std::span<const Ids> sources, int source_end, std::span<const Ids> targets,
                     int target_end) {
  ATTN_CHECK(sources.size() == targets.size());
  Corpus corpus;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ATTN_CHECK(!sources[i].empty() && !targets[i].empty());
    corpus.source_.add(sources[i], source_end);
    corpus.target_.add(targets[i], target_end);
    corpus.line_.push_back(++corpus.lines_);
  }
  return corpus;
}

Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                   const Tokenizer& t, int max_length, Pool& pool) {
  LineReader source_reader(source), target_reader(target);
  const auto too_long = [&](const Ids& ids) {
    return max_length > 0 && ids.size() > static_cast<std::size_t>(max_length);
  };
  Corpus corpus;
  for (;;) {
    const auto source_lines = next_lines(source_reader), target_lines = next_lines(target_reader);
    if (source_lines.size() != target_lines.size())
      fail_line_counts(source, count_lines(source_reader), target, count_lines(target_reader));
    if (source_lines.empty()) break;
    const auto source_ids = encode_all(source_lines, s, pool);
    const auto target_ids = encode_all(target_lines, t, pool);
    for (std::size_t i = 0; i < source_ids.size(); ++i) {
      ++corpus.lines_;
      if (source_ids[i].empty() || target_ids[i].empty()) {
        ++corpus.dropped_empty_;
      } else if (too_long(source_ids[i]) || too_long(target_ids[i])) {
        ++corpus.dropped_long_;
      } else {
        corpus.source_.add(source_ids[i], s.eos());
        corpus.target_.add(target_ids[i], t.eos());
        corpus.line_.push_back(corpus.lines_);
      }
    }
  }
  if (corpus.size() == 0) fail_nothing_left(source, target, corpus, max_length);
  return corpus;
}

}  // namespace attn

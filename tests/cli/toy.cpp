#include "toy.h"

#include "base/file.h"

namespace {

const char* const kEnglish[] = {"one", "two",   "three", "four", "five",
                                "six", "seven", "eight", "nine", "ten"};
const char* const kFrench[] = {"un",  "deux", "trois", "quatre", "cinq",
                               "six", "sept", "huit",  "neuf",   "dix"};

// Returns sentences of 1 + i % 4 words; word(i, j) is the j-th word of sentence i.
template <class Word>
std::string sentences(int first, int count, Word word) {
  std::string text;
  for (int i = first; i < first + count; ++i)
    for (int j = 0; j <= i % 4; ++j) text.append(word(i, j)).append(j == i % 4 ? "\n" : " ");
  return text;
}

int number(int i, int j) {
  return (7 * i + 3 * j + i / 10) % 10;
}

const char* const kConfig = R"(// A comment, and
{
  /* another */
  "model": {"embedding_size": 16, "hidden_size": 32, "decoder": {"readout_size": 16}},
  "data": {
    "train_source": "train.en", "train_target": "train.fr",
    "valid_source": "test.en", "valid_target": "test.fr",
    "test_source": "test.en", "test_target": "test.fr", "test_alignment": "test.align",
    "tokenizer": "word", "source_vocabulary_size": 100, "target_vocabulary_size": 100
  },
  "train": {
    "run_dir": "run", "batch_type": "sentences", "batch_size": 20, "learning_rate": 1e-2,
    "shards": 2, "threads": 2, "max_updates": 200, "valid_every": 100, "log_every": 20
  }
}
)";

}  // namespace

std::string toy_source(int first, int count) {
  return sentences(first, count, [](int i, int j) { return kEnglish[number(i, j)]; });
}

std::string toy_target(int first, int count) {
  return sentences(first, count, [](int i, int j) { return kFrench[number(i, j)]; });
}

std::string toy_links(int first, int count) {
  return sentences(first, count, [](int, int j) {
    const std::string word = std::to_string(j);
    return word + "-" + word;
  });
}

Toy::Toy() {
  folder_.file("train.en", toy_source(0, kToyTrain));
  folder_.file("train.fr", toy_target(0, kToyTrain));
  folder_.file("test.en", toy_source(kToyTrain, kToyTest));
  folder_.file("test.fr", toy_target(kToyTrain, kToyTest));
  folder_.file("test.align", toy_links(kToyTrain, kToyTest));
  folder_.file("config.json", kConfig);
  attn_ok({"train", "--config", config()});
}

const Toy& Toy::instance() {
  static const Toy toy;
  return toy;
}

Arguments Toy::train(const fs::path& run, const Arguments& more) const {
  return Arguments{"train", "--config", config(), "--set", "train.run_dir=" + run.string()} + more;
}

Arguments translate(const Arguments& more) {
  return Arguments{"translate", "--model", Toy::instance().best()} + more;
}

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void check_translates(const fs::path& model) {
  const Result result = attn_ok({"translate", "--model", model.string()}, "one two\nthree\n");
  CHECK(lines_of(result.out).size() == 2);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The text that training reads: what it takes, what it drops, and what it refuses by file and line.
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "toy.h"

namespace {

struct Texts {
  std::string source, target;
};

Arguments train_on(const Scratch& scratch, const Texts& texts, const Arguments& more = {}) {
  const auto source = scratch.file("my.en", texts.source),
             target = scratch.file("my.fr", texts.target);
  return Toy::instance().train(
      scratch / "run",
      Arguments{"--set", "data.train_source=" + source.string(), "--set",
                "data.train_target=" + target.string(), "--set", "train.max_updates=2"} +
          more);
}

void text_refused(const Texts& texts, const std::vector<std::string>& parts,
                  const Arguments& more = {}) {
  const Scratch scratch;
  attn_fails(2, train_on(scratch, texts, more), parts);
  CHECK_FALSE(fs::exists(scratch / "run" / "last"));
}

std::string gzip(const std::string& text, const Scratch& scratch) {
  const gzFile file = gzopen((scratch / "packing").c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  return attn::read_file(scratch / "packing");
}

}  // namespace

TEST_CASE("different line counts are refused with both") {
  text_refused({"one\ntwo\nthree\n", "un\ndeux\n"},
               {"my.en has 3 lines", "my.fr 2", "translate the same line"});
}

TEST_CASE("invalid UTF-8 and NULs are refused with file and line") {
  text_refused({"one\ntw\xff\n", "un\ndeux\n"},
               {"my.en:2: not valid UTF-8 at byte 3", "convert", "iconv"});
  text_refused({"one\ntwo\n", std::string("un\nde\0ux\n", 9)}, {"my.fr:2: a NUL at byte 3"});
}

TEST_CASE("texts without a sentence are refused") {
  text_refused({"", ""}, {"my.en", "no text"});
  text_refused({"\n \n", "\n\n"}, {"my.en", "no text", "empty"});
  text_refused({"one two three\n", "un deux trois\n"},
               {"my.en", "no sentence pair", "1 longer than the 2 pieces allowed"},
               {"--set", "data.max_length=2"});
}

TEST_CASE("a folder and a broken gzip are refused") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_fails(2,
             toy.train(scratch / "run", {"--set", "data.train_source=" + scratch.path().string()}),
             {scratch.path().string(), "directory"});
  const std::string packed = gzip(toy_source(0, kToyTrain), scratch);
  text_refused({packed.substr(0, packed.size() / 2), toy_target(0, kToyTrain)},
               {"my.en:", "gzip data ends too early", "complete"});
}

TEST_CASE("a text that may not be read is refused" * doctest::skip(geteuid() == 0)) {
  const Scratch scratch;
  const auto arguments = train_on(scratch, {"one\n", "un\n"});
  fs::permissions(scratch / "my.en", fs::perms::none);
  attn_fails(2, arguments, {"my.en: cannot open", "Permission denied"});
}

TEST_CASE("a vocabulary larger than the text allows is refused with what it allows") {
  const std::vector<std::string> parts = {
      "my.en", "a vocabulary of 100 is more than the text allows", "at most"};
  for (const char* type : {"unigram", "bpe"})
    text_refused({toy_source(0, kToyTrain), toy_target(0, kToyTrain)}, parts,
                 {"--set", "data.tokenizer=" + std::string(type)});
}

TEST_CASE("a SentencePiece model that is none is refused") {
  text_refused(
      {"one\n", "un\n"}, {"train.en: not a SentencePiece model"},
      {"--set", "data.source_tokenizer=" + Toy::instance().path("train.en"), "--set",
       "data.target_tokenizer=" + Toy::instance().path("train.en"), "--set", "data.tokenizer=null",
       "--set", "data.source_vocabulary_size=null", "--set", "data.target_vocabulary_size=null"});
}

TEST_CASE("CRLF, a byte-order mark and gzip change nothing") {
  const std::string source = toy_source(0, kToyTrain), target = toy_target(0, kToyTrain);
  const Scratch plain, windows, packed;
  attn_ok(train_on(plain, {source, target}));
  attn_ok(train_on(
      windows, {"\xef\xbb\xbf" + replaced(source, "\n", "\r\n"), replaced(target, "\n", "\r\n")}));
  attn_ok(train_on(packed, {gzip(source, packed), target}));
  const auto weights = [](const Scratch& scratch) {
    return attn::read_file(scratch / "run" / "last" / "model.safetensors");
  };
  CHECK(weights(windows) == weights(plain));
  CHECK(weights(packed) == weights(plain));
}

TEST_CASE("pairs that are empty or too long are dropped and counted") {
  const Scratch scratch;
  const std::string long_line = "one two three four five six\n";
  attn_ok(train_on(
      scratch,
      {toy_source(0, 20) + "\none\n" + long_line, toy_target(0, 20) + "un\n\n" + long_line},
      {"--set", "data.max_length=5"}));
  const std::string log = attn::read_file(scratch / "run" / "train.log");
  CAPTURE(log);
  CHECK(log.find("20 training pairs") != std::string::npos);
  CHECK(log.find("dropped 2 with an empty side") != std::string::npos);
  CHECK(log.find("dropped 1 over data.max_length") != std::string::npos);
}

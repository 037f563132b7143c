// The texts of training: accepted formats, dropped lines, and errors with file and line.
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
  attn_fails(1, train_on(scratch, texts, more), parts);
  CHECK_FALSE(fs::exists(scratch / "run" / "last"));
}

std::string gzip(const std::string& text, const Scratch& scratch) {
  const gzFile file = gzopen((scratch / "packing").c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  return attn::read_file(scratch / "packing");
}

}  // namespace

TEST_CASE("texts with different numbers of lines are an error that states both numbers") {
  text_refused({"one\ntwo\nthree\n", "un\ndeux\n"},
               {"my.en has 3 lines", "my.fr has 2", "same line"});
}

TEST_CASE("invalid UTF-8 and NUL bytes are errors with file and line") {
  text_refused({"one\ntw\xff\n", "un\ndeux\n"},
               {"my.en:2: not valid UTF-8 at byte 3", "convert", "iconv"});
  text_refused({"one\ntwo\n", std::string("un\nde\0ux\n", 9)}, {"my.fr:2: a NUL at byte 3"});
}

TEST_CASE("texts without a usable sentence pair are an error") {
  text_refused({"", ""}, {"my.en", "cannot train a vocabulary", "empty"});
  text_refused({"\n \n", "\n\n"}, {"my.en", "cannot train a vocabulary", "empty"});
  text_refused({"one two three\n", "un deux trois\n"},
               {"my.en", "no usable sentence pairs", "1 with more than 2 pieces"},
               {"--set", "data.max_length=2"});
}

TEST_CASE("a directory and a truncated gzip file are errors") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_fails(1,
             toy.train(scratch / "run", {"--set", "data.train_source=" + scratch.path().string()}),
             {scratch.path().string(), "directory"});
  const std::string packed = gzip(toy_source(0, kToyTrain), scratch);
  text_refused({packed.substr(0, packed.size() / 2), toy_target(0, kToyTrain)},
               {"my.en:", "gzip data ends too early", "complete"});
}

TEST_CASE("a text without read permission is an error" *
          doctest::test_suite("needs an unprivileged user")) {
  const Scratch scratch;
  const auto arguments = train_on(scratch, {"one\n", "un\n"});
  fs::permissions(scratch / "my.en", fs::perms::none);
  attn_fails(1, arguments, {"my.en: cannot open", "Permission denied"});
}

TEST_CASE("a vocabulary size that is too large for the text is an error that states the maximum") {
  const std::vector<std::string> parts = {"my.en", "vocabulary size 100 is too large for this text",
                                          "at most"};
  for (const char* type : {"unigram", "bpe"})
    text_refused({toy_source(0, kToyTrain), toy_target(0, kToyTrain)}, parts,
                 {"--set", "data.tokenizer=" + std::string(type)});
}

TEST_CASE("a file that is not a SentencePiece model is an error") {
  text_refused(
      {"one\n", "un\n"}, {"train.en: not a SentencePiece model"},
      {"--set", "data.source_tokenizer=" + Toy::instance().path("train.en"), "--set",
       "data.target_tokenizer=" + Toy::instance().path("train.en"), "--set", "data.tokenizer=null",
       "--set", "data.source_vocabulary_size=null", "--set", "data.target_vocabulary_size=null"});
}

TEST_CASE("CRLF, a byte-order mark and gzip do not change the trained weights") {
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

TEST_CASE("sentence pairs that are empty or too long are dropped and counted") {
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
  CHECK(log.find("dropped 1 longer than data.max_length") != std::string::npos);
}

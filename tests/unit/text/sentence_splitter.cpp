// The expected sentences are written by hand.
#include "text/sentence_splitter.h"

#include <doctest/doctest.h>

namespace {

using attn::SentenceSplitter;
using attn::TextRange;
using Strings = std::vector<std::string>;

Strings sentences(const std::string& line, const std::string& language = "") {
  Strings out;
  for (const TextRange& range : SentenceSplitter(language).split(line))
    out.push_back(line.substr(range.begin, range.end - range.begin));
  return out;
}

// Checks that the sentences, with spaces between them, are divided at these spaces and only there.
void check_sentences(const Strings& expected, const std::string& language = "") {
  std::string line;
  for (const auto& sentence : expected) line += (line.empty() ? "" : " ") + sentence;
  CAPTURE(line);
  CHECK(sentences(line, language) == expected);
}

}  // namespace

TEST_CASE(
    "sentences end after . ! ? before the next sentence, and white space between is dropped") {
  check_sentences({"The woman reads.", "Who reads?", "I do!", "She left"});
  CHECK(sentences(" \t One.  Two.\t\u00a0Three. ") == Strings{"One.", "Two.", "Three."});
  CHECK(sentences("").empty());
  CHECK(sentences("  \t").empty());
  CHECK(sentences("...") == Strings{"..."});
  CHECK(sentences("One line.\nAnother\nand one more") ==
        Strings{"One line.", "Another", "and one more"});
}

TEST_CASE("decimals, addresses, versions and abbreviations before lower case end no sentence") {
  check_sentences(
      {"It costs 3.50 euros, i.e. more than 2,75.", "See example.com or a.b/c?x=1 now."});
  check_sentences({"Version v2.Final is out.", "He sells fruit, e.g. apples, etc. and so on."});
}

TEST_CASE("abbreviations and initials before a capital letter end no sentence") {
  check_sentences({"Dr. Smith met Mrs. Jones.", "Prof. Li left e.g. Paris."});
  check_sentences({"J. R. R. Tolkien wrote it.", "The U.S. President read it.", "I. M. Pei too."});
  check_sentences({"So do I.", "We left."});
  check_sentences({"This is final.", "He went to the hospital.", "Joe met Joe.", "OK.", "Go."});
  check_sentences({"No. 10 Downing Street is old.", "He said no.", "She left."});
  check_sentences({"1. Wash the apples.", "2. Eat them."});
}

TEST_CASE("the abbreviations of the language are whole words") {
  check_sentences({"Er wohnt z.B. in Berlin.", "Das ist der Lehrer.", "Die Fa. Müller kommt."},
                  "de");
  check_sentences({"Am 3. Oktober ist ein Feiertag.", "Der Hr. Schmidt kommt."}, "de-AT");
  check_sentences({"C'est M. Dupont.", "La mer.", "Il viendra en janv. Elle aussi."}, "fr");
  CHECK(sentences("Er kommt ggf. Montag.", "de").size() == 1);
  CHECK(sentences("Er kommt ggf. Montag.", "en").size() == 2);
}

TEST_CASE("an ellipsis ends a sentence only before a capital letter") {
  check_sentences({"Well... then he left.", "Well… then he left."});
  check_sentences({"Well...", "Then he left…", "She stayed."});
  check_sentences({"he said . . . and left .", "she said ... nothing ."});
}

TEST_CASE("closing quotation marks and brackets belong to the sentence before them") {
  check_sentences({"“He said no.”", "She left."});
  check_sentences({"“No!” she said.", "He left (why?) and came.", "(He left.)", "She stayed."});
  check_sentences({"« Non ! » dit-elle.", "« Non ! »", "Elle part."});
  check_sentences({"He said \"No.\"", "\"Yes.\"", "She left."});
}

TEST_CASE("in tokenized text, a free-standing . ! ? ends a sentence before lower case too") {
  check_sentences({"i go .", "who is it ?", "it is me !", "what ?!", "no ? !", "yes ."});
  check_sentences({"it costs 3.5 euros .", "mr. smith left at 5 p.m .", "he came back ."});
  check_sentences({"\" no . \"", "she left .", "\" no ! \"", "\" yes \" , she said ."});
  check_sentences({"( he left . )", "“ no . ”", "`` no . ''", "she said ' no . '", "he came ."});
  check_sentences({"« Non ! » dit-elle .", "Il part ."});
  check_sentences({"He is 12 .", "Plan B .", "they left . ) ."});
  CHECK(sentences(" . . one .") == Strings{". . one ."});
}

TEST_CASE("sentences end in scripts with other marks, with and without white space") {
  CHECK(sentences("今日は暑い。元気ですか？「はい。」そうです！") ==
        Strings{"今日は暑い。", "元気ですか？", "「はい。」", "そうです！"});
  CHECK(sentences("你 好 。 再 见 。") == Strings{"你 好 。", "再 见 。"});
  check_sentences({"كيف حالك؟", "أنا بخير.", "شكرا جزيلا."});
  check_sentences({"राम जाता है।", "वह आता है।", "क्या?"});
  check_sentences({"Он ушёл.", "Кто это?", "А. С. Пушкин писал."}, "ru");
  // Thai has no mark of the end of a sentence, and its spaces are between clauses.
  CHECK(sentences("สวัสดีครับ ผมชื่อจอห์น ปี พ.ศ. 2500").size() == 1);
}

TEST_CASE("every character that is not white space is in exactly one sentence") {
  const std::string line = "a。b ! \" c . \" ) .. d?e …F\"\u3000G.\"h. .I. ' .\n' 1. K ''";
  std::size_t end = 0;
  std::string kept, all;
  for (const TextRange& range : SentenceSplitter().split(line)) {
    CHECK(range.begin >= end);
    CHECK(range.begin < range.end);
    kept += line.substr(range.begin, range.end - range.begin);
    end = range.end;
  }
  const auto without_spaces = [](const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      if (!attn::is_white_space(attn::read_forward(text, at)))
        out += text.substr(begin, at - begin);
    }
    return out;
  };
  CHECK(without_spaces(kept) == without_spaces(line));
}

#include "alignment/granularity.h"

#include <doctest/doctest.h>

#include "report/heatmap.h"
#include "report/heatmap_files.h"
#include "report/training_report.h"
#include "support/page_data.h"
#include "support/scratch.h"

using attn::AlignedPair, attn::at_granularity, attn::is_unspaced, attn::Json, attn::Granularity;
using attn::read_file, attn::write_heatmaps;

namespace {

using Texts = std::vector<std::string>;

// "I read books" → "我读书。", with four subwords for the English and three for the Chinese.
AlignedPair chinese() {
  AlignedPair pair;
  pair.pieces = {
      {"I", "read", " book", "s", "</s>"},
      {"我", "读书", "。", "</s>"},
      {{0.9, 0.1, 0, 0, 0}, {0, 0.5, 0.25, 0.25, 0}, {0, 0, 0, 0.25, 0.75}, {0, 0, 0, 0, 1}}};
  pair.source = {{"I", "read", "books"}, {{0}, {1}, {2}, {2}}};
  pair.target = {{"我读书。"}, {{0}, {0}, {0}}};
  return pair;
}

Json sentence_of(const attn::fs::path& path) {
  return Json::parse(read_file(path))["sentences"][0];
}

}  // namespace

TEST_CASE("a text is unspaced if its script has no spaces and it contains none") {
  for (const Texts& text : std::vector<Texts>{{"我喜欢读书。"},
                                              {"我喜欢读书，因为它很有趣", "所以我每天都读书。"},
                                              {"東京タワーは高いです。"},
                                              {"ผมชอบอ่านหนังสือ", "เพราะมันสนุก"},
                                              {"ខ្ញុំចូលចិត្តអានសៀវភៅ"},
                                              {"我在Google工作很多年了"},
                                              {"学校"}}) {
    CAPTURE(text[0]);
    CHECK(is_unspaced(text));
  }
  for (const Texts& text : std::vector<Texts>{{"unbelievable"},
                                              {"我", "喜欢", "读书", "。"},
                                              {"ผม", "ชอบ", "อ่าน", "หนังสือ"},
                                              {"나는", "책을", "읽는다"},
                                              {"한국어"},
                                              {"The", "word", "学校", "is", "Japanese"},
                                              {"القط"},
                                              {"。"},
                                              {"😀😀😀"},
                                              {""},
                                              {}}) {
    CAPTURE((text.empty() ? "nothing" : text[0]));
    CHECK_FALSE(is_unspaced(text));
  }
}

TEST_CASE("granularity applies to each side separately, automatically or as requested") {
  const AlignedPair pair = at_granularity(chinese(), Granularity::kAuto);
  CHECK(to_words(pair).source == Texts{"I", "read", "books", "</s>"});
  CHECK(to_words(pair).target == Texts{"我", "读书", "。", "</s>"});
  CHECK(to_words(pair).weights[1] == std::vector<double>{0, 0.5, 0.5, 0});
  CHECK(links_of(pair, to_words(pair)) == std::vector<attn::Link>{{0, 0}, {1, 1}, {2, 2}});
  CHECK(to_words(at_granularity(chinese(), Granularity::kWords)).target ==
        Texts{"我读书。", "</s>"});
  const AlignedPair pieces = at_granularity(chinese(), Granularity::kSubwords);
  CHECK(to_words(pieces).source == Texts{"I", "read", "book", "s", "</s>"});
  CHECK(to_words(pieces).weights == chinese().pieces.weights);
}

TEST_CASE("a subword without text is merged into the next one, or shown as a mark") {
  AlignedPair pair = chinese();
  pair.pieces.target = {"", "我读书", "", "。", "", "</s>"};
  pair.target.words_of.assign(5, {0});
  pair.pieces.weights.assign(6, {0, 0, 0, 0, 1});
  pair.pieces.weights[0] = {1, 0, 0, 0, 0};
  const AlignedPair shown = at_granularity(pair, Granularity::kAuto);
  CHECK(to_words(shown).target == Texts{"我读书", "。", "</s>"});
  CHECK(to_words(shown).weights[0] == std::vector<double>{0.5, 0, 0, 0.5});
  CHECK(shown.target.words_of == std::vector<std::vector<int>>{{0}, {0}, {1}, {1}, {1}});
  CHECK(at_granularity(pair, Granularity::kSubwords).target.words ==
        Texts{"▁", "我读书", "▁", "。", "▁"});
}

TEST_CASE("gold and combined links keep the granularity at words, and are dropped with subwords") {
  AlignedPair pair = chinese();
  pair.gold = {{{0, 0}}, {{0, 0}}};
  CHECK(at_granularity(pair, Granularity::kAuto).target.words == Texts{"我读书。"});
  CHECK(at_granularity(pair, Granularity::kAuto).gold.has_value());
  CHECK_FALSE(at_granularity(pair, Granularity::kSubwords).gold.has_value());
  pair.gold.reset();
  pair.combined = {{0, 0}};
  CHECK(at_granularity(pair, Granularity::kAuto).combined.has_value());
  CHECK_FALSE(at_granularity(pair, Granularity::kSubwords).combined.has_value());
}

TEST_CASE("heatmaps of a text without spaces show its subwords in every format") {
  const Scratch scratch;
  for (const char* name : {"x.html", "x.json", "x.tsv", "y.svg"})
    write_heatmaps(scratch / name, {chinese()});
  const AlignedPair shown = at_granularity(chinese(), Granularity::kAuto);
  CHECK(read_file(scratch / "y.svg") == attn::heatmap_svg(to_words(shown)));
  CHECK(read_file(scratch / "y.svg").find(">读书</text>") != std::string::npos);
  CHECK(Json::parse(read_file(scratch / "y.json"))["links"] == Json::parse("[[0,0],[1,1],[2,2]]"));

  const Json json = sentence_of(scratch / "x.json");
  CHECK(json["target"] == Json({"我", "读书", "。", "</s>"}));
  CHECK(json["links"] == Json::parse("[[0,0],[1,1],[2,2]]"));
  CHECK(json["subwords"]["target_word_indices"] == Json::parse("[[0],[1],[2]]"));
  CHECK(read_file(scratch / "x.tsv").find("\tmean\t1\t读书\t2\tbooks\t0.500000\n") !=
        std::string::npos);

  const Json page = page_data(read_file(scratch / "x.html")),
             target = page["sentences"][0]["targets"][0];
  CHECK(page["granularity"] == "words");
  CHECK(target["words"] == Json({"我", "读书", "。"}));
  CHECK(target["text"] == "我读书。");
  CHECK_FALSE(page["sentences"][0]["source"].contains("text"));
  CHECK(attn::report_sample(chinese(), "我读书。")["target"]["words"] == target["words"]);
}

TEST_CASE("with granularity subwords, files have subwords, and pages both") {
  const Scratch scratch;
  AlignedPair pair = chinese();
  pair.gold = {{{0, 0}}, {{0, 0}}};
  const attn::HeatmapFileOptions options = {"", 12, Granularity::kSubwords};
  for (const char* name : {"x.html", "x.json"}) write_heatmaps(scratch / name, {pair}, options);
  const Json json = sentence_of(scratch / "x.json");
  CHECK(json["source"] == Json({"I", "read", "book", "s", "</s>"}));
  CHECK_FALSE(json.contains("gold"));
  const Json page = page_data(read_file(scratch / "x.html"));
  CHECK(page["granularity"] == "subwords");  // the page also has words, with their links
  CHECK(page["sentences"][0]["source"]["words"] == Json({"I", "read", "books"}));
  CHECK(page["sentences"][0]["targets"][0].contains("gold"));
}

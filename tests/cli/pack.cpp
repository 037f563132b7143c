// attn pack and attn info: models in one file.
#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "base/safetensors.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

Arguments pack(const fs::path& model, const fs::path& output, const Arguments& more = {}) {
  return Arguments{"pack", model.string(), "--output", output.string()} + more;
}

std::string translated(const fs::path& model, const Arguments& more = {}) {
  return attn_ok(Arguments{"translate", "--model", model.string()} + more, toy_source(3, 20)).out;
}

std::string scores(const fs::path& model) {
  const auto& toy = Toy::instance();
  return attn_ok({"score", "--model", model.string(), "--source", toy.path("test.en"), "--target",
                  toy.path("test.fr")})
      .out;
}

}  // namespace

TEST_CASE("a packed model in float32 translates and scores as its directory does") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path packed = scratch / "x.attn";
  attn_ok(pack(toy.path("run"), packed, {"--precision", "float32"}));
  CHECK(translated(packed) == translated(toy.best()));
  CHECK(scores(packed) == scores(toy.best()));
  attn_ok(pack(toy.best(), scratch / "again.attn", {"--precision", "float32"}));
  CHECK(read_file(scratch / "again.attn") == read_file(packed));
}

TEST_CASE("a packed model in int8 is small, and its 8-bit products are those of its weights") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path run = scratch / "run", packed = scratch / "x.attn";
  attn_ok(toy.train(run, {"--set", "train.max_updates=2", "--set", "model.embedding_size=256",
                          "--set", "model.hidden_size=256"}));
  attn_ok(pack(run, packed));
  const auto small = attn::read_safetensors(packed);
  const auto whole = attn::read_safetensors(run / "best" / "model.safetensors");
  std::size_t packed_bytes = 0, bytes = 0;
  for (const auto& [name, tensor] : whole.tensors) {
    const auto& numbers = small.tensors.at(name);
    bytes += tensor.bytes.size();
    packed_bytes += numbers.bytes.size();
    CHECK(numbers.shape == tensor.shape);
    CHECK(numbers.dtype == (tensor.shape.size() == 2 ? "I8" : "F32"));
    if (tensor.shape.size() != 2) continue;
    const auto& scale = small.tensors.at(name + ".scale");
    packed_bytes += scale.bytes.size();
    const auto x = attn::values_of<double>(tensor, name),
               q = attn::values_of<double>(numbers, name), s = attn::values_of<double>(scale, name);
    for (std::size_t i = 0, columns = x.size() / s.size(); i < x.size(); ++i)
      REQUIRE(std::abs(q[i] * s[i / columns] - x[i]) <= s[i / columns] * 0.5000001);
  }
  CHECK(static_cast<double>(packed_bytes) <= 0.27 * static_cast<double>(bytes));
  CHECK(Json::parse(small.metadata.at("config"))["search"]["precision"] == "int8");
  // Packing the 8-bit weights again does not change them.
  attn_ok(pack(packed, scratch / "again.attn"));
  CHECK(read_file(scratch / "again.attn") == read_file(packed));
  attn_ok(pack(packed, scratch / "float.attn", {"--precision", "float32"}));
  CHECK(scores(scratch / "float.attn") == scores(packed));
  CHECK(translated(scratch / "float.attn", {"--set", "search.precision=int8"}) ==
        translated(packed));
}

TEST_CASE("equal tokenizers are stored once") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_ok(toy.train(scratch / "run",
                    {"--set", "train.max_updates=2", "--set", "data.shared_vocabulary=true",
                     "--set", "data.target_vocabulary_size=null"}));
  attn_ok(pack(scratch / "run", scratch / "shared.attn"));
  attn_ok(pack(toy.best(), scratch / "two.attn"));
  CHECK_FALSE(attn::read_safetensors(scratch / "shared.attn").tensors.contains("target.spm"));
  const auto two = attn::read_safetensors(scratch / "two.attn");
  CHECK(two.tensors.at("target.spm").bytes == read_file(toy.best() + "/target.spm"));
  CHECK(two.tensors.at("source.spm").dtype == "U8");
  CHECK(translated(scratch / "shared.attn", {"--set", "search.precision=float32"}) != "");
}

TEST_CASE("a flipped bit in any part of a packed model is an error that names the part") {
  const Scratch scratch;
  const fs::path packed = scratch / "x.attn";
  attn_ok(pack(Toy::instance().best(), packed));
  const std::string whole = read_file(packed);
  const auto refused = [&](std::size_t at, const std::string& part) {
    std::string flipped = whole;
    flipped[at] ^= 1;
    scratch.file("x.attn", flipped);
    attn_fails(1, {"translate", "--model", packed.string()},
               {packed.string() + ": " + part + ": damaged: its checksum is wrong"}, "one\n");
  };
  std::size_t at = whole.size();
  const auto file = attn::read_safetensors(packed);
  std::vector<std::pair<std::string, std::size_t>> parts;
  for (auto tensor = file.tensors.rbegin(); tensor != file.tensors.rend(); ++tensor) {
    at -= tensor->second.bytes.size();
    parts.emplace_back(tensor->first, at + tensor->second.bytes.size() / 2);
  }
  for (const auto& [part, place] : parts) refused(place, part);
  refused(whole.find("beam_size") + 2, "config");
  refused(whole.find("training_pairs") + 2, "card");
}

TEST_CASE("pack completes the card, and info shows it") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const fs::path packed = scratch / "x.attn";
  attn_ok(pack(toy.path("run"), packed,
               {"--source-language", "en", "--target-language", "fr", "--license", "CC0-1.0",
                "--description", "numbers from one to ten"}));
  const Json info = Json::parse(attn_ok({"info", packed.string(), "--json"}).out);
  const Json& card = info.at("card");
  CHECK(card.at("source_language") == "en");
  CHECK(card.at("target_language") == "fr");
  CHECK(card.at("license") == "CC0-1.0");
  CHECK(card.at("training_pairs") == kToyTrain);
  CHECK(card.at("updates").get<int>() % 100 == 0);
  const Json bleu = card.at("scores").at(0);
  CHECK(bleu.at("name") == "BLEU");
  const std::string signature = bleu.at("signature");
  CHECK_MESSAGE(signature.starts_with("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|"), signature);
  CHECK(signature.ends_with("|search:greedy"));
  double best = 0;
  for (const auto& line : lines_of(read_file(toy.path("run/metrics.jsonl")))) {
    const Json event = Json::parse(line);
    if (event.contains("bleu")) best = std::max(best, event["bleu"].get<double>());
  }
  CHECK(bleu.at("value").get<double>() == doctest::Approx(best));
  CHECK(info.at("precision") == "int8");
  CHECK(info.at("bytes") == fs::file_size(packed));
  const std::string text = attn_ok({"info", packed.string()}).out;
  for (const char* part : {"en to fr", "CC0-1.0", "numbers from one to ten", "200 pairs",
                           "additive score", "in int8", "checksums    correct"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(attn_ok({"info", toy.path("run")}).out.find("in float32") != std::string::npos);
}

TEST_CASE("pack and info reject what is not a model, and bad options") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto output = scratch / "x.attn";
  attn_fails(1, pack("nowhere", output), {"nowhere: there is no such model"});
  attn_fails(1, pack(scratch.path(), output), {"not a model directory"});
  attn_fails(1, pack(scratch.file("text", "one\n"), output), {"text: damaged safetensors file"});
  attn_fails(1, pack(toy.best(), scratch.path()), {"a directory; give a file name"});
  attn_fails(1, pack(toy.best(), output, {"--source-language", "English!"}),
             {"--source-language: \"English!\" is not a language tag"});
  attn_fails(2, pack(toy.best(), output, {"--precision", "int4"}), {"int8"});
  CHECK_FALSE(fs::exists(output));
  attn_ok(pack(toy.best(), output));
  attn_fails(1, pack(output, output), {"x.attn"});
}

TEST_CASE("a model that was copied and its run deleted translates, and eval asks for a text") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  fs::copy(toy.best(), scratch / "copy");
  CHECK(translated(scratch / "copy") == translated(toy.best()));
  attn_fails(1, {"eval", "--model", (scratch / "copy").string()}, {"names no test text"});
}

TEST_CASE("models of earlier versions can be read") {
  const fs::path fixtures = fs::path(ATTN_SOURCE_DIR) / "tests" / "fixtures";
  const std::string expected = read_file(fixtures / "format-2.fr");
  for (const char* model : {"format-2", "format-2.attn"}) {
    const Arguments arguments = {"translate", "--model", (fixtures / model).string(), "--input",
                                 (fixtures / "format-2.en").string()};
    CHECK(attn_ok(arguments).out == expected);
    CHECK(attn_ok({"info", (fixtures / model).string()}).out.find("en to fr") != std::string::npos);
  }
}

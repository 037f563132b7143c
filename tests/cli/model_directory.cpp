// Error messages for model directories that are damaged, incomplete or something else.
#include "base/file.h"
#include "base/safetensors.h"
#include "toy.h"

using attn::read_file;

namespace {

// A copy of the toy model that can be damaged.
class Copy {
 public:
  Copy() { fs::copy(Toy::instance().best(), folder_ / "model"); }

  std::string path(const std::string& file) const { return (folder_ / "model" / file).string(); }
  std::string weights() const { return path("model.safetensors"); }
  void write(const std::string& file, const std::string& content) const {
    folder_.file("model/" + file, content);
  }
  // Writes changed weights as another program would, without checksums.
  void write_weights(attn::SafeTensors file) const {
    file.metadata.erase("crc32");
    attn::write_safetensors(weights(), file);
  }
  void refused(const std::vector<std::string>& parts) const {
    attn_fails(1, {"translate", "--model", path("")}, parts, "one\n");
  }

 private:
  Scratch folder_;
};

}  // namespace

TEST_CASE("damaged weights are an error") {
  const std::string whole = read_file(Toy::instance().best() + "/model.safetensors");
  const Copy copy;
  const auto damaged = [&](const std::string& bytes) {
    copy.write("model.safetensors", bytes);
    copy.refused({copy.weights() + ": damaged", "safetensors"});
  };
  damaged("");
  damaged(whole.substr(0, 5));
  damaged(whole.substr(0, 100));
  damaged(whole.substr(0, whole.size() - 1));
  damaged(whole + "x");
  for (const std::size_t at : {std::size_t{7}, std::size_t{8}, whole.find("data_offsets")}) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x20);
    CAPTURE(at);
    damaged(flipped);
  }
}

TEST_CASE("a flipped bit in any part of a model is an error that names the part") {
  const Copy copy;
  const auto file = attn::read_safetensors(copy.weights());
  const std::string whole = read_file(copy.weights());
  std::size_t at = whole.size();
  for (auto tensor = file.tensors.rbegin(); tensor != file.tensors.rend(); ++tensor) {
    at -= tensor->second.bytes.size();
    std::string flipped = whole;
    flipped[at + tensor->second.bytes.size() / 2] ^= 4;
    copy.write("model.safetensors", flipped);
    copy.refused({copy.weights() + ": " + tensor->first + ": damaged: its checksum is wrong"});
  }
  copy.write("model.safetensors", whole);
  for (const std::string name : {"source.spm", "target.spm"}) {
    const std::string bytes = read_file(copy.path(name));
    std::string flipped = bytes;
    flipped[bytes.size() / 3] ^= 1;
    copy.write(name, flipped);
    copy.refused({copy.path(name) + ": damaged: its checksum is wrong"});
    copy.write(name, bytes);
  }
  check_translates(copy.path(""));
}

TEST_CASE("overlapping tensors and numbers that are not finite are an error") {
  const Copy copy;
  auto file = attn::read_safetensors(copy.weights());
  const std::string whole = read_file(copy.weights());
  auto& bias = file.tensors.at("output.b");
  std::string numbers(bias.bytes);
  numbers.replace(4, 4, "\0\0\xc0\x7f", 4);  // not a number, in float32
  bias.bytes = numbers;
  copy.write_weights(file);
  copy.refused(
      {copy.weights() + ": damaged: contains numbers that are not finite", "tensors: output.b"});

  bias.shape = {-bias.shape[0], -1};
  copy.write_weights(file);
  copy.refused({copy.weights() +
                ": damaged safetensors file: tensor output.b: its shape or data_offsets do not"});

  // Both biases of the first cell have the same size: the first gets the offsets of the second.
  const auto offsets = [&](const std::string& name) {
    const auto at = whole.find("data_offsets", whole.find("\"" + name + "\""));
    return std::pair(at, whole.substr(at, whole.find(']', at) - at));
  };
  const auto [x_at, x] = offsets("encoder.0.forward.b_x");
  const auto [h_at, h] = offsets("encoder.0.forward.b_h");
  REQUIRE(x.size() == h.size());
  REQUIRE(x != h);
  copy.write("model.safetensors", std::string(whole).replace(x_at, x.size(), h));
  copy.refused({copy.weights() + ": damaged safetensors file: its tensors overlap"});
}

TEST_CASE("missing, misshapen and unknown tensors are all named in one error") {
  const Copy copy;
  auto file = attn::read_safetensors(copy.weights());
  REQUIRE(file.tensors.count("output.b") == 1);
  file.tensors.erase("output.b");
  file.tensors.erase("readout.b");
  auto& embedding = file.tensors.at("source.embedding");
  std::swap(embedding.shape[0], embedding.shape[1]);
  file.tensors["decoder.9.w"] = file.tensors.at("decoder.0.w_x");
  copy.write_weights(file);
  copy.refused({copy.weights() + ": the tensors do not match", "missing: readout.b, output.b",
                "wrong shape: source.embedding is [16 × 12], not [12 × 16]",
                "unknown: decoder.9.w"});
}

TEST_CASE("a safetensors file of another program is an error") {
  const Copy copy;
  auto file = attn::read_safetensors(copy.weights());
  file.metadata.clear();
  copy.write_weights(file);
  copy.refused({copy.weights() + ": not an attn model"});
}

TEST_CASE("damaged and missing files of a model are named in the error") {
  SUBCASE("a truncated tokenizer") {
    const Copy copy;
    const std::string model = read_file(copy.path("target.spm"));
    copy.write("target.spm", model.substr(0, model.size() / 2));
    copy.refused({copy.path("target.spm") + ": damaged: its checksum is wrong"});
    copy.write_weights(attn::read_safetensors(copy.weights()));
    copy.refused({copy.path("target.spm") + ": not a SentencePiece model, or a damaged one"});
  }
  SUBCASE("a configuration of another program") {
    const Copy copy;
    copy.write("config.json", R"({"architectures": ["Bert"]})");
    copy.refused({copy.path("config.json") + ": architectures: unknown option"});
  }
  SUBCASE("a missing file") {
    for (const char* file : {"config.json", "model.safetensors", "source.spm", "target.spm"}) {
      const Copy copy;
      fs::remove(copy.path(file));
      copy.refused({"not a model directory (it has no " + std::string(file)});
    }
  }
}

TEST_CASE("a directory without a model is an error that suggests the best model of a run") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_fails(1, {"translate", "--model", scratch.path().string()},
             {scratch.path().string() + ": not a model directory", "RUN/best"});
  attn_fails(1, {"eval", "--model", "nowhere"}, {"nowhere: there is no such model"});
  attn_fails(1, {"translate", "--model", toy.path("run")},
             {toy.path("run") + ": not a model directory", "did you mean " + toy.best() + "?"});
}

TEST_CASE("a damaged training state is an error, but the models of the run translate") {
  const Scratch scratch;
  const auto& toy = Toy::instance();
  const fs::path run = scratch / "run";
  attn_ok(toy.train(run, {"--set", "train.max_updates=3"}));
  const std::string whole = read_file(run / "resume.safetensors");
  scratch.file("run/resume.safetensors", whole.substr(0, whole.size() / 2));
  attn_fails(1, toy.train(run, {"--resume"}), {"resume.safetensors: damaged"});
  check_translates(run / "last");

  std::string earlier = whole;
  earlier.replace(earlier.find("training state 4"), 16, "training state 3");
  scratch.file("run/resume.safetensors", earlier);
  attn_fails(1, toy.train(run, {"--resume"}), {"resume.safetensors: written by another version"});
}

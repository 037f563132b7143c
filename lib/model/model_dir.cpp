#include "model/model_dir.h"

#include "base/error.h"
#include "base/file.h"

namespace attn {
namespace {

std::string list_text(const std::string& what, const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "; " + what + ": " : ", ") + name;
  return out;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string out;
  for (const auto n : shape) out += (out.empty() ? "" : " × ") + std::to_string(n);
  return "[" + out + "]";
}

std::vector<std::int64_t> shape_of(const Entry& entry) {
  return {entry.shape.begin(), entry.shape.end()};
}

// 0 · x is NaN if x is not finite, and a sum is faster than a test of every number.
bool all_finite(In x) {
  return (Real(0) * x.map()).sum() == 0;
}

}  // namespace

void add_tensors(const Layout& layout, const Params& params, const std::string& prefix,
                 SafeTensors& file) {
  for (const auto& entry : layout.entries())
    file.tensors[prefix + entry.name] =
        make_tensor(shape_of(entry), IndexSpan(params.data(entry.slot), entry.slot.size()));
}

void take_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                  SafeTensors& file, Params& params) {
  std::vector<std::string> missing, wrong_shape, unknown, not_finite;
  for (const auto& entry : layout.entries()) {
    const auto found = file.tensors.find(prefix + entry.name);
    if (found == file.tensors.end()) {
      missing.push_back(prefix + entry.name);
      continue;
    }
    if (found->second.shape != shape_of(entry)) {
      wrong_shape.push_back(prefix + entry.name + " is " + shape_text(found->second.shape) +
                            ", not " + shape_text(shape_of(entry)));
    } else {
      const IndexSpan values(params.data(entry.slot), entry.slot.size());
      copy_values(found->second, where, std::span(values));
      if (!all_finite(params.vector(entry.slot))) not_finite.push_back(prefix + entry.name);
    }
    file.tensors.erase(found);
  }
  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with(prefix)) unknown.push_back(name);
  if (!not_finite.empty())
    throw Error(where + ": damaged: contains numbers that are not finite" +
                list_text("tensors", not_finite));
  if (missing.empty() && wrong_shape.empty() && unknown.empty()) return;
  throw Error(where + ": the tensors do not match the configuration" +
              list_text("missing", missing) + list_text("wrong shape", wrong_shape) +
              list_text("unknown", unknown));
}

void write_model(const std::filesystem::path& directory, const Model& model, const Params& weights,
                 const std::string& config_json) {
  SafeTensors file;
  file.metadata["format"] = "attn 1";
  add_tensors(model.network.layout(), weights, "", file);
  write_safetensors(directory / "model.safetensors", file);
  write_atomically(directory / "config.json", config_json);
  write_atomically(directory / "source.spm", model.source.bytes());
  write_atomically(directory / "target.spm", model.target.bytes());
}

Model read_model(const std::filesystem::path& directory, const ModelConfig& config,
                 const std::string& separator) {
  Model model(config, Tokenizer::load(directory / "source.spm").with_separator(separator),
              Tokenizer::load(directory / "target.spm"));
  const std::string where = (directory / "model.safetensors").string();
  SafeTensors file = read_safetensors(where);
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != "attn 1")
    throw Error(where + ": not an attn model: its metadata has no \"format\": \"attn 1\"");
  take_tensors(model.network.layout(), "", where, file, model.weights);
  return model;
}

}  // namespace attn

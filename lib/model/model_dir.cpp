#include "model/model_dir.h"

#include <set>

#include "base/error.h"
#include "model/quantized_weights.h"

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

void add_tensors(const Layout& layout, std::span<const Real> arena, const std::string& prefix,
                 SafeTensors& file) {
  for (const auto& entry : layout.entries())
    file.tensors[prefix + entry.name] = make_tensor(
        shape_of(entry), IndexSpan(arena).subspan(entry.slot.offset, entry.slot.size()));
}

void check_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                   const SafeTensors& file) {
  std::vector<std::string> missing, wrong_shape, unknown;
  std::set<std::string> known;
  for (const auto& entry : layout.entries()) {
    const std::string name = prefix + entry.name;
    const auto found = file.tensors.find(name);
    known.insert(name);
    if (found == file.tensors.end()) {
      missing.push_back(name);
      continue;
    }
    if (found->second.shape != shape_of(entry))
      wrong_shape.push_back(name + " is " + shape_text(found->second.shape) + ", not " +
                            shape_text(shape_of(entry)));
    if (!is_quantized(found->second)) continue;
    known.insert(scale_name(name));
    if (!file.tensors.contains(scale_name(name))) missing.push_back(scale_name(name));
  }
  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with(prefix) && !known.contains(name)) unknown.push_back(name);
  if (missing.empty() && wrong_shape.empty() && unknown.empty()) return;
  throw Error(where + ": the tensors do not match the configuration" +
              list_text("missing", missing) + list_text("wrong shape", wrong_shape) +
              list_text("unknown", unknown));
}

void take_tensors(const Layout& layout, const std::string& prefix, const std::string& where,
                  SafeTensors& file, std::span<Real> arena) {
  check_tensors(layout, prefix, where, file);
  std::vector<std::string> not_finite;
  for (const auto& entry : layout.entries()) {
    const std::string name = prefix + entry.name;
    const auto tensor = file.tensors.extract(name);
    const auto values = IndexSpan(arena).subspan(entry.slot.offset, entry.slot.size());
    if (is_quantized(tensor.mapped()))
      copy_quantized(tensor.mapped(), file.tensors.extract(scale_name(name)).mapped(),
                     where + ": " + name, std::span(values));
    else
      copy_values(tensor.mapped(), where, std::span(values));
    if (!all_finite(ConstMatrixView(values.data(), values.size(), 1))) not_finite.push_back(name);
  }
  if (!not_finite.empty())
    throw Error(where + ": damaged: contains numbers that are not finite" +
                list_text("tensors", not_finite));
}

ModelFile model_file(const Model& model, const Params& weights) {
  ModelFile file;
  add_tensors(model.network.layout(), weights.flat(), "", file.weights);
  file.source_tokenizer = model.source.bytes();
  file.target_tokenizer = model.target.bytes();
  return file;
}

Model to_model(ModelFile file, const ModelConfig& config, const std::string& separator) {
  Tokenizer source =
      Tokenizer::from_bytes(std::move(file.source_tokenizer), part_name(file, "source.spm"));
  Tokenizer target =
      Tokenizer::from_bytes(std::move(file.target_tokenizer), part_name(file, "target.spm"));
  // The shapes are checked before memory is allocated: those of the config may be huge.
  const Seq2Seq network(config, source.size(), target.size());
  check_tensors(network.layout(), "", file.name, file.weights);
  Model model(config, source.with_separator(separator), std::move(target));
  take_tensors(model.network.layout(), "", file.name, file.weights, model.weights.flat());
  return model;
}

}  // namespace attn

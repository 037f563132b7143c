#include "train/checkpoint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace attn {
namespace {

const char* const kState = "state.safetensors";
const char* const kFormat = "attn training state 2";
// What a run leaves beside its checkpoints.
const char* const kNames[] = {"last",          "best",          "config.json", "train.log",
                              "metrics.jsonl", "samples.jsonl", "report.html"};

std::string name_of(std::int64_t update) {
  return "update-" + std::to_string(update);
}

Json json_of(const TrainState& s) {
  Json json = {{"update", s.update},
               {"epoch", s.position.epoch},
               {"batch", s.position.batch},
               {"window", s.position.window},
               {"batch_in_chunk", s.position.batch_in_chunk},
               {"seconds", s.seconds},
               {"validations_since_best", s.progress.validations_since_best},
               {"validations_since_decay", s.progress.validations_since_decay},
               {"plateau_scale", s.progress.plateau_scale},
               {"best_update", s.best_update},
               {"validated", s.validated},
               {"expected_log_prob", s.expected_log_prob},
               {"objective", s.sums.objective},
               {"tokens", s.sums.tokens},
               {"sum_seconds", s.sums.seconds},
               {"metrics_bytes", s.metrics_bytes},
               {"train_data", s.train_data},
               {"valid_data", s.valid_data}};
  if (s.best) json["best"] = *s.best;
  return json;
}

TrainState state_of(const Json& json) {
  TrainState s;
  json.at("update").get_to(s.update);
  json.at("epoch").get_to(s.position.epoch);
  json.at("batch").get_to(s.position.batch);
  json.at("window").get_to(s.position.window);
  json.at("batch_in_chunk").get_to(s.position.batch_in_chunk);
  json.at("seconds").get_to(s.seconds);
  json.at("validations_since_best").get_to(s.progress.validations_since_best);
  json.at("validations_since_decay").get_to(s.progress.validations_since_decay);
  json.at("plateau_scale").get_to(s.progress.plateau_scale);
  json.at("best_update").get_to(s.best_update);
  json.at("validated").get_to(s.validated);
  json.at("expected_log_prob").get_to(s.expected_log_prob);
  json.at("objective").get_to(s.sums.objective);
  json.at("tokens").get_to(s.sums.tokens);
  json.at("sum_seconds").get_to(s.sums.seconds);
  json.at("metrics_bytes").get_to(s.metrics_bytes);
  json.at("train_data").get_to(s.train_data);
  json.at("valid_data").get_to(s.valid_data);
  if (json.contains("best")) s.best = json.at("best").get<double>();
  return s;
}

TrainState read_state(const SafeTensors& file, const std::string& where) {
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second != kFormat)
    throw Error(where + ": kept by another version of attn (" + format->second + ", not " +
                kFormat + "); continue with that version, or train anew with --overwrite");
  try {
    return state_of(parse_json(file.metadata.at("state"), where));
  } catch (const std::exception&) {
    throw Error(where + ": damaged: its state can't be read");
  }
}

// A folder update-N with a model in it; anything else of such a name is the user's.
bool is_checkpoint(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("update-") && name.size() > 7 &&
         name.find_first_not_of("0123456789", 7) == std::string::npos &&
         fs::exists(path / "model.safetensors");
}

// "last" and "best" are links, or not there. Error: a user's file or folder.
void check_link(const fs::path& link) {
  if (fs::exists(fs::symlink_status(link)) && !fs::is_symlink(link))
    throw Error(link.string() + ": no link that a run has made; move it away, or choose another " +
                "train.run_dir");
}

fs::path target_of(const fs::path& link) {
  std::error_code none;
  return fs::read_symlink(link, none).filename();
}

}  // namespace

bool RunDirectory::holds_run() const {
  for (const char* name : kNames)
    if (fs::exists(fs::symlink_status(path_ / name))) return true;
  return false;
}

void RunDirectory::make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error)
    throw Error(path_.string() + ": cannot make the run directory: " + error.message() +
                "; choose another train.run_dir");
}

void RunDirectory::create_empty() const {
  make();
  for (const char* link : {"last", "best"}) check_link(path_ / link);
  remove_temporaries(path_);
  for (const char* name : kNames) fs::remove(path_ / name);
  for (const auto& entry : fs::directory_iterator(path_))
    if (is_checkpoint(entry.path())) fs::remove_all(entry.path());
}

fs::path RunDirectory::last() const {
  if (!fs::exists(path_ / "last" / kState))
    throw Error(path_.string() + ": no checkpoint to resume from (there is no last/" + kState +
                "); train without --resume, with --overwrite if the directory holds a run");
  return path_ / "last";
}

void RunDirectory::save(const Model& model, const Params& weights, const std::string& config_json,
                        const TrainState& state, const std::vector<NamedArena>& arenas,
                        std::int64_t best) const {
  const std::string name = name_of(state.update);
  if (target_of(path_ / "last") != name) {
    write_directory_atomically(path_ / name, [&](const fs::path& folder) {
      write_model(folder, model, weights, config_json);
      SafeTensors file;
      file.metadata["format"] = kFormat;
      file.metadata["state"] = to_line(json_of(state));
      for (const auto& arena : arenas)
        add_tensors(model.network.layout(), *arena.params, arena.name + "/", file);
      write_safetensors(folder / kState, file);
    });
  }
  // The best first: whoever finds a last finds a best, and restore takes back one that is ahead.
  if (best == state.update || !fs::exists(path_ / "best")) swap_link(path_ / "best", name);
  swap_link(path_ / "last", name);
  remove_unused(state);
}

TrainState RunDirectory::restore(const Layout& layout,
                                 const std::vector<NamedArena>& arenas) const {
  const std::string where = (last() / kState).string();
  SafeTensors file = read_safetensors(where);
  const TrainState state = read_state(file, where);
  for (const auto& arena : arenas)
    take_tensors(layout, arena.name + "/", where, file, *arena.params);
  return state;
}

// Best as the state has it: the run may have been killed between the two swaps of a save, or have
// ended on a better one.
void RunDirectory::discard_newer(const TrainState& state) const {
  const std::string best = name_of(state.best_update);
  if (state.best && target_of(path_ / "best") != best && fs::exists(path_ / best))
    swap_link(path_ / "best", best);
  remove_unused(state);
}

// Checkpoints that nothing names, and the training state of those that are not the last.
void RunDirectory::remove_unused(const TrainState& state) const {
  remove_temporaries(path_);
  const fs::path last = target_of(path_ / "last"), best = target_of(path_ / "best");
  const fs::path scheduled = name_of(state.best_update);
  for (const auto& entry : fs::directory_iterator(path_)) {
    const fs::path name = entry.path().filename();
    if (!is_checkpoint(entry.path()) || name == last) continue;
    if (name == best || name == scheduled)
      fs::remove(entry.path() / kState);
    else
      fs::remove_all(entry.path());
  }
}

}  // namespace attn

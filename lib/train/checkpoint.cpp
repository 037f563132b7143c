#include "train/checkpoint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace attn {
namespace {

const char* const kState = "state.safetensors";
const char* const kFormat = "attn training state 3";
// The files and symlinks of a run, besides its checkpoints.
const char* const kRunFiles[] = {"last",          "best",          "config.json", "train.log",
                                 "metrics.jsonl", "samples.jsonl", "report.html"};

std::string checkpoint_name(std::int64_t update) {
  return "update-" + std::to_string(update);
}

// Calls visit(name, member) for each member of the state that every state file has. `State` is
// TrainState or const TrainState.
template <class State, class Visit>
void for_each_member(State& s, Visit visit) {
  visit("update", s.update);
  visit("epoch", s.position.epoch);
  visit("batch", s.position.batch);
  visit("chunk", s.position.chunk);
  visit("batch_in_chunk", s.position.batch_in_chunk);
  visit("seconds", s.seconds);
  visit("validations_since_best", s.progress.validations_since_best);
  visit("validations_since_decay", s.progress.validations_since_decay);
  visit("plateau_scale", s.progress.plateau_scale);
  visit("best_update", s.best_update);
  visit("validated", s.validated);
  visit("expected_log_prob", s.expected_log_prob);
  visit("objective", s.sums.objective);
  visit("tokens", s.sums.tokens);
  visit("sum_seconds", s.sums.seconds);
  visit("metrics_bytes", s.metrics_bytes);
  visit("train_data", s.train_data);
  visit("valid_data", s.valid_data);
}

Json state_to_json(const TrainState& s) {
  Json json = Json::object();
  for_each_member(s, [&](const char* name, const auto& member) { json[name] = member; });
  if (s.best) json["best"] = *s.best;
  return json;
}

TrainState state_from_json(const Json& json) {
  TrainState s;
  for_each_member(s, [&](const char* name, auto& member) { json.at(name).get_to(member); });
  if (json.contains("best")) s.best = json.at("best").get<double>();
  return s;
}

TrainState read_state(const SafeTensors& file, const std::string& where) {
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second != kFormat)
    throw Error(where + ": written by another version of attn (\"" + format->second +
                "\", expected \"" + kFormat +
                "\"); resume with that version, or start a new run with --overwrite");
  try {
    return state_from_json(parse_json(file.metadata.at("state"), where));
  } catch (const std::exception&) {
    throw Error(where +
                ": damaged: the training state is not readable; start a new run with --overwrite");
  }
}

// Returns whether `path` is a directory update-N with a model in it. Anything else with such a name
// belongs to the user.
bool is_checkpoint(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("update-") && name.size() > 7 &&
         name.find_first_not_of("0123456789", 7) == std::string::npos &&
         fs::exists(path / "model.safetensors");
}

// Throws Error if `last` or `best` exists and is not a symlink: it belongs to the user.
void check_symlink(const fs::path& path) {
  if (fs::exists(fs::symlink_status(path)) && !fs::is_symlink(path))
    throw Error(path.string() +
                ": not a symlink created by attn; move it or choose another train.run_dir");
}

// Returns the file name that a symlink refers to, or an empty path if there is no such symlink.
fs::path symlink_target(const fs::path& link) {
  std::error_code none;
  return fs::read_symlink(link, none).filename();
}

}  // namespace

bool RunDirectory::holds_run() const {
  for (const char* name : kRunFiles)
    if (fs::exists(fs::symlink_status(path_ / name))) return true;
  return false;
}

void RunDirectory::make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error)
    throw Error(path_.string() + ": cannot create the run directory: " + error.message() +
                "; choose another train.run_dir");
}

void RunDirectory::create_empty() const {
  make();
  for (const char* link : {"last", "best"}) check_symlink(path_ / link);
  remove_temporaries(path_);
  for (const char* name : kRunFiles) fs::remove(path_ / name);
  for (const auto& entry : fs::directory_iterator(path_))
    if (is_checkpoint(entry.path())) fs::remove_all(entry.path());
}

fs::path RunDirectory::last() const {
  if (!fs::exists(path_ / "last" / kState))
    throw Error(path_.string() + ": no checkpoint to resume from (last/" + kState +
                " is missing); train without --resume, and with --overwrite if the directory "
                "contains a run");
  return path_ / "last";
}

void RunDirectory::save(const Model& model, const Params& weights, const std::string& config_json,
                        const TrainState& state, const std::vector<NamedArena>& arenas,
                        std::int64_t best_update) const {
  const std::string name = checkpoint_name(state.update);
  if (symlink_target(path_ / "last") != name) {
    write_directory_atomically(path_ / name, [&](const fs::path& directory) {
      write_model(directory, model, weights, config_json);
      SafeTensors file;
      file.metadata["format"] = kFormat;
      file.metadata["state"] = to_line(state_to_json(state));
      for (const auto& arena : arenas)
        add_tensors(model.network.layout(), *arena.params, arena.name + "/", file);
      write_safetensors(directory / kState, file);
    });
  }
  // `best` is swapped first: if `last` exists, `best` exists, too. If the run is killed between the
  // two swaps, discard_newer resets `best`.
  if (best_update == state.update || !fs::exists(path_ / "best")) swap_link(path_ / "best", name);
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

// `best` can be newer than the state: the run may have been killed between the two swaps of a save,
// or its final validation may have found a better model.
void RunDirectory::discard_newer(const TrainState& state) const {
  const std::string best = checkpoint_name(state.best_update);
  if (state.best && symlink_target(path_ / "best") != best && fs::exists(path_ / best))
    swap_link(path_ / "best", best);
  remove_unused(state);
}

// Removes checkpoints that are neither last nor best, and the training state of all but the last.
void RunDirectory::remove_unused(const TrainState& state) const {
  remove_temporaries(path_);
  const fs::path last = symlink_target(path_ / "last"), best = symlink_target(path_ / "best");
  const fs::path best_of_state = checkpoint_name(state.best_update);
  for (const auto& entry : fs::directory_iterator(path_)) {
    const fs::path name = entry.path().filename();
    if (!is_checkpoint(entry.path()) || name == last) continue;
    if (name == best || name == best_of_state)
      fs::remove(entry.path() / kState);
    else
      fs::remove_all(entry.path());
  }
}

}  // namespace attn

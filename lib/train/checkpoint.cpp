#include "train/checkpoint.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "train/card.h"

namespace attn {
namespace {

const char* const kFormat = "attn training state 4";
// The files and directories of a run.
const char* const kRunFiles[] = {
    "last",          "best",          "config.json", "train.log",
    "metrics.jsonl", "samples.jsonl", "report.html", "resume.safetensors"};

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

TrainState read_state(const SafeTensors& file, const std::string& where) {
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second != kFormat)
    throw Error(where + ": written by another version of attn (\"" + format->second +
                "\", expected \"" + kFormat +
                "\"); resume with that version, or start a new run with --overwrite");
  try {
    return train_state_from_json(parse_json(file.metadata.at("state"), where));
  } catch (const std::exception&) {
    throw Error(where +
                ": damaged: the training state is not readable; start a new run with --overwrite");
  }
}

void write_state(const fs::path& path, const Layout& layout, const TrainState& state,
                 const std::vector<NamedArena>& arenas) {
  SafeTensors file;
  file.metadata["format"] = kFormat;
  file.metadata["state"] = to_line(to_json(state));
  for (const auto& arena : arenas) add_tensors(layout, arena.numbers, arena.name + "/", file);
  write_safetensors(path, file);
}

// Returns whether the name is ".last-N" or ".best-N".
bool is_aside(const std::string& name) {
  for (const std::string prefix : {".last-", ".best-"})
    if (name.starts_with(prefix) && name.size() > prefix.size() &&
        name.find_first_not_of("0123456789", prefix.size()) == std::string::npos)
      return true;
  return false;
}

// Throws Error if `last` or `best` exists and is no model directory: it belongs to the user.
void check_model_directory(const fs::path& path) {
  const fs::file_status status = fs::symlink_status(path);
  const bool is_ours =
      fs::is_directory(status) ? missing_file(path).empty() : fs::is_symlink(status);
  if (fs::exists(status) && !is_ours)
    throw Error(path.string() + ": not a model directory; move it or choose another train.run_dir");
}

// Removes a file or directory at once: a directory that is removed entry by entry would be a wreck
// if the process were killed.
void remove_at_once(const fs::path& path) {
  if (!fs::exists(fs::symlink_status(path))) return;
  const fs::path removed = path.parent_path() / (".removed.tmp-" + path.filename().string());
  fs::remove_all(removed);
  fs::rename(path, removed);
  fs::remove_all(removed);
}

}  // namespace

Json to_json(const TrainState& s) {
  Json json = Json::object();
  for_each_member(s, [&](const char* name, const auto& member) { json[name] = member; });
  if (s.best) json["best"] = *s.best;
  return json;
}

TrainState train_state_from_json(const Json& json) {
  TrainState s;
  for_each_member(s, [&](const char* name, auto& member) { json.at(name).get_to(member); });
  if (json.contains("best")) s.best = json.at("best").get<double>();
  return s;
}

bool RunDirectory::holds_run() const {
  for (const char* name : kRunFiles)
    if (fs::exists(fs::symlink_status(path_ / name))) return true;
  return false;
}

bool RunDirectory::can_resume() const {
  return fs::exists(state_file());
}

bool RunDirectory::holds_model() const {
  return can_resume() || fs::exists(fs::symlink_status(path_ / "last")) ||
         fs::exists(fs::symlink_status(path_ / "best"));
}

void RunDirectory::make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error)
    throw Error(path_.string() + ": cannot create the run directory: " + error.message() +
                "; choose another train.run_dir");
}

void RunDirectory::remove_run() const {
  for (const char* name : {"last", "best"}) check_model_directory(path_ / name);
  remove_temporaries(path_);
  for (const char* name : kRunFiles) remove_at_once(path_ / name);
  for (const auto& entry : fs::directory_iterator(path_))
    if (is_aside(entry.path().filename())) remove_at_once(entry.path());
}

fs::path RunDirectory::aside(const std::string& name, std::int64_t update) const {
  return path_ / ("." + name + "-" + std::to_string(update));
}

// The card may be damaged, because people edit it.
std::int64_t RunDirectory::update_of(const std::string& name) const {
  const fs::path card = path_ / name / "card.json";
  std::int64_t update = -1;
  error_message([&] { update = card_from_json(read_file(card), card.string()).updates; });
  return update;
}

// Puts the model directory of `update`, which is aside, in its place.
void RunDirectory::put(const std::string& name, std::int64_t update) const {
  if (fs::exists(fs::symlink_status(path_ / name)))
    fs::rename(path_ / name, aside(name, std::max<std::int64_t>(update_of(name), 0)));
  fs::rename(aside(name, update), path_ / name);
  sync_path(path_);
}

void RunDirectory::save(const ModelFile& file, const Layout& layout, const TrainState& state,
                        const std::vector<NamedArena>& arenas, std::int64_t best_update) const {
  const auto prepare = [&](const std::string& name) {
    if (update_of(name) == state.update) return;
    remove_at_once(aside(name, state.update));
    write_directory_atomically(aside(name, state.update), [&](const fs::path& directory) {
      write_model_directory(directory, file);
    });
  };
  const bool is_new = update_of("last") != state.update;
  const bool is_best = best_update == state.update || !fs::exists(path_ / "best");
  if (is_new) prepare("last");
  if (is_best) prepare("best");
  if (is_new) write_state(state_file(), layout, state, arenas);
  for (const std::string name : {"best", "last"})
    if (fs::exists(aside(name, state.update))) put(name, state.update);
  remove_aside(state);
}

void RunDirectory::check_resumable() const {
  if (!can_resume())
    throw Error(path_.string() + ": no checkpoint to resume from (" +
                state_file().filename().string() +
                " is missing); train without --resume, and with --overwrite if the directory "
                "contains a run");
}

void RunDirectory::repair() const {
  check_resumable();
  remove_temporaries(path_);
  const SafeTensors file = read_safetensors(state_file());
  const TrainState state = read_state(file, state_file().string());
  restore_model("last", state.update);
  restore_model("best", state.best ? state.best_update : state.update);
  remove_aside(state);
}

// Without a validation, the first model that is saved is the best.
void RunDirectory::restore_model(const std::string& name, std::int64_t update) const {
  if (update_of(name) != update && fs::exists(aside(name, update))) put(name, update);
  const bool is_absent = !fs::exists(path_ / name);
  for (const auto& entry : fs::directory_iterator(path_))
    if (is_absent && entry.path().filename().string().starts_with("." + name + "-")) {
      fs::rename(entry.path(), path_ / name);
      return;
    }
}

TrainState RunDirectory::restore(const Layout& layout,
                                 const std::vector<NamedArena>& arenas) const {
  const std::string where = state_file().string();
  SafeTensors file = read_safetensors(where);
  const TrainState state = read_state(file, where);
  for (const auto& arena : arenas)
    take_tensors(layout, arena.name + "/", where, file, arena.numbers);
  return state;
}

// Removes model directories that are not in their places, except the best one of the state, which a
// validation at the end of the run may have replaced.
void RunDirectory::remove_aside(const TrainState& state) const {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(path_))
    if (is_aside(entry.path().filename()) && entry.path() != aside("best", state.best_update))
      found.push_back(entry.path());
  for (const fs::path& path : found) remove_at_once(path);
}

}  // namespace attn

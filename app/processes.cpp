#include "processes.h"

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "base/system_info.h"
#include "failure.h"
#include "mpi/processes.h"
#include "version.h"

namespace attn {
namespace {

// Returns the ranks that have each text.
std::map<std::string, std::vector<std::string>> ranks_by_text(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::vector<std::string>> out;
  for (std::size_t r = 0; r < texts.size(); ++r) out[texts[r]].push_back(std::to_string(r));
  return out;
}

// Returns "A (ranks 0, 1), B (ranks 2, 3)".
std::string text_with_ranks(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const auto& [text, ranks] : ranks_by_text(texts))
    parts.push_back(text + (ranks.size() == 1 ? " (rank " : " (ranks ") + joined(ranks, ", ") +
                    ")");
  return joined(parts, ", ");
}

}  // namespace

int in_processes(const std::function<int(Communicator&)>& f) {
  const auto processes = connect_processes();
  bool is_complete = false, is_reported_elsewhere = false;
  const int code = guarded([&] {
    try {
      const int result = f(processes->communicator());
      is_complete = true;
      return result;
    } catch (const CommonError&) {
      is_reported_elsewhere = !processes->communicator().is_first();
      throw;
    }
  });
  if (is_complete)
    processes->finish();
  else
    processes->abort(code, is_reported_elsewhere);
  return code;
}

Config config_of_first(const std::function<Config()>& read, Communicator& communicator) {
  if (communicator.size() == 1) return read();
  const std::string text = communicator.from_first([&] { return to_line(to_json(read())); });
  return config_from_json(Json::parse(text), "the configuration of the first process");
}

void check_processes(int processes, int shards) {
  if (shards % processes == 0 && (processes & (processes - 1)) == 0) return;
  std::vector<std::string> possible;
  for (int n = 1; shards % n == 0; n *= 2) possible.push_back(std::to_string(n));
  throw CommonError(std::to_string(processes) + " processes cannot share train.shards = " +
                    std::to_string(shards) + "; start " + joined(possible, ", ") +
                    " of them, or raise train.shards to a multiple of a larger power of two");
}

void compare_processors(Communicator& communicator, RunLog& log) {
  if (communicator.size() == 1) return;
  const auto hosts = communicator.gather_texts(host_name());
  const auto processors = communicator.gather_texts(processor_name() + " with " + products_text());
  if (!communicator.is_first()) return;
  log.info("processes: " + text_with_ranks(hosts));
  if (ranks_by_text(processors).size() > 1)
    log.warn("the processes run on different types of processors or with different libraries: " +
             text_with_ranks(processors) +
             "; the same training on one type of processor may give slightly different weights");
}

void compare_fingerprints(Communicator& communicator, const std::string& what,
                          std::uint64_t fingerprint) {
  const auto all = communicator.all_values(fingerprint);
  for (std::size_t r = 0; r < all.size(); ++r)
    if (all[r] != all[0])
      throw CommonError("rank " + std::to_string(r) + " has other " + what +
                        " than rank 0; with data.read_by \"every_process\", the files must be the "
                        "same on all machines");
}

}  // namespace attn

#include "failure.h"

#include <exception>
#include <filesystem>
#include <new>

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "exit_code.h"
#include "mpi/processes.h"

namespace attn {

int guarded(const std::function<int()>& f) {
  try {
    return f();
  } catch (const CommonError& e) {
    if (launched_rank() == 0) spdlog::error("{}", e.what());
    return kUserError;
  } catch (const Error& e) {
    spdlog::error("{}", e.what());
    return kUserError;
  } catch (const std::filesystem::filesystem_error& e) {
    spdlog::error("{}: {}", e.path1().string(), e.code().message());
    return kUserError;
  } catch (const std::bad_alloc&) {
    spdlog::error(
        "out of memory; reduce train.batch_size, search.batch_size or the size of the model");
    return kUserError;
  } catch (const std::exception& e) {
    spdlog::critical("internal error, please report it: {}", e.what());
    return kInternalError;
  }
}

}  // namespace attn

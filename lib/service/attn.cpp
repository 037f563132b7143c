#include "service/attn.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "service/tasks.h"

namespace {

thread_local std::string last_error;

// Calls f, and keeps the message of its exception. Returns whether there was none.
bool succeeds(const std::function<void()>& f) {
  last_error = attn::any_error_message(f);
  return last_error.empty();
}

}  // namespace

struct attn_model {
  std::mutex mutex;
  std::unique_ptr<attn::TranslationService> service;
};

attn_model* attn_open(const char* path, int threads) {
  auto model = std::make_unique<attn_model>();
  const bool opened = succeeds([&] {
    if (path == nullptr) throw attn::Error("attn_open: the path is NULL");
    if (threads < 0 || threads > 256)
      throw attn::Error("attn_open: threads must be from 0 to 256, got " + std::to_string(threads));
    model->service = attn::open_service(path, threads);
  });
  return opened ? model.release() : nullptr;
}

char* attn_answer(attn_model* model, const char* request) {
  std::string answer;
  const bool answered = succeeds([&] {
    if (model == nullptr) throw attn::Error("attn_answer: the model is NULL");
    if (request == nullptr) throw attn::Error("attn_answer: the request is NULL");
    const attn::Json object = attn::parse_json_line(request, "the request");
    const std::lock_guard lock(model->mutex);
    answer = attn::to_line(attn::answer_task(*model->service, object));
  });
  return answered ? strdup(answer.c_str()) : nullptr;
}

void attn_free(char* answer) {
  std::free(answer);
}

const char* attn_error() {
  return last_error.c_str();
}

void attn_close(attn_model* model) {
  delete model;
}

const char* attn_version() {
  return ATTN_VERSION;
}

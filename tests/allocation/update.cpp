// An update allocates no memory after the first update of its shape. Calls of operator new are
// counted.
#include <atomic>
#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include "nn/attention/score.h"
#include "property/run.h"
#include "property/tiny.h"
#include "train/optimizer.h"

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  if (void* p = std::aligned_alloc(alignment, whole)) return p;
  throw std::bad_alloc();
}

}  // namespace

// All other forms call these.
void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort
  return counted(size, alignof(std::max_align_t));
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace attn::test {
namespace {

// Checks that updates allocate nothing after `warm_up` updates.
void check_updates(const Config& config, const TinyTask& task, int threads, int warm_up = 1) {
  Pool pool(threads);
  Model model(config.model, task.tokenizers.first, task.tokenizers.second);
  const RunDirectory run(config.train.run_dir);
  std::filesystem::create_directories(run.path());
  RunLog log(run.path(), 0);
  SingleProcess process;
  Trainer trainer(config, task.data, model, run, log, {pool, process});
  trainer.start();
  for (int update = 1; update <= warm_up; ++update) trainer.update();
  for (int update = 1; update <= 3; ++update) {
    const long before = allocations;
    trainer.update();
    const long count = allocations - before;
    CHECK(count == 0);
  }
}

}  // namespace

TEST_CASE("calls of operator new are counted") {
  const long before = allocations;
  const Buffer buffer(3);
  const auto number = std::make_unique<int>(1);
  CHECK(allocations - before == 2);
}

TEST_CASE("updates after the first allocate no memory, with every optimizer and model variant") {
  TinyTask task(60, 4, 4);  // batches of one shape, 5 per epoch
  Config& c = task.config;
  c.train.batch_size = 6;
  c.train.gradient_accumulation = 2;
  c.train.ema_decay = 0.9;
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    for (const auto& optimizer : optimizers()) {
      CAPTURE(optimizer.name);
      c.model = tiny_config();
      c.train.optimizer = optimizer.name;
      check_updates(c, task, threads);
    }
    c.train.optimizer = "adam";
    for_each_model([&](const ModelConfig& model) {
      c.model = model;
      check_updates(c, task, threads);
    });
  }
}

TEST_CASE("updates whose shards are processed in several chunks allocate no memory") {
  TinyTask task(640, 24, 24);  // batches of one shape; a shard has 32 sentences of 50 words
  task.config.train.batch_size = 64;
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    // Three updates, until each worker has processed a shard and merged its memory.
    check_updates(task.config, task, threads, 3);
  }
}

}  // namespace attn::test

// Requests of many clients that wait for one model. Those that wait together are translated
// together. Clients take turns, line by line, so a client with many lines does not delay the
// others.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "service/translation_service.h"

namespace attn {

// Too many lines are waiting.
class Overloaded : public Error {
 public:
  using Error::Error;
};

// A request was not answered in time.
class TimedOut : public Error {
 public:
  using Error::Error;
};

// The answer to one line of a job: a translation, or the message of the error.
struct QueueAnswer {
  std::optional<TranslatedLine> found;
  std::string error = {};
};

// Any number of threads may call translate().
class TranslationQueue {
 public:
  // `service` must outlive the queue, which is its only user. At most `max_lines` lines wait.
  TranslationQueue(TranslationService& service, std::size_t max_lines);
  // Waits until the lines that are being translated are done.
  ~TranslationQueue();
  TranslationQueue(const TranslationQueue&) = delete;
  TranslationQueue& operator=(const TranslationQueue&) = delete;

  // Translates the lines of a client and waits for them. Throws Overloaded at once, or TimedOut
  // after `timeout`, which also ends the search for the lines.
  std::vector<QueueAnswer> translate(std::vector<Request> lines, const std::string& client,
                                     std::chrono::milliseconds timeout);
  // Returns the number of lines that wait.
  std::size_t waiting() const;

 private:
  struct Job {
    std::vector<Request> lines;
    std::vector<QueueAnswer> answers;
    std::size_t next = 0;                   // the first line that waits
    std::size_t pending = 0;                // lines that are not answered
    std::atomic<bool> is_given_up = false;  // nobody waits for the answers
  };
  struct Place {  // a line of a job
    std::shared_ptr<Job> job;
    std::size_t line;
  };

  void run();
  // Takes the next lines, one of each client in turn.
  std::vector<Place> take_batch();
  void answer(const std::vector<Place>& batch);
  void answer_one_by_one(const std::vector<Place>& batch, const std::vector<Request>& lines);

  TranslationService& service_;
  const std::size_t max_lines_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, answered_;
  std::map<std::string, std::deque<std::shared_ptr<Job>>> jobs_;  // the jobs of each client
  std::string last_client_;                                       // whose turn it was last
  std::size_t waiting_ = 0;
  bool has_ended_ = false;
  BackgroundThread thread_;
};

}  // namespace attn

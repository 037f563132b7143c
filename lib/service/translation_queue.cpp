#include "service/translation_queue.h"

#include <algorithm>

namespace attn {
namespace {

constexpr std::size_t kMaxBatch = 256;  // lines that are translated together

}  // namespace

TranslationQueue::TranslationQueue(TranslationService& service, std::size_t max_lines)
    : service_(service), max_lines_(max_lines), thread_([this] { run(); }) {}

TranslationQueue::~TranslationQueue() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  arrived_.notify_all();
}

std::size_t TranslationQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::vector<QueueAnswer> TranslationQueue::translate(std::vector<Request> lines,
                                                     const std::string& client,
                                                     std::chrono::milliseconds timeout) {
  if (lines.empty()) return {};
  const auto job = std::make_shared<Job>();
  job->lines = std::move(lines);
  job->pending = job->lines.size();
  job->answers.resize(job->pending);
  std::unique_lock lock(mutex_);
  if (waiting_ + job->pending > max_lines_)
    throw Overloaded("too many lines are waiting; try again later");
  waiting_ += job->pending;
  jobs_[client].push_back(job);
  arrived_.notify_one();
  if (answered_.wait_for(lock, timeout, [&] { return job->pending == 0; }))
    return std::move(job->answers);
  job->is_given_up = true;
  waiting_ -= job->lines.size() - job->next;
  std::erase(jobs_[client], job);
  if (jobs_[client].empty()) jobs_.erase(client);
  throw TimedOut("the translation takes too long; send less text at once, or try again later");
}

void TranslationQueue::run() {
  for (auto batch = take_batch(); !batch.empty(); batch = take_batch()) answer(batch);
}

std::vector<TranslationQueue::Place> TranslationQueue::take_batch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return waiting_ > 0 || has_ended_; });
  std::vector<Place> batch;
  while (waiting_ > 0 && batch.size() < kMaxBatch) {
    auto turn = jobs_.upper_bound(last_client_);
    if (turn == jobs_.end()) turn = jobs_.begin();
    last_client_ = turn->first;
    auto& jobs = turn->second;
    const std::shared_ptr<Job> job = jobs.front();
    batch.push_back({job, job->next++});
    --waiting_;
    jobs.pop_front();
    if (job->next < job->lines.size()) jobs.push_back(job);  // the client's jobs take turns, too
    if (jobs.empty()) jobs_.erase(turn);
  }
  return batch;
}

void TranslationQueue::answer(const std::vector<Place>& batch) {
  std::vector<Request> lines;
  for (const Place& place : batch) lines.push_back(place.job->lines[place.line]);
  const auto is_wanted = [&](std::size_t i) { return !batch[i].job->is_given_up; };
  std::vector<TranslatedLine> found;
  const std::string error =
      any_error_message([&] { found = service_.translate(lines, Spread::yes, {}, is_wanted); });
  if (!error.empty()) return answer_one_by_one(batch, lines);
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].job->answers[batch[i].line].found = std::move(found[i]);
    --batch[i].job->pending;
  }
  answered_.notify_all();
}

// A line that cannot be translated, for instance because memory does not suffice, must not harm
// the others.
void TranslationQueue::answer_one_by_one(const std::vector<Place>& batch,
                                         const std::vector<Request>& lines) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto is_wanted = [&](std::size_t) { return !batch[i].job->is_given_up; };
    QueueAnswer answer;
    answer.error = any_error_message([&] {
      answer.found =
          std::move(service_.translate({&lines[i], 1}, Spread::yes, {}, is_wanted).at(0));
    });
    const std::lock_guard lock(mutex_);
    batch[i].job->answers[batch[i].line] = std::move(answer);
    --batch[i].job->pending;
    answered_.notify_all();
  }
}

}  // namespace attn

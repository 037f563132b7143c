#include "service/http_server.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <httplib.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/json.h"
#include "base/stopwatch.h"

namespace attn {
namespace {

constexpr int kBacklog = 1024;       // connections that the system holds for the server
constexpr int kRefusingThreads = 4;  // answer connections beyond the limit

// Set while a thread serves a connection beyond the limit.
thread_local bool is_refused = false;

// Serves connections with one thread each. Those beyond the limit are served by a few other
// threads, which refuse their requests.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(int limit)
      : limit_(limit), served_(static_cast<std::size_t>(limit)), refused_(kRefusingThreads) {}

  void enqueue(std::function<void()> serve) override {
    if (open_.fetch_add(1) < limit_)
      served_.enqueue([this, serve = std::move(serve)] {
        serve();
        --open_;
      });
    else
      refused_.enqueue([this, serve = std::move(serve)] {
        is_refused = true;
        serve();
        is_refused = false;
        --open_;
      });
  }
  void shutdown() override {
    served_.shutdown();
    refused_.shutdown();
  }

 private:
  const int limit_;
  std::atomic<int> open_ = 0;
  httplib::ThreadPool served_, refused_;
};

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request{from.method, from.path, from.body, from.remote_addr};
  const std::string type = from.get_header_value("Content-Type");
  request.has_form = type.starts_with("application/x-www-form-urlencoded") ||
                     type.starts_with("multipart/form-data");
  for (const auto& [name, value] : from.params) request.fields.emplace(name, value);
  for (const auto& [name, file] : from.files) request.fields.emplace(name, file.content);
  return request;
}

void copy_response(const HttpResponse& from, httplib::Response& to) {
  to.status = from.status;
  to.set_content(from.body, from.content_type);
  if (from.retry_after > 0) to.set_header("Retry-After", std::to_string(from.retry_after));
}

// Returns the message for a status that the library has set.
std::string status_message(int status, const HttpLimits& limits) {
  if (status == 404) return "there is no such address with this method; GET / shows a page";
  if (status == 413)
    return "the request has more than " + std::to_string(limits.max_body_bytes) +
           " bytes; send less text at once";
  if (status == 405) return "this address does not support the method";
  return "the request is not valid HTTP";
}

}  // namespace

HttpResponse error_response(int status, const std::string& message) {
  return {status, Json{{"error", message}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

struct HttpServer::State {
  HttpLimits limits;
  Observer observer;
  httplib::Server server;
  int socket = -1;  // that listens
};

HttpServer::HttpServer(const HttpLimits& limits, Observer observer)
    : state_(new State{limits, std::move(observer), {}, -1}) {
  httplib::Server& server = state_->server;
  server.new_task_queue = [&limits = state_->limits] {
    return new ConnectionThreads(limits.max_connections);
  };
  server.set_payload_max_length(limits.max_body_bytes);
  server.set_read_timeout(limits.transfer_timeout);
  server.set_write_timeout(limits.transfer_timeout);
  server.set_keep_alive_timeout(limits.idle_timeout.count());
  server.set_keep_alive_max_count(1000000);
  server.set_tcp_nodelay(true);
  // The library's own options would let several servers share a port.
  server.set_socket_options([this](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    state_->socket = socket;
  });
  if (!limits.allow_origin.empty()) {
    server.set_default_headers({{"Access-Control-Allow-Origin", limits.allow_origin},
                                {"Access-Control-Allow-Headers", "Content-Type"},
                                {"Access-Control-Allow-Methods", "GET, POST, OPTIONS"}});
    server.Options(".*", [](const httplib::Request&, httplib::Response& to) { to.status = 204; });
  }
  server.set_pre_routing_handler([](const httplib::Request&, httplib::Response& to) {
    if (!is_refused) return httplib::Server::HandlerResponse::Unhandled;
    HttpResponse refusal = error_response(429, "too many connections; try again later");
    refusal.retry_after = 1;
    copy_response(refusal, to);
    to.set_header("Connection", "close");
    return httplib::Server::HandlerResponse::Handled;
  });
  server.set_error_handler([this](const httplib::Request& from, httplib::Response& to) {
    if (!to.body.empty()) return;
    const HttpResponse answer =
        error_response(to.status, status_message(to.status, state_->limits));
    copy_response(answer, to);
    state_->observer(request_of(from), answer, 0);
  });
}

HttpServer::~HttpServer() = default;

void HttpServer::add(const std::string& method, const std::string& path, Handler handler) {
  const auto serve = [this, handler = std::move(handler)](const httplib::Request& from,
                                                          httplib::Response& to) {
    const Stopwatch watch;
    const HttpRequest request = request_of(from);
    HttpResponse answer;
    const std::string error = any_error_message([&] { answer = handler(request); });
    if (!error.empty()) answer = error_response(500, error);
    copy_response(answer, to);
    state_->observer(request, answer, watch.seconds());
  };
  if (method == "GET")
    state_->server.Get(path, serve);
  else
    state_->server.Post(path, serve);
}

int HttpServer::bind(const std::string& host, int port) {
  const int bound = port == 0 ? state_->server.bind_to_any_port(host)
                              : (state_->server.bind_to_port(host, port) ? port : -1);
  if (bound < 0)
    throw Error(host + ":" + std::to_string(port) +
                ": cannot listen: " + (errno == 0 ? "no such address" : std::strerror(errno)) +
                "; choose another --host or --port");
  listen(state_->socket, kBacklog);  // instead of the library's 5, which delays clients by seconds
  return bound;
}

void HttpServer::run() {
  state_->server.listen_after_bind();
}

void HttpServer::stop() {
  state_->server.stop();
}

}  // namespace attn

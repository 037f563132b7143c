#include "service/http_server.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <httplib.h>
#include <netinet/in.h>
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

// Returns a request without its body, but with the fields of the address.
HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request{from.method, from.path, "", from.remote_addr};
  for (const auto& [name, value] : from.params) request.fields.emplace(name, value);
  request.has_form = true;
  return request;
}

// Reads the body into the request. The library would do so by itself, but it refuses forms of more
// than 8 KB. Returns false if the body cannot be read or is too large.
bool read_body(const httplib::Request& from, const httplib::ContentReader& read,
               HttpRequest& request) {
  if (from.is_multipart_form_data()) {
    std::string* value = nullptr;
    return read(
        [&](const httplib::MultipartFormData& part) {
          value = &(request.fields[part.name] = "");
          return true;
        },
        [&](const char* data, std::size_t size) {
          value->append(data, size);
          return true;
        });
  }
  const bool is_complete = read([&](const char* data, std::size_t size) {
    request.body.append(data, size);
    return true;
  });
  const bool is_form =
      from.get_header_value("Content-Type").starts_with("application/x-www-form-urlencoded");
  if (is_form) {
    httplib::Params fields;
    httplib::detail::parse_query_text(request.body, fields);
    for (const auto& [name, field] : fields) request.fields.emplace(name, field);
  }
  request.has_form = is_form || request.body.empty();
  return is_complete;
}

void copy_response(const HttpResponse& from, httplib::Response& to) {
  to.status = from.status;
  to.set_content(from.body, from.content_type);
  if (from.retry_after > 0) to.set_header("Retry-After", std::to_string(from.retry_after));
}

// Ends the input of all connections to a port of this process: those that wait for a request end at
// once, and the answers to those under way are still sent. The library has no function for this.
void end_input(int port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    sockaddr_storage own{}, peer{};
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_size) != 0 ||
        getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0)
      continue;
    const bool is_ipv4 = own.ss_family == AF_INET, is_ipv6 = own.ss_family == AF_INET6;
    const auto own_port = is_ipv4   ? reinterpret_cast<sockaddr_in*>(&own)->sin_port
                          : is_ipv6 ? reinterpret_cast<sockaddr_in6*>(&own)->sin6_port
                                    : 0;
    if (ntohs(own_port) == port) shutdown(descriptor, SHUT_RD);
  }
}

// Returns the message for a status that the library has set.
std::string status_message(int status, const HttpLimits& limits) {
  if (status == 404) return "there is no such address; GET / shows a page";
  if (status == 413)
    return "the request has more than " + std::to_string(limits.max_body_bytes) +
           " bytes; send less text at once";
  return "the request is not valid HTTP";
}

// Returns whether the message has no body. The library would wait for one after a POST.
bool lacks_body(const httplib::Request& request) {
  return !request.has_header("Content-Length") && !request.has_header("Transfer-Encoding");
}

}  // namespace

HttpResponse error_response(int status, const std::string& message) {
  return {status, Json{{"error", message}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

struct HttpServer::State {
  HttpLimits limits;
  Observer observer;
  httplib::Server server;
  int socket = -1, port = 0;                                     // that listens
  std::map<std::string, std::map<std::string, Handler>> routes;  // by path and method

  // Answers with the handler of the request.
  void serve(const httplib::Request& from, const HttpRequest& request,
             httplib::Response& to) const {
    const Stopwatch watch;
    const Handler& handler = routes.at(from.path).at(from.method == "HEAD" ? "GET" : from.method);
    HttpResponse answer;
    const std::string error = any_error_message([&] { answer = handler(request); });
    if (!error.empty()) answer = error_response(500, error);
    copy_response(answer, to);
    observer(request, answer, watch.seconds());
  }
  // Answers a request whose body has not been read, if that is possible.
  bool serve_early(const httplib::Request& from, httplib::Response& to) const;
};

bool HttpServer::State::serve_early(const httplib::Request& from, httplib::Response& to) const {
  const auto refuse = [&](HttpResponse refusal) {
    copy_response(refusal, to);
    to.set_header("Connection", "close");
    observer(request_of(from), refusal, 0);
  };
  if (is_refused) {
    HttpResponse refusal = error_response(429, "too many connections; try again later");
    refusal.retry_after = 1;
    refuse(refusal);
    return true;
  }
  const auto route = routes.find(from.path);
  if (route == routes.end()) return false;
  if (from.method == "OPTIONS" && !limits.allow_origin.empty()) return false;
  if (!route->second.contains(from.method == "HEAD" ? "GET" : from.method)) {
    std::string allowed;
    for (const auto& [method, handler] : route->second)
      allowed += (allowed.empty() ? "" : ", ") + method;
    refuse(error_response(405, from.path + " supports " + allowed + " only"));
    to.set_header("Allow", allowed);
    return true;
  }
  if (from.method != "POST" || !lacks_body(from)) return false;
  serve(from, request_of(from), to);
  return true;
}

HttpServer::HttpServer(const HttpLimits& limits, Observer observer)
    : state_(new State{limits, std::move(observer), {}, -1, 0, {}}) {
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
  server.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
    return state_->serve_early(from, to) ? httplib::Server::HandlerResponse::Handled
                                         : httplib::Server::HandlerResponse::Unhandled;
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
  state_->routes[path][method] = std::move(handler);
  if (method == "GET")
    state_->server.Get(path, [this](const httplib::Request& from, httplib::Response& to) {
      state_->serve(from, request_of(from), to);
    });
  else
    state_->server.Post(path, [this](const httplib::Request& from, httplib::Response& to,
                                     const httplib::ContentReader& read) {
      HttpRequest request = request_of(from);
      if (read_body(from, read, request)) state_->serve(from, request, to);
      if (to.status < 0) to.status = 400;
    });
}

int HttpServer::bind(const std::string& host, int port) {
  const int bound = port == 0 ? state_->server.bind_to_any_port(host)
                              : (state_->server.bind_to_port(host, port) ? port : -1);
  if (bound < 0)
    throw Error(host + ":" + std::to_string(port) +
                ": cannot listen: " + (errno == 0 ? "no such address" : std::strerror(errno)) +
                "; choose another --host or --port");
  state_->port = bound;
  listen(state_->socket, kBacklog);  // instead of the library's 5, which delays clients by seconds
  return bound;
}

void HttpServer::run() {
  state_->server.listen_after_bind();
}

void HttpServer::stop() {
  state_->server.stop();
  end_input(state_->port);
}

}  // namespace attn

// An HTTP server: connections, limits and errors. What requests mean is up to handlers.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace attn {

struct HttpRequest {
  std::string method, path, body;
  std::string client;     // address of the client
  bool has_form = false;  // the fields come from a form or, without a body, from the address
  std::map<std::string, std::string> fields = {};  // values of the form or of the address
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  int retry_after = 0;  // seconds; 0: no such header
};

struct HttpLimits {
  std::size_t max_body_bytes = std::size_t{4} << 20U;
  int max_connections = 256;
  // How long a client may take to send or receive, and how long an idle connection stays open.
  std::chrono::seconds transfer_timeout{15}, idle_timeout{15};
  std::string allow_origin = {};  // Access-Control-Allow-Origin; "": not sent
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // Called after each request, by several threads.
  using Observer = std::function<void(const HttpRequest&, const HttpResponse&, double seconds)>;

  HttpServer(const HttpLimits& limits, Observer observer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Adds a handler of GET or POST requests to a path. It is called by several threads. An exception
  // becomes the answer 500. Other methods on the path are refused.
  void add(const std::string& method, const std::string& path, Handler handler);

  // Binds to an address; port 0 selects a free one. Returns the port. Throws Error if that fails.
  int bind(const std::string& host, int port);
  // Serves requests until stop() is called; then finishes those under way.
  void run();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Returns the answer {"error": message}.
HttpResponse error_response(int status, const std::string& message);

}  // namespace attn

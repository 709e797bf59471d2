#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "duet/core/error.h"

namespace duet {

/// A small HTTP/1.1 server on 127.0.0.1 for tests of downloads: GET of fixed contents, one connection at a time.
class LoopbackServer {
 public:
  struct Options {
    bool ranges = true;      ///< answers Range with 206; otherwise with the whole content and 200
    size_t break_after = 0;  ///< closes the connection after as many bytes of content, once; 0: never
  };

  LoopbackServer(std::map<std::string, std::string> contents, Options options)
      : contents_(std::move(contents)), options_(options), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || ::listen(socket_, 8) != 0 || ::getsockname(socket_, any, &size) != 0)
      fail(Fault::internal, "the test's server cannot listen on 127.0.0.1");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Value of each request's Range header, empty where it had none, in order.
  std::vector<std::string> ranges() const {
    const std::lock_guard lock(mutex_);
    return ranges_;
  }

 private:
  void serve() {
    while (!stop_) {
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) continue;
      answer(connection);
      ::close(connection);
    }
  }

  static void send_all(int connection, const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<size_t>(n);
    }
  }

  void answer(int connection) {
    std::string request;
    char block[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(connection, block, sizeof(block), 0);
      if (n <= 0) return;
      request.append(block, static_cast<size_t>(n));
    }
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    std::string range;
    if (const size_t at = request.find("Range: "); at != std::string::npos)
      range = request.substr(at + 7, request.find('\r', at) - at - 7);
    {
      const std::lock_guard lock(mutex_);
      ranges_.push_back(range);
    }
    const auto found = contents_.find(path);
    if (found == contents_.end())
      return send_all(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    send_content(connection, found->second, range);
  }

  void send_content(int connection, const std::string& content, const std::string& range) {
    const size_t begin = options_.ranges && !range.empty() ? std::stoul(range.substr(range.find('=') + 1)) : 0;
    if (begin > 0 && begin >= content.size())
      return send_all(connection,
                      "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    std::string head = begin > 0 ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n";
    if (begin > 0)
      head += "Content-Range: bytes " + std::to_string(begin) + "-" + std::to_string(content.size() - 1) + "/" +
              std::to_string(content.size()) + "\r\n";
    head += "Content-Length: " + std::to_string(content.size() - begin) + "\r\nConnection: close\r\n\r\n";
    std::string body = content.substr(begin);
    if (options_.break_after > 0) body.resize(std::min(body.size(), options_.break_after));
    options_.break_after = 0;
    send_all(connection, head + body);
  }

  std::map<std::string, std::string> contents_;
  Options options_;
  int socket_;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> ranges_;
  std::thread thread_;
};

}  // namespace duet

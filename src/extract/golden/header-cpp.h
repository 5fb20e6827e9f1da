#pragma once
#include <string>

namespace net {

class Client {
 public:
  Client(std::string host, int port);
  // Fetches the page.
  std::string fetch_data(const std::string& path, bool retry = true) const;
  static constexpr int kTimeout = 30;

 private:
  int port_;
};

template <typename T>
T multiply(T a, T b) {
  return a * b;
}

}  // namespace net

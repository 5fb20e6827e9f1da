#pragma once
#include <string>

namespace net {
NET_NAMESPACE_BEGIN

class NET_EXPORT Client {
 public:
  Client(std::string host, int port);
  // Fetches the page.
  std::string fetch_data(const std::string& path, bool retry = true) const;
  void close() NET_LOCKS(mutex_);
  static constexpr int kTimeout = 30;

 private:
  int port_;
};

NET_INLINE int add_numbers(int a, int b) { return a + b; }

template <typename T>
T multiply(T a, T b) {
  return a * b;
}

class NET_EXPORT Server;

NET_NAMESPACE_END
}  // namespace net

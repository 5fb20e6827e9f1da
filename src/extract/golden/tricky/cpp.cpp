#include <vector>
#define FOO(x) x
namespace a::b { inline namespace v1 { class Fwd; } }
namespace { int hidden = 1; }
template <typename T, class... Rest>
class API_EXPORT Point final : public Base<T>, private virtual ns::Other {
  Q_OBJECT
 public:
  using Self = Point<T>; typedef int value_type;
  explicit Point(int x = 0, std::vector<int> v = {1, 2}) : x_(x), y_{v} { }
  Point(const Point&) = default; Point(Point&&) noexcept = delete;
  virtual ~Point() = default;
  Point& operator=(const Point& o) = default; bool operator==(const Point&) const; T& operator[](std::size_t i); void operator()(int a, int b) const; operator bool() const { return true; } friend std::ostream& operator<<(std::ostream&, const Point&);
  template <class U> auto map(U&& f, T (&arr)[3], const std::function<void(int, char)>& cb = [](int a, char b) { (void)a; }) const -> std::vector<U> { struct Local { int q; }; return {}; }
  virtual void pure(const T&, T&&, int*, std::string, ...) const & override = 0;
  static constexpr int kMax = 10, kMin = 1; mutable std::map<std::string, std::vector<int>> m_; int x_{0}; T y_ = 1; int (*fp)(int); T arr_[3], *ptr_;
  enum class Kind : uint8_t { One = 1, Two }; enum { A0, B0 }; struct Nested { int z; void deep() {} }; union { int i; float f; };
  [[nodiscard]] int attr() const noexcept(true); inline static int count = 0; std::unique_ptr<Impl> impl_;
  void one() {} void two() {}
  auto operator<=>(const Point&) const = default; void* operator new(size_t n); int operator""_km(long double);
};
template <> class Point<int, char> { void spec(); };
template <typename T> T Point<T>::get(int i) const { return x; }
template <class T> concept Addable = requires(T a) { a + a; };
a::b::Point<int>::~Point() {}
Dot::operator int() const
{
  return x;
}
int Point<int>::kCount = 5;
enum Color { Red, Green = 2 };
struct Pod { int a, b; } pod, *podp;
extern "C" { void c_func(int); int c_impl(void) { return 1; } }
extern "C" int single(int a);
static inline auto lambda = [](int a, int b) { return a + b; };
const char* const kNames[] = {"a", "b"};
void alpha_fn() {
  {
    ADD ADD ADD
    ADD
  }
  b = a;
}
void beta_fn() {
  b = a;
}
TEST(Suite, Name) { int x; }
TEST_F(Fix, Other)
{
}
template <typename T> constexpr bool is_v = true; template <class T> using Vec = std::vector<T>;
int main(int argc, char* argv[]) try { return 0; } catch (...) { return 1; }
[[deprecated("(")]] void old_fn(unsigned, unsigned long n, struct Pod p, const struct Pod* q, Args&&... args);
constexpr auto f(auto x, int) requires Addable<decltype(x)> { return x; }
decltype(auto) deduced(); auto trailing() -> decltype(auto);
std::string operator+(const Pod& a, const Pod& b);
class Outer::Inner { int v; };
BOOST_AUTO_TEST_CASE(my_case) { }
int after(void) { return 1; }

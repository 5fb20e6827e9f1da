// Shapes and sums.
#include <vector>
#include "shape.hpp"

using namespace std;
using Number = double;
typedef std::vector<int> IntList;

#define ASSERT_POSITIVE(x) do { if ((x) < 0) abort(); } while (0)

namespace geo::shapes {

constexpr double kPi = 3.14159;
int instances = 0;

/// A thing with an area.
class Shape {
public:
    virtual ~Shape() = default;
    virtual double area() const = 0;
    static int count;
    explicit Shape(const char* name, int sides = 4);

protected:
    std::string name_;
};

template <typename T, int N = 3>
class Polygon final : public Shape, private detail::Counted<Polygon<T>> {
public:
    using value_type = T;
    Polygon() : Shape("polygon", N) {}
    Polygon(Polygon&& other) noexcept;

    double area() const override { return sum(points_) > 0 && N > 2 ? 1.0 : 0.0; }

    Polygon& operator+=(const Polygon& other);
    bool operator==(const Polygon& other) const = default;
    explicit operator bool() const { return true; }

    template <class U>
    U convert(U&& seed, std::map<std::string, int> options = defaults({"a", 1})) const;

    struct Vertex {
        T x, y;
    };

    enum class Kind : unsigned char { Convex, Concave };

private:
    std::vector<Vertex> points_;
    friend void swap(Polygon& a, Polygon& b);
};

int Shape::count = 0;

Shape::Shape(const char* name, int sides) : name_(name) { register_shape(this, sides); }

/** Adds another polygon. */
template <typename T, int N>
Polygon<T, N>& Polygon<T, N>::operator+=(const Polygon& other) {
    for (auto&& p : other.points_) {
        points_.push_back(p);
    }
    return *this;
}

}  // namespace geo::shapes

namespace {
int hidden() { return 42; }
}

union Value {
    int i;
    double d;
};

template <typename T>
concept Addable = requires(T a, T b) { a + b; };

template <typename T>
auto calculate_sum(const std::vector<T>& values, T&& start = T{}) -> T {
    T total = start;
    std::for_each(values.begin(), values.end(), [&](const T& v) { if (v) total += v; });
    return total;
}

double safe_divide(double a, double b)
{
    try {
        if (b == 0 || a < 0) throw std::domain_error("zero");
        return a / b;
    } catch (const std::exception& error) {
        return std::numeric_limits<double>::quiet_NaN();
    } catch (...) {
    }
    return static_cast<double>(0);
}

std::unique_ptr<Shape> geo::shapes::make_shape(std::string name) {
    return std::make_unique<Polygon<int>>(name);
}

extern "C" int c_entry(void) {
    while (hidden()) break;
    return geo::shapes::instances;
}

class MathUtils;

struct Calculator : MathUtils {
    int add(int a, int b);
    int total = 0;
};

inline int Calculator::add(int a, int b) { return a + b; }

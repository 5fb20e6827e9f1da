import 'a.dart';
/// Doc
@immutable // note
class Point<T extends num> extends Base<T> with Mix implements Shape {
  final T x, y; static const int MAX = 10, MIN = 1; late final String name; var z = 1;
  Point(this.x, this.y, {required this.name, int q = 1, super.key}) : z = 1, super();
  const Point.origin() : x = 0, y = 0;
  factory Point.from(Map<String, dynamic> json, [bool strict = false]) => Point.origin();
  factory Point.other() = Other.make;
  double get norm => 1.0; set norm(double v) {}
  Point operator +(Point o) => this; bool operator ==(Object o) => true; T operator [](int i) => x; void operator []=(int i, T v) {}
  static Future<List<Map<String, int>>> load(String url, {void Function(int, int)? cb, int limit(String a)?}) async { void local(int a) {} final f = (int b) => b; }
  external void native(); abstract int abs1;
  @override Widget build(BuildContext context) => Container();
  Stream<int> gen() async* {} void one() {} void two() {}
}
abstract interface class Shape { double area(); double get side; }
sealed class Tree {} final class Leaf extends Tree {} base class B {}
mixin Mix on Base { void mixed() {} }
mixin class MC {}
enum Color { red, green; void paint() {} }
enum Op implements Shape { plus('+'), minus('-'); const Op(this.symbol); final String symbol; double area() => 1; }
extension StringX on String { String shout() => this; int get len => 1; static int z = 1; }
extension on int { int twice() => this * 2; }
extension type Id(int value) implements int { Id.zero() : this(0); bool get ok => true; }
typedef Handler = void Function(int); typedef int Old(String a);
int top(int a, [int b = 2]) => a; void main() { int inner() => 1; }
const a = 1, b = 2; String? maybe; final List<int> list = []; late int lateOne;
int get topGetter => 1; set topSetter(int v) {}
(int, String) record((int, int) p) => (1, 'a');
external int ext(int a);
class One { int a = 1; void f() {} }

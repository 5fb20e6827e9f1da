library calc;

import 'dart:async';
import 'package:http/http.dart' as http show Client, get;
export 'src/shapes.dart';
part 'calculator.g.dart';

const int maxValue = 100;
final registry = <String, Calculator>{};
var counter = 0;

typedef Operation = int Function(int a, int b);

/// Something that adds.
abstract class Addable<T> {
  int get total;
  T add(T a, T b);
}

/// A calculator
/// with a history.
@immutable
class Calculator<T extends num> extends Base<T> with Logged implements Addable<int>, Comparable<T> {
  static const version = '1.0';
  final List<int> history = [];
  late String? name;

  Calculator(this.name, {required int limit, this.start = 0});

  Calculator.empty() : this('');

  factory Calculator.fromJson(Map<String, dynamic> json) => Calculator(json['name']);

  /// Adds two numbers.
  @override
  int add(int a, int b) => a + b;

  int get total => history.fold(0, (a, b) => a + b);

  set total(int value) {
    history.clear();
  }

  static double? safeDivide(double a, double b) {
    if (b == 0 || b.isNaN) {
      return null;
    }
    return a / b;
  }

  bool operator ==(Object other) => identical(this, other);
}

mixin Logged on Base {
  void log(String line) => print(line);
}

enum Level { low, high }

extension Greeting on String {
  String greet() => 'Hello, $this';
}

Future<String> fetchData(Uri url, [int retries = 3]) async {
  for (var i = 0; i < retries; i++) {
    try {
      return await http.read(url);
    } catch (error) {
      continue;
    }
  }
  switch (retries) {
    case 1:
      break;
    default:
      while (true) break;
  }
  return '';
}

int fibonacci(int n) => n <= 1 ? n : fibonacci(n - 1) + fibonacci(n - 2);

void main() {
  int local(int x) => x;
  local(1);
}

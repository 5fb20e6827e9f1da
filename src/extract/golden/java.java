package com.example.math;

import java.util.List;
import java.util.concurrent.*;
import static java.lang.Math.abs;

/**
 * Arithmetic that remembers what it did.
 *
 * @since 1.2
 */
@Service("calculator")
@SuppressWarnings({"unchecked", "rawtypes"})
public abstract class Calculator<T extends Number & Comparable<T>> extends Base<T> implements Addable, java.io.Closeable {

    public static final int MAX_VALUE = 100, MIN_VALUE = -100;
    private final List<Integer> history = new ArrayList<>();

    static {
        register(Calculator.class);
    }

    public Calculator(String name, int... values) {
        super(name);
        this.reset();
    }

    /** Adds two numbers. */
    @Override
    public int add(final int a, @NonNull Integer b) {
        return a + b;
    }

    // Division by zero gives the fallback.
    public static double safeDivide(double a, double b, double fallback) throws ArithmeticException, IOException {
        try {
            if (b == 0 || Double.isNaN(b)) {
                return fallback;
            }
            return a / b;
        } catch (ArithmeticException | IllegalStateException error) {
            throw error;
        } finally {
            LOG.info("divided");
        }
    }

    public abstract <K, V extends Map<K, List<V>>> Map<K, V> multiply(Map<K, V> left, V[] right);

    int classify(Object value) {
        switch (kind(value)) {
            case 1:
                return 1;
            case 2:
            default:
                break;
        }
        return switch (value) {
            case Integer i when i > 0 -> i;
            case String s -> s.length();
            default -> value == null ? 0 : 1;
        };
    }

    Runnable later = () -> System.out.println("later");

    void walk(Iterable<String> names) {
        for (String name : names) {
            new Thread(new Runnable() {
                @Override
                public void run() {
                    while (busy()) Thread.yield();
                }
            }).start();
        }
        this.<String>generic(names);
    }

    private static class Node<E> {
        E value;
        Node<E> next;
    }

    interface Visitor {
        int DEPTH = 3;
        void visit(Node<?> node);
        default void leave() {}
    }

    enum Operation implements Named {
        PLUS("+") { double apply(double x, double y) { return x + y; } },
        MINUS("-");

        private final String symbol;

        Operation(String symbol) { this.symbol = symbol; }
    }
}

record Point(int x, int y) implements Shape {
    Point {
        if (x < 0) throw new IllegalArgumentException();
    }

    static Point origin() { return new Point(0, 0); }
}

sealed interface Shape extends Named, Measured permits Point {}

@interface Traced {
    String value() default "";
}

class MathUtils {
    static long fibonacci(int n) { return n <= 1 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
}

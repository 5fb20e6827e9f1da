package a.b;

import static java.util.Map.*;

/** Doc. */
public record Point<T extends Comparable<? super T>>(@NonNull int x, List<Map<String, T>> tags, String... rest) implements Shape {
    static int count = 0, other[] = {1, 2};
    public Point {
        if (x < 0) throw new IllegalArgumentException("(");
    }
    Point(int x) { this(x, null); }
    record Inner() {}
    enum Kind { A, B }
}

enum Op implements IntBinaryOperator {
    PLUS("+") {
        @Override public int apply(int a, int b) { return a + b; }
        private int extra;
    },
    @Deprecated MINUS("-") { public int apply(int a, int b) { return a - b; } },
    TIMES;
    private final String symbol;
    Op() { this("*"); }
    Op(String symbol) { this.symbol = symbol; }
    static { Runnable r = () -> {}; }
}

abstract sealed class Shapes<T> permits A, B {
    private final Comparator<String> byName = new Comparator<>() {
        int calls;
        @Override public int compare(String a, String b) { return 0; }
    }, second = null;
    Supplier<Runnable> lazy = () -> new Runnable() { public void run() {} };
    static final Map<String, int[]> TABLE = new HashMap<>() {{ put("a", null); }};
    protected Shapes() {}
    abstract <R, S extends R> Map<R, List<? extends S>> map(final Function<? super T, ? extends R> f, int[]... grid) throws IOException, Error;
    void run() {
        new Thread(new Runnable() { public void run() { class Local { void m() {} } } }).start();
        record Pair(int a, int b) {}
        interface Callback { void on(); }
    }
    @SuppressWarnings({"a", "b"}) // why (
    /* and */ @Deprecated
    public synchronized strictfp int[] arr()[] { return null; }
    native void nat(); default_ d;
    class Nested { class Deeper { int z; } }
}

@interface Ann { String value() default "x"; int[] nums() default {}; Class<?> TYPE = Object.class; }
interface Fn<A> { int LIMIT = 10, MAX = 20; A call(A a); default void twice() {} static <B> Fn<B> of() { return null; } private void hidden() {} }
non-sealed class A extends Shapes<String> { int a, b = 2, c[]; A() { super(); } int f() { return 1; } }

using System;
[assembly: Foo("x")]
namespace A.B.C
{
    /// <summary>Doc</summary>
    public record Point<T>(int X, [property: JsonName("y")] List<T> Y = null, params string[] Rest) : Base(X), IShape where T : struct
    {
        public int Z { get; init; } = 1;
        public Point() : this(0, null) { }
    }
    public readonly record struct Size(int W, int H);
    record Empty;
    public class Service(ILogger<Service> log, int retries = 3) : ServiceBase(log), IDisposable
    {
        private const int Max = 10, Min = 1;
        private readonly Dictionary<string, Func<int, Task<bool>>> _map = new(), _other = new();
        public event EventHandler<int>? Changed, Closed;
        public event Action Custom { add { } remove { } }
        public string Name => "x";
        public required virtual int Count { get; private set; }
        public int this[int i, string key = "("] { get => i; set { } }
        static Service() { }
        ~Service() { }
        public static Service operator +(Service a, Service b) => a;
        public static explicit operator int(Service s) => 0;
        public static implicit operator Service(int s) => null!;
        public static bool operator true(Service s) => true;
        public static bool operator false(Service s) => false;
        public async Task<(int a, string b)> RunAsync<T1, T2>(in T1 x, ref int y, out string z, params T2[] rest) where T1 : class, new() where T2 : struct
        {
            int Local(int q) => q;
            static async Task Helper() { await Task.Yield(); }
            var f = (int a, int b) => a + b;
            await Helper(); return (1, "");
        }
        void IDisposable.Dispose() { }
        [Obsolete("a, b")] // comment ]
        [DllImport("x", EntryPoint = "y")]
        static extern int Native(string s);
        partial void OnChanged();
        unsafe int* Ptr(byte* p, delegate*<int, void> cb) => null;
        protected internal abstract class Nested { public enum E : byte { One = 1, Two, [Flag] Three } }
        public delegate TResult Fn<in T1, out TResult>(T1 arg);
        interface IInner { int Prop { get; } void M(); static abstract int S { get; } event Action Ev; int Default() => 1; }
        private Action<int> handler = x => { void Deep() { } };
        public (int, string) Tuple() => (1, "");
        public int Old
#if NET8_0
            => 1;
#else
            => 2;
#endif
        int? Maybe(string? a = null, int[]? b = default, Func<int, int> f = null) { return a?.Length; }
    }
    public static class Ext
    {
        extension(int n)
        {
            public int Doubled() => n * 2;
            public bool IsBig => n > 10;
        }
        extension<T>(IEnumerable<T> source) where T : notnull
        {
            public IEnumerable<T> Twice(int times = 2) { return source; }
        }
        public static int Tripled(this int n) => n * 3;
    }
    file struct Raw { public fixed int Buffer[10]; public int a, b; }
    enum Kind { A, B = 2, }
}

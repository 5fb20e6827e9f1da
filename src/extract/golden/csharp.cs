using System;
using System.Collections.Generic;
using static System.Math;
using Json = Newtonsoft.Json.JsonConvert;

namespace Example.Numbers
{
    /// <summary>
    /// Arithmetic that remembers what it did.
    /// </summary>
    [Serializable]
    [Obsolete("use Totals", false)]
    public abstract partial class Calculator<T> : Base<T>, IDisposable, IEnumerable<int> where T : struct
    {
        public const int MaxValue = 100;
        private readonly List<int> _history = new List<int>(), _undone;
        public event EventHandler<int> Changed;

        public string Name { get; set; } = "calc";
        public int Count => _history.Count;
        public int this[int index] { get { return _history[index]; } }

        static Calculator() { }

        public Calculator(string name, params int[] values) : base(name)
        {
            Name = name ?? throw new ArgumentNullException(nameof(name));
        }

        ~Calculator() { Dispose(); }

        /// <summary>Adds two numbers.</summary>
        public int Add(int a, ref int b, int c = 5)
        {
            return a + b + c;
        }

        public static double SafeDivide(double a, double b) => b == 0 ? double.NaN : a / b;

        public abstract TResult Multiply<TResult>(Dictionary<string, TResult> left, (int, string) right);

        public static Calculator<T> operator +(Calculator<T> a, Calculator<T> b) => a;

        [HttpGet("/data")]
        public async Task<byte[]> FetchDataAsync(Uri url, CancellationToken token = default)
        {
            foreach (var attempt in Range(0, 3))
            {
                try
                {
                    if (token.IsCancellationRequested && attempt > 0 || url == null) break;
                    return await Client.GetAsync<byte[]>(url).ConfigureAwait(false);
                }
                catch (HttpException error) when (error.Status == 503)
                {
                    continue;
                }
                catch
                {
                    throw;
                }
            }
            int Local(int x) => x switch { 0 => 1, _ => x };
            return new byte[Local(0)];
        }

        void IDisposable.Dispose() { }

        private class Node { public Node Next; }
    }

    public interface IShape : IEquatable<IShape>, INamed
    {
        double Area { get; }
        void Draw(Canvas canvas);
    }

    public struct Point { public int X, Y; }

    public record Person(string First, string Last) : Entity(First)
    {
        public string Full() { return $"{First} {Last}"; }
    }

    public record struct Pair<A, B>(A Left, B Right);

    public enum Level : byte { Low = 1, High }

    public delegate int Operation(int a, int b);
}

namespace Example.Other
{
    static class MathUtils
    {
        public static long Fibonacci(this int n)
        {
            while (n > 1) { n--; }
            switch (n) { case 0: return 0; default: return 1; }
        }
    }
}

/**
 * Load on a server, from a process of its own, printed as JSON: node bench/serve-load.ts OPTIONS-AS-JSON. Used by
 * serve.ts; autocannon makes the requests.
 */
import autocannon from "autocannon";

export interface LoadOptions {
  url: string;
  connections: number;
  seconds: number;
  /** Requests a second over all connections; absent: as many as are answered. */
  rate?: number;
  queries: string[];
}

export interface LoadFigures {
  requests: number;
  requests_per_second: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  non_2xx: number;
  errors: number;
  timeouts: number;
}

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const { url, connections, seconds, rate, queries } = options;

/** Of latencies in milliseconds, counted by hundredths: autocannon's own percentiles leave out the 95th. */
const counts = new Uint32Array(3_000_000);

function percentile(share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let at = 0; at < counts.length; at++) {
    seen += counts[at]!;
    if (seen >= total * share) return at / 100;
  }
  return Number.NaN;
}

const requests = queries.map((query) => ({
  method: "POST" as const,
  path: "/query",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query, max_results: 10 }),
}));
let clients = 0;
const how: autocannon.Options = {
  url,
  connections,
  duration: seconds,
  timeout: 30,
  requests,
  ...(rate !== undefined && { overallRate: rate }),
  // Each begins at another question: users do not all ask the same at once.
  setupClient: (client) => {
    const from = Math.floor((clients++ / connections) * requests.length);
    client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
  },
};
const result = await new Promise<autocannon.Result>((resolve, reject) => {
  const running = autocannon(how, (error, done) => (error ? reject(error) : resolve(done)));
  running.on("response", (...[, , , ms]) => {
    counts[Math.min(counts.length - 1, Math.round(ms * 100))]!++;
  });
});
const { requests: asked, non2xx, errors, timeouts, latency } = result;
const figures: LoadFigures = {
  requests: asked.total,
  requests_per_second: Math.round(asked.average * 10) / 10,
  p50_ms: percentile(0.5),
  p95_ms: percentile(0.95),
  p99_ms: percentile(0.99),
  max_ms: latency.max,
  non_2xx: non2xx,
  errors,
  timeouts,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);

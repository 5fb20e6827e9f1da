/** Texts that cost a bad expression or a bad query its head: in every input that takes text. */
import { type Attack, asks, posts } from "./wire.ts";

const long = 18_000;
const fill = (text: string, end = ""): string => text.repeat(Math.floor(long / text.length)) + end;

const slow: Readonly<Record<string, string>> = {
  "one letter": fill("a", "!"),
  spaces: `${fill(" ")}x`,
  tabs: `x${fill("\t")}x`,
  dots: fill(".", "x"),
  "words with underscores": fill("aA_", "!"),
  numbers: fill("1", "x"),
  "opening brackets": fill("("),
  "opening braces": fill("{a,"),
  "square brackets": fill("[a-"),
  "stars between slashes": fill("**/", "x"),
  "stars and letters": fill("*a", "b"),
  quotes: fill('"'),
  backslashes: fill("\\"),
  slashes: fill("/"),
  "folders above": fill("../"),
  "marks of a definition": fill("#a"),
  colons: fill(":a"),
  dashes: fill("-a"),
  "letters of two halves": fill("😀"),
  "marks upon marks": fill("e\u0301\u0301"),
  "signs without width": fill("\u200d"),
  "from right to left": fill("\u202e"),
  dates: fill("2026-01-01T"),
  "camel humps": fill("aB"),
};

/** Each as the body of a request that takes it. */
const inputs: Readonly<Record<string, (text: string) => readonly [string, unknown]>> = {
  query: (query) => ["POST /query", { query }],
  "folder of a search": (text) => ["POST /query", { query: "x", filters: { directories: [text] } }],
  "glob of a search": (text) => ["POST /query", { query: "x", filters: { paths: [text] } }],
  "pattern of an ingest": (text) => ["POST /ingest", { patterns: [text], path: "src" }],
  "pattern to ignore": (text) => ["POST /ingest", { ignore_patterns: [text], path: "src" }],
  "id of an operation": (id) => ["POST /transactions", { operations: [{ op: "put", id, content: "x" }] }],
  "time of a plan": (since) => ["POST /rollback/plan", { since }],
  "key of a plan": (text) => ["POST /rollback/plan", { keys: [text] }],
  "name of a checkpoint": (name) => ["POST /checkpoints", { name }],
  "name of an exploration": (name) => ["POST /explorations", { name, ttl: name }],
  agent: (agent) => ["POST /relations", { source: "a", type: "related_to", target: "b", agent }],
};

const slowTexts: readonly Attack[] = Object.entries(inputs).flatMap(([input, make]) =>
  Object.entries(slow).map(([name, text]) => {
    const [line, json] = make(text);
    // Whatever it is: not a time limit, and not a failure.
    return posts(`${input}: ${name}`, line, { json, expect: [200, 201, 400, 404, 409] });
  }),
);

const injections = [
  "' OR '1'='1",
  "'; DROP TABLE transactions; --",
  '" OR ""="',
  "1 UNION SELECT sql FROM sqlite_master",
  "x' || load_extension('/tmp/evil') || '",
  "%27%20OR%201=1",
  "NEAR(a b)",
  "a* OR b*",
  "{{7*7}}",
  "$" + "{7*7}",
  "<script>alert(1)</script>",
  "%s%n%x",
  "$(id)",
  "`id`",
  "| cat /etc/passwd",
  "\u001b[31mred",
  "a\r\nlevel=error msg=forged",
];

const told = /SQLITE_[A-Z]|syntax error|CREATE TABLE|uid=\d|root:x:/;

const injected: readonly Attack[] = injections.flatMap((text) => {
  const shown = JSON.stringify(text);
  const encoded = encodeURIComponent(text);
  const lookups = [`/entries/${encoded}`, `/entries?prefix=${encoded}`, `/transactions?agent=${encoded}`];
  const expect = [200, 400, 404];
  return [
    ...lookups.map((path) => asks(`injected ${shown} into ${path.slice(0, 14)}`, `GET ${path}`, { expect })),
    posts(`injected ${shown} into a search`, "POST /query", { json: { query: text }, expect }),
    posts(`injected ${shown} into an agent`, "POST /checkpoints", {
      json: { name: `c${text.length}`, agent: text },
      expect: [201, 400, 409],
      never: told,
    }),
  ];
});

/** Ends of time, and numbers beyond it. */
const far = [
  "999999999w",
  "9999-12-31T23:59:59.999999999Z",
  "0000-00-00",
  "-271821-04-20T00:00:00.000Z",
  "1e99d",
  "NaN",
];
const times: readonly Attack[] = [
  ...far.flatMap((time) => [
    asks(`time: history since ${time}`, `GET /transactions?since=${time}`, { expect: [200, 400] }),
    asks(`time: audit log since ${time}`, `GET /audit/log?since=${time}`, { expect: [200, 400] }),
    posts(`time: plan since ${time}`, "POST /rollback/plan", { json: { since: time }, expect: [200, 400] }),
    posts(`time: back to ${time}`, "POST /rewind/plan", { json: { time }, expect: [200, 400] }),
    posts(`time: an exploration for ${time}`, "POST /explorations", {
      json: { name: `t${time.length}`, ttl: time },
      expect: [201, 400, 409],
    }),
  ]),
  ...[1e15, Number.MAX_SAFE_INTEGER, 1e300].map((keep_days) =>
    posts(`time: keep ${keep_days} days`, "POST /audit/compact", { json: { keep_days }, expect: [200, 400] }),
  ),
  ...[2 ** 31, 2 ** 53, 1e300, -1].map((seq) =>
    posts(`number: back to ${seq}`, "POST /rewind/plan", { json: { seq }, expect: [200, 400] }),
  ),
  ...[2 ** 31, 2 ** 53, 1e300, -1, 1.5].map((number) =>
    posts(`number: transaction ${number}`, "POST /rollback/plan", {
      json: { transactions: [number] },
      expect: [200, 400, 404],
    }),
  ),
];

export const texts: readonly Attack[] = [...slowTexts, ...injected, ...times];

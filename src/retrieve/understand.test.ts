/** The golden list of what queries are taken to want (golden/understand.txt), and the rules behind it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { queryIntents, type Understanding } from "../model/api.ts";
import { tracedPlaces, understand, wantsTests } from "./understand.ts";

const golden = join(import.meta.dirname, "golden", "understand.txt");

/** `query`, then a line of what is understood; a line break in a query is written \n. */
function described({ intent, confidence, entities, scope, wants_tests }: Understanding): string {
  const names = entities.map(
    ({ kind, text, line }) => `${kind} ${text}${line === undefined ? "" : `:${line}`}`,
  );
  return [
    `${intent} ${confidence.toFixed(2)}`,
    [scope.kind, ...scope.names].join(" "),
    ...(wants_tests ? ["wants tests"] : []),
    ...(names.length > 0 ? [names.join(", ")] : []),
  ].join(" | ");
}

test("queries are understood as the golden list has it", () => {
  const committed = readFileSync(golden, "utf8");
  const queries = committed.split("\n").filter((line) => line !== "" && !line.startsWith("  "));
  const made = queries
    .map((query) => `${query}\n  ${described(understand(query.replaceAll("\\n", "\n")))}\n`)
    .join("");
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, made);
  expect(made).toBe(committed);
  expect(queries.length).toBeGreaterThan(25);
  const intents = new Set(queries.map((query) => understand(query.replaceAll("\\n", "\n")).intent));
  expect([...intents].sort()).toEqual([...queryIntents].sort());
});

test.each([
  "address",
  "addressing",
  "prefix",
  "fixture",
  "showcase",
  "rebuild",
  "whereas",
  "add_user",
  "show.bind",
])("%j holds no keyword: words are matched whole", (word) => {
  expect(understand(`the ${word} table`)).toMatchObject({ intent: "general", confidence: 0.3 });
});

test("confidence is 0 to 1, and grows with evidence", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const { confidence } = understand(text);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }),
  );
  const mixed = understand("fix and refactor the lexer").confidence;
  const clear = understand("fix the lexer").confidence;
  expect(clear).toBeGreaterThan(mixed);
  expect(understand("fix Lexer.next in src/lexer.ts").confidence).toBeGreaterThan(clear);
});

test("places of stack traces of several languages", () => {
  const traces: [string, string, number][] = [
    ['  File "app/main.py", line 12, in run', "app/main.py", 12],
    ["    at run (src/app/main.ts:3:14)", "src/app/main.ts", 3],
    ["    at shop.Main.run(Main.java:40)", "Main.java", 40],
    ["\t/go/src/shop/main.go:7 +0x1d", "/go/src/shop/main.go", 7],
    ["  --> src/main.rs:9:5", "src/main.rs", 9],
    ["lib/shop.rb:13:in `run'", "lib/shop.rb", 13],
  ];
  for (const [text, path, line] of traces) expect(tracedPlaces(text), text).toEqual([{ path, line }]);
  expect(tracedPlaces("listens on localhost:8080 at 12:30")).toEqual([]);
});

test("tests are wanted where they are looked for, not where something is for tests", () => {
  for (const query of [
    "tests for the parser",
    "unit tests of Lexer",
    "where is retry tested",
    "test cases that cover undo",
  ])
    expect(wantsTests(query), query).toBe(true);
  for (const query of [
    "how does the test client work",
    "mock responses in tests",
    "testing utilities",
    "latest forms",
  ])
    expect(wantsTests(query), query).toBe(false);
});

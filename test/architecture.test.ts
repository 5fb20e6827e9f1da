/**
 * The direction of imports, the budgets and the names of ARCHITECTURE.md, executed over src.
 * Folders alone never hold a direction; this test does.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** From the ground up. Rooms of one row do not import each other, except where `mayImport` says so. */
const rows: readonly (readonly string[])[] = [
  ["errors"],
  ["model"],
  ["config", "observe", "security"],
  ["collect", "extract", "embed", "llm", "store"],
  [
    "ingest",
    "retrieve",
    "knowledge",
    "rollback",
    "explore",
    "answer",
    "validate",
    "learn",
    "agents",
    "evaluate",
  ],
  ["session"],
  ["momo"],
  ["commands"],
  ["service"],
  ["mcp"],
  ["http"],
  ["cli"],
  ["index"],
];

const mayImport: Readonly<Record<string, readonly string[]>> = {
  agents: ["ingest", "retrieve", "answer", "validate", "learn", "evaluate"],
  evaluate: ["ingest", "retrieve", "answer", "validate", "learn", "agents"],
};

const RULE =
  "A file of src imports from a lower row of ARCHITECTURE.md or from its own room: what a lower room needs from a " +
  "higher one is passed in as an argument, and what two rooms of a row share moves to the row below.";

/** Rows of data, for which the budget of lines makes no sense. */
const dataTables = new Set([
  "src/extract/language-table.ts",
  "src/http/schemas.ts",
  "src/errors.ts",
  "src/extract/language-table.ts",
  "src/retrieve/synonyms.ts",
]);
const MAX_LINES = 400;

const VAGUE = /util|helper|manager|misc|common/i;

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => posix.join("src", path.replaceAll("\\", "/")))
  .filter((path) => path.endsWith(".ts"))
  .sort();
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** `src/store/sqlite/schema.ts` -> `store`; `src/momo.ts` -> `momo`. */
const roomOf = (path: string): string => path.split("/")[1].replace(/\.ts$/, "");
const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^"';]*?from\s+"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)|(?:^|\n)import\s+"(\.[^"]+)"/g;

/** Files of src that a file imports, types included. */
function importsOf(path: string): string[] {
  return [...read(path).matchAll(IMPORT)].map(([, from, dynamic, bare]) =>
    posix.join(dirname(path), from ?? dynamic ?? bare),
  );
}

function isAllowed(from: string, to: string): boolean {
  const [a, b] = [roomOf(from), roomOf(to)];
  return a === b || rowOf(b) < rowOf(a) || (mayImport[a]?.includes(b) ?? false);
}

test("every folder and file directly in src has a row", () => {
  const rooms = new Set(sources.map(roomOf));
  expect([...rooms].filter((room) => rowOf(room) < 0)).toEqual([]);
});

test("imports go down", () => {
  expect(sources.length).toBeGreaterThan(20);
  const wrong = sources.flatMap((from) =>
    importsOf(from)
      .filter((to) => to.startsWith("src/") && !isAllowed(from, to))
      .map((to) => `${from} imports ${to}`),
  );
  expect(wrong, RULE).toEqual([]);
});

test("no files go round in a circle", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (state.get(path) === "open") circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
    if (state.has(path)) return;
    state.set(path, "open");
    for (const next of importsOf(path)) if (next.startsWith("src/")) visit(next, [...way, path]);
    state.set(path, "done");
  };
  for (const path of sources) visit(path, []);
  expect(circles, "move what both need into a file of its own, types too").toEqual([]);
});

/** What other rooms may import of the store: its contract, its records, and the parts that have a use of their own. */
const storeDoors =
  /^src\/store\/(?:contract|records|lexical|vector|engines)\/|^src\/store\/(?:open|contents\/(?:pack-file|open-packs)|sqlite\/encrypt)\.ts$/;

test("other rooms import the store by its doors", () => {
  const wrong = sources
    .filter((from) => roomOf(from) !== "store" && !/\.(?:test|fixture)\.ts$/.test(from))
    .flatMap((from) =>
      importsOf(from)
        .filter((to) => to.startsWith("src/store/") && !storeDoors.test(to))
        .map((to) => `${from} imports ${to}`),
    );
  expect(
    wrong,
    "what another room needs is a type of store/contract/, and is handed out by the store",
  ).toEqual([]);
});

test("the store's contract imports nothing of the store", () => {
  const contract = sources.filter((path) => path.startsWith("src/store/contract/"));
  expect(contract.length).toBeGreaterThan(5);
  const wrong = contract.flatMap((from) =>
    importsOf(from).filter((to) => !to.startsWith("src/store/contract/")),
  );
  expect(wrong.filter((to) => roomOf(to) === "store")).toEqual([]);
});

test("the product imports nothing from test, bench or scripts", () => {
  const wrong = sources.flatMap((from) => importsOf(from).filter((to) => !to.startsWith("src/")));
  expect(wrong.filter((to) => to !== "package.json")).toEqual([]);
});

test("src/index.ts is the only barrel", () => {
  const reexports = sources.filter((path) =>
    /(?:^|\n)export\s+(?:\*|type\s*\{|\{)[^;]*from\s/.test(read(path)),
  );
  expect(reexports.filter((path) => path !== "src/index.ts")).toEqual([]);
});

test(`files have at most ${MAX_LINES} lines`, () => {
  const long = sources
    .filter((path) => !dataTables.has(path))
    .map((path) => ({ path, lines: read(path).trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long, "split the file along what it does, or list it as a table of data").toEqual([]);
});

test("names say what a thing does", () => {
  const files = sources.filter((path) => VAGUE.test(path));
  const classes = sources.flatMap((path) =>
    [...read(path).matchAll(/\bclass\s+(\w+)/g)].map(([, name]) => name).filter((name) => VAGUE.test(name)),
  );
  expect([...files, ...classes], "name the verb or the noun: not Manager, Helper, Util").toEqual([]);
});

test("every source file begins by saying what it is", () => {
  const silent = sources.filter((path) => !path.endsWith(".test.ts") && !read(path).startsWith("/**"));
  expect(silent).toEqual([]);
});

test("every folder of src has its paragraph in ARCHITECTURE.md", () => {
  const page = read("ARCHITECTURE.md");
  const folders = new Set(sources.filter((path) => path.split("/").length > 2).map(roomOf));
  expect([...folders].filter((folder) => !page.includes(`### ${folder}/`))).toEqual([]);
});

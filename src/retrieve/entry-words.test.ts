/** Entries among the results of a search: found at once, ranked by one rule wherever their words lie, and gone when undone. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createDocumentReader } from "../extract/document.ts";
import { createEntryReader } from "../extract/entry-words.ts";
import type { KnowledgeType, SearchResult } from "../model/api.ts";
import { emptyLinks } from "../model/links.ts";
import { emptyOutline, type Outline } from "../model/outline.ts";
import type { Store } from "../store/contract/store.ts";
import type { Moves, WriteTransaction } from "../store/contract/write.ts";
import { SegmentBuilder } from "../store/lexical/builder.ts";
import { keepWords } from "../store/lexical/pending.ts";
import { openStore } from "../store/open.ts";
import { entryVersion } from "../store/records/entry.ts";
import { encodeBody } from "../store/records/file.ts";
import { createRetriever } from "./search.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-entry-words-"));
const stores: Store[] = [];
afterAll(() => {
  for (const one of stores) one.close();
  rmSync(folder, { recursive: true });
});

let store: Store;
beforeEach(() => {
  store = openStore(join(folder, `${stores.length}`, "momo.db"), { mode: "write", durability: "process" });
  stores.push(store);
});

const addEntry = createEntryReader();
const readDocument = createDocumentReader();

interface Written {
  content: string;
  type?: KnowledgeType;
  metadata?: Record<string, unknown>;
}

const put = (tx: WriteTransaction, id: string, { content, type = "documentation", metadata = {} }: Written) =>
  tx.put(entryVersion({ id, type, metadata, content }));

/** Writes as transact does; undefined removes. */
function write(entries: Record<string, Written | string | undefined>): void {
  const tx = store.begin({ agent: "ann" });
  let count = 0;
  for (const [id, entry] of Object.entries(entries)) {
    if (entry === undefined) tx.remove(id.startsWith("quarantine:") ? "mark" : "entry", id);
    else if (put(tx, id, typeof entry === "string" ? { content: entry } : entry).changed) count++;
  }
  keepWords(tx, { add: addEntry, count });
  tx.commit();
}

/** Stores the words of everything that is pending now. */
function keepNow(): void {
  const tx = store.begin({ agent: "ann" });
  keepWords(tx, { add: addEntry, count: 1000 });
  tx.commit();
}

const importOf = (module: string) => ({ source: 0, local: "", imported: "", module, line: 1, flags: 0 });
const outlineOf = (text: string): Outline => {
  const imports = [...text.matchAll(/import "(.*)"/g)].map(([, module]) => importOf(module!));
  return { ...emptyOutline(), links: { ...emptyLinks(), imports } };
};

function index(files: Record<string, string>): void {
  const language = "typescript";
  const tx = store.begin({ agent: "indexer", kind: "index" });
  const builder = new SegmentBuilder();
  const vids = Object.entries(files).map(([path, text]) => {
    const bytes = Buffer.from(text);
    const { lines } = readDocument({ path, language, flags: 0, bytes, outline: outlineOf(text) }, builder);
    const body = encodeBody({ language, lines, bytes: bytes.length, ...outlineOf(text) });
    return tx.put({
      key: path,
      kind: "file",
      hash: createHash("sha256").update(bytes).digest(),
      body,
      text: bytes,
    }).vid;
  });
  tx.addSegment(builder.finish(), Float64Array.from(vids));
  tx.commit();
}

const code = {
  "src/retry.ts": "export function retry(policy) {\n  // waits longer after each attempt\n}\n",
  "src/queue.ts": "export class Queue {\n  push(job) {}\n}\n",
  "src/v1/old.ts": "export const attempt = 1;\n",
};
const notes = {
  "notes/retry": {
    content: "# Retrying\n\nEach attempt waits twice as long.\n",
    metadata: { title: "Skedaddle policy" },
  },
  "notes/queue": "Jobs go to the queue and wait there.",
  "doc:src/retry.ts#retry:usage": "Call retry with a policy.",
};
const queries = [
  "how long does an attempt wait",
  "retry policy",
  "Queue",
  "skedaddle",
  "src/retry.ts",
  "notes/retry",
];

type Answers = Record<string, SearchResult[]>;
function ask(seen = store): Answers {
  const retriever = createRetriever(seen);
  return Object.fromEntries(
    queries.map((query) => [query, retriever.search({ query, limit: 20, explain: true }).results]),
  );
}

const paths = (query: string, seen = store): string[] =>
  createRetriever(seen)
    .search({ query, limit: 20 })
    .results.map(({ path }) => path);

describe("an entry is a result", () => {
  test("named by its id, with its lines, its language and no file to be stale", () => {
    write(notes);
    const { results, coverage } = createRetriever(store, "/nowhere").search({ query: "attempt waits" });
    expect(results[0]).toEqual({
      path: "notes/retry",
      entry_id: "notes/retry",
      language: "markdown",
      score: 1,
      start_line: 1,
      end_line: 3,
      matched_lines: [3],
      content: "# Retrying\n\nEach attempt waits twice as long.",
    });
    expect(coverage).toEqual({ files: 0, chunks: 0, skipped: 0, stale: 0 });
  });

  test("found by its title and by its id, also when it says nothing else", () => {
    write({
      "runbooks/lighthouse": { content: "", metadata: { title: "Keeping the lamp lit" } },
      other: "text",
    });
    expect(paths("lamp")).toEqual(["runbooks/lighthouse"]);
    expect(paths("lighthouse")).toEqual(["runbooks/lighthouse"]);
    expect(paths("other")).toEqual(["other"]);
  });

  test("ranked with files; the counts stay those of files", () => {
    index(code);
    write(notes);
    const { results, coverage } = createRetriever(store).search({ query: "retry policy" });
    const found = results.map(({ path }) => path);
    expect(found).toContain("src/retry.ts");
    expect(found).toContain("notes/retry");
    expect(coverage).toMatchObject({ files: 3, chunks: 3 });
  });

  test("read in the language that its metadata names, in Markdown where there is none of that name", () => {
    write({
      a: { content: "x = 1 // fuchsia", metadata: { language: "typescript" } },
      b: { content: "x = 1 // fuchsia", metadata: { language: "klingon" } },
    });
    const languages = createRetriever(store).search({ query: "fuchsia" }).results;
    expect(Object.fromEntries(languages.map(({ path, language }) => [path, language]))).toEqual({
      a: "typescript",
      b: "markdown",
    });
  });

  test("its id is no path: no depth, no test, no example, no version folder, no translation", () => {
    write({
      "docs/v1/tests/de/guide.h": "heliotrope",
      "docs/v2/tests/en/guide.h": "heliotrope",
      "docs/guide.h": "heliotrope",
    });
    const { results } = createRetriever(store).search({ query: "heliotrope in bloom", explain: true });
    expect(results).toHaveLength(3);
    for (const { explain } of results)
      expect(
        Object.keys(explain!).filter((name) => /^(depth|test|example|compat|header|barrel)$/.test(name)),
      ).toEqual([]);
  });

  test("its id names no translation of another", () => {
    write({ "guide/de/setup": "heliotrope", "guide/en/setup": "heliotrope", "guide/zz": "a heliotrope" });
    expect(paths("heliotrope").slice(0, 2)).toEqual(["guide/de/setup", "guide/en/setup"]);
  });

  test("a newer version folder among ids does not age files", () => {
    index(code);
    const before = ask();
    write({ "src/v2/notes": "unrelated words only" });
    const compat = (answers: Answers) =>
      answers["how long does an attempt wait"]!.map(({ explain }) => explain?.compat);
    expect(compat(ask()).filter(Boolean)).toEqual(compat(before).filter(Boolean));
  });
});

describe("scores are the same", () => {
  const without = (answers: Answers, key: string): Answers =>
    Object.fromEntries(
      Object.entries(answers).map(([query, results]) => [query, results.filter(({ path }) => path !== key)]),
    );

  test("before and after the words are stored", () => {
    index(code);
    write(notes);
    const before = ask();
    expect(before.skedaddle!.map(({ path }) => path)).toEqual(["notes/retry"]);
    expect(store.segments()).toHaveLength(1);
    keepNow();
    expect(store.segments()).toHaveLength(2);
    expect(ask()).toEqual(before);
  });

  test("after an entry was removed and written again, with its old version stored or not", () => {
    index(code);
    write(notes);
    const before = ask();
    for (const isKept of [false, true]) {
      if (isKept) keepNow();
      write({ "notes/retry": undefined });
      expect(without(ask(), "notes/retry")).not.toEqual(before);
      expect(paths("skedaddle")).toEqual([]);
      write({ "notes/retry": notes["notes/retry"] });
      expect(ask()).toEqual(before);
    }
  });

  test.each([true, false])("after heads went back to older versions (words stored: %s)", (isKept) => {
    index(code);
    write(notes);
    const before = ask();
    if (isKept) keepNow();
    write({
      "notes/retry": "Something about a skedaddle in general.",
      "notes/queue": undefined,
      "notes/new": "a new queue",
    });
    if (isKept) keepNow();
    const after = ask();
    moveBack("notes/retry", 4);
    moveBack("notes/queue", 5);
    moveBack("notes/new", 0);
    expect(ask()).toEqual(before);
    moveBack("notes/retry", 7);
    moveBack("notes/queue", 0);
    moveBack("notes/new", 8);
    expect(ask()).toEqual(after);
  });

  test("after segments were merged, which puts files in another order", () => {
    index(code);
    // More of one name than an import can mean.
    for (const [i, name] of ["a", "b", "c", "d", "e"].entries()) {
      const own = `src/${name}/index.ts`;
      const more = Object.fromEntries(
        Array.from({ length: 5 - i }, (_, n) => [`src/${name}/m${n}.ts`, "other\n"]),
      );
      index({ [own]: `import "../index";\nexport const n = attempt;\n`, ...more });
    }
    write(notes);
    const before = ask();
    expect(before["how long does an attempt wait"]!.some(({ explain }) => explain?.imported)).toBe(true);
    for (let i = 0; i < 12; i++) {
      write({ [`filler/${i}`]: `text ${i}` });
      keepNow();
    }
    expect(store.segments().length).toBeLessThan(10);
    write(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`filler/${i}`, undefined])));
    expect(ask()).toEqual(before);
  });
});

/** Points a head at a version that exists, 0 for none, as an undo does. */
function moveBack(key: string, to: number): void {
  const tx = store.begin({ agent: "ann", kind: "undo" });
  const { kid } = store.journal.kidOf(key)!;
  const at = store.journal.pointers(Float64Array.of(kid));
  const moves: Moves = {
    kid: Float64Array.of(kid),
    kind: at.kind,
    from: at.vid,
    to: Float64Array.of(to),
    previous: at.seq,
  };
  tx.move(moves);
  tx.commit();
}

describe("words are stored", () => {
  const many = (count: number, from = 0) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`many/${from + i}`, `number${from + i} together`]),
    );

  test("once more than 256 are pending, not before, and only then again", () => {
    write(many(256));
    expect(store.segments()).toHaveLength(0);
    expect(paths("number77")[0]).toBe("many/77");
    write({ one: "single" });
    expect(store.segments().map(({ vids }) => vids.length)).toEqual([257]);
    write(many(256));
    expect(store.segments()).toHaveLength(1);
    expect(paths("number77")[0]).toBe("many/77");
  });

  test("with the versions that are dead by then, so that an undo finds them stored", () => {
    write({ a: "first" });
    write({ a: "second" });
    write({ b: "bee" });
    write({ b: undefined });
    keepNow();
    expect([...store.segments()[0]!.vids]).toEqual([1, 2, 3]);
    expect(paths("first")).toEqual([]);
    moveBack("a", 1);
    moveBack("b", 3);
    expect([paths("first"), paths("second"), paths("bee")]).toEqual([["a"], [], ["b"]]);
  });

  test("or nothing is, with a transaction that was given up", () => {
    write({ kept: "kept" });
    const tx = store.begin({ agent: "ann" });
    put(tx, "lost", { content: "lost" });
    keepWords(tx, { add: addEntry, count: 1000 });
    tx.abort();
    expect(store.segments()).toEqual([]);
    write({ other: "found" });
    keepNow();
    expect([paths("lost"), paths("kept"), paths("found")]).toEqual([[], ["kept"], ["other"]]);
  });

  test("and few segments stay, however often they are", () => {
    for (let i = 0; i < 30; i++) {
      write({ [`e${i}`]: `word${i}` });
      keepNow();
    }
    expect(store.segments().length).toBeLessThanOrEqual(10);
    expect(Array.from({ length: 30 }, (_, i) => paths(`word${i}`)[0])).toEqual(
      Array.from({ length: 30 }, (_, i) => `e${i}`),
    );
  });
});

describe("kept out", () => {
  const mark = (id: string, version: number) => {
    const tx = store.begin({ agent: "ann" });
    tx.put({
      key: `quarantine:${id}`,
      kind: "mark",
      body: Buffer.from(JSON.stringify({ version, reason: "doubt" })),
    });
    tx.commit();
  };

  test("a version that a mark names is no result, entry or file; a newer one is", () => {
    index(code);
    write(notes);
    mark("notes/retry", store.head("notes/retry")!.vid);
    mark("src/retry.ts", store.head("src/retry.ts")!.vid);
    const found = paths("retry policy attempt skedaddle");
    expect(found).not.toContain("notes/retry");
    expect(found).not.toContain("src/retry.ts");
    expect(createRetriever(store).search({ query: "queue" }).coverage.files).toBe(2);
    write({ "notes/retry": "skedaddle, but reviewed" });
    expect(paths("skedaddle")).toEqual(["notes/retry"]);
  });

  test("until the mark is taken away", () => {
    write(notes);
    const before = ask();
    mark("notes/retry", store.head("notes/retry")!.vid);
    expect(paths("skedaddle")).toEqual([]);
    write({ "quarantine:notes/retry": undefined });
    expect(ask()).toEqual(before);
  });
});

test("an exploration has its own results, and its words may be stored from there", () => {
  index(code);
  write(notes);
  const fork = store.begin({ agent: "ann", kind: "explore" });
  const branch = fork.fork("trial", {});
  fork.commit();
  const [main, trial] = [store, store.on(branch)];
  const before = ask();
  store = trial;
  write({ "notes/retry": undefined, "notes/trial": "heliotrope" });
  expect([paths("heliotrope", trial), paths("skedaddle", trial)]).toEqual([["notes/trial"], []]);
  keepNow();
  expect(paths("heliotrope", trial)).toEqual(["notes/trial"]);
  expect(paths("heliotrope", main)).toEqual([]);
  store = main;
  expect(ask()).toEqual(before);
});

/** Merging of segments: at once or apart, beside writers and readers, and with processes killed in the middle of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { hashHigh, hashLow, hashText, termsOf, WORD_CLASSES } from "../../model/words.ts";
import type { Store } from "../contract/store.ts";
import { index } from "../everything.fixture.ts";
import { openStore } from "../open.ts";
import { LexicalIndex } from "./index.ts";
import { isUntidy, prepareMerge, storeMerge, tidySegments } from "./tidy.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-tidy-"));
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

const ones = new Float64Array(WORD_CLASSES).fill(1);
const weights = { document: ones, chunk: ones, shown: ones };

/** Paths of the live documents that hold a word. */
function having(word: string, from = store): string[] {
  return from.snapshot(() => {
    const lexical = new LexicalIndex(from.segments(), from.liveVersions("file"));
    hashText(termsOf(word)[0]!.text);
    const { documents, documentCount } = lexical.gather(hashLow >>> 0, hashHigh >>> 0, weights);
    return Array.from(documents.subarray(0, documentCount), (document) => lexical.paths[document]!).sort();
  });
}

/** More than a transaction merges by itself, in each of so many segments. */
const LARGE = 260;
function writeLarge(segments: number, below = ""): void {
  for (let s = 0; s < segments; s++) {
    const paths = Array.from({ length: LARGE }, (_, i) => `${below}s${s}/f${i}.ts`);
    index(store, Object.fromEntries(paths.map((path) => [path, word(s)])));
  }
}

const word = (n: number): string => `word${String.fromCharCode(97 + n)}`;

const little = (n: number): string => `little${word(n % 26)}${word(n / 26)}`;

/** Every stored document, however often. */
const documents = (from = store): number[] => from.segments().flatMap(({ vids }) => [...vids]);

function tidy(): void {
  const tx = store.begin({ agent: "indexer", kind: "index" });
  tidySegments(tx);
  tx.commit();
}

test("a transaction merges what is small and leaves what is large", () => {
  writeLarge(3);
  for (let i = 0; i < 30; i++) {
    index(store, { [`small${i}.ts`]: little(i) });
    tidy();
  }
  const sizes = store.segmentSizes().map((size) => size.documents);
  expect(sizes.filter((size) => size === LARGE)).toHaveLength(3);
  expect(sizes.length).toBeLessThanOrEqual(9);
  expect(Array.from({ length: 30 }, (_, i) => having(little(i))[0])).toEqual(
    Array.from({ length: 30 }, (_, i) => `small${i}.ts`),
  );
});

/** Stores a segment of so many documents for each of the numbers; their sizes after a transaction that tidies. */
function sizesAfter(...documents: number[]): number[] {
  documents.forEach((count, s) => {
    const paths = Array.from({ length: count }, (_, i) => `s${s}/f${i}.ts`);
    index(store, Object.fromEntries(paths.map((path) => [path, word(s)])));
  });
  tidy();
  return store.segmentSizes().map((size) => size.documents);
}

test("eight segments are not too many", () => {
  expect(sizesAfter(1, 1, 1, 1, 1, 1, 1, 1)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});

test("the smallest of nine are merged, as many as have 256 documents together", () => {
  expect(sizesAfter(100, 20, 20, 20, 20, 20, 20, 20, 16)).toEqual([256]);
});

test("one document more is left to a merge apart", () => {
  expect(sizesAfter(101, 20, 20, 20, 20, 20, 20, 20, 16)).toEqual([101, 156]);
});

test("a segment that is twice as large as all smaller ones together is merged with them", () => {
  expect(sizesAfter(1, 2, 6, 18, 62, 1, 1, 1, 1)).toEqual([93]);
});

test("a segment that is larger than that is left", () => {
  expect(sizesAfter(1, 2, 6, 18, 63, 1, 1, 1, 1)).toEqual([63, 31]);
  expect(having(word(4))).toHaveLength(63);
  expect(having(word(3))).toHaveLength(18);
});

test("large ones are merged apart: nothing is lost, doubled or remembered as an operation", () => {
  writeLarge(9);
  const before = { digest: store.digest(), seq: store.seq(), history: store.history().length };
  tidy();
  expect(store.segmentSizes()).toHaveLength(9);
  expect(isUntidy(store)).toBe(true);
  expect(storeMerge(store, prepareMerge(store)!)).toBe(true);
  expect(isUntidy(store)).toBe(false);
  expect(store.segmentSizes()).toHaveLength(1);
  expect(new Set(documents()).size).toBe(9 * LARGE);
  expect(documents()).toHaveLength(9 * LARGE);
  for (let s = 0; s < 9; s++) expect(having(word(s))).toHaveLength(LARGE);
  expect({ digest: store.digest(), seq: store.seq(), history: store.history().length }).toEqual(before);
});

test("what is erased while a merge is under way does not come back by it", () => {
  writeLarge(9);
  const under = prepareMerge(store)!;
  const tx = store.begin({ agent: "ann", kind: "erase" });
  tx.erase([tx.reader.journal.kidOf("s3/f7.ts")!.kid]);
  tx.commit();
  expect(storeMerge(store, under)).toBe(false);
  expect(documents()).toHaveLength(9 * LARGE - 1);
  expect(storeMerge(store, prepareMerge(store)!)).toBe(true);
  expect(documents()).toHaveLength(9 * LARGE - 1);
  expect(having(word(3))).not.toContain("s3/f7.ts");
});

test("of two that merge the same, one does; what was added meanwhile stays", () => {
  writeLarge(9);
  const [one, other] = [prepareMerge(store)!, prepareMerge(store)!];
  index(store, { "late.ts": "late" });
  expect([storeMerge(store, one), storeMerge(store, other)]).toEqual([true, false]);
  expect(documents().sort((a, b) => a - b)).toEqual(Array.from({ length: 9 * LARGE + 1 }, (_, i) => i + 1));
  expect(having("late")).toEqual(["late.ts"]);
});

test("a reader that began before sees its segments to the end", () => {
  writeLarge(9);
  const reader = openStore(store.path, { mode: "read" });
  stores.push(reader);
  reader.snapshot(() => {
    const segments = reader.segments();
    storeMerge(store, prepareMerge(store)!);
    expect(segments.map((segment) => segment.section("postings").length)).toHaveLength(9);
    expect(having(word(5), reader)).toHaveLength(LARGE);
  });
  expect(reader.segments()).toHaveLength(1);
});

/** Merges until it is killed or done. */
const merger = (file: string): string => `
  const { writeSync } = await import("node:fs");
  const at = (path) => import(new URL(path, ${JSON.stringify(import.meta.url)}).href);
  const [{ openStore }, { prepareMerge, storeMerge }] = await Promise.all([at("../open.ts"), at("./tidy.ts")]);
  const store = openStore(${JSON.stringify(file)}, { mode: "write", durability: "process" });
  writeSync(1, "ready");
  for (let next = prepareMerge(store); next; next = prepareMerge(store)) storeMerge(store, next);`;

test("killed in the middle, at any place, every document is there once", { timeout: 120_000 }, async () => {
  const rounds = process.env.MOMO_TEST_LONG ? 60 : 6;
  for (let round = 1; round <= rounds; round++) {
    writeLarge(9, `round${round}/`);
    const child = spawn(process.execPath, ["--input-type=module", "-e", merger(store.path)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    // Another place in the merge each time.
    await new Promise((done) => setTimeout(done, (round * 37) % 150));
    child.kill("SIGKILL");
    await once(child, "close");
    expect(documents().sort((a, b) => a - b)).toEqual([...store.liveVersions("file")]);
    expect(having(word(4))).toHaveLength(round * LARGE);
    expect(store.verify()).toBeUndefined();
  }
});

/**
 * I17: a flipped bit anywhere in the file is found by verify, or changes nothing that it answers for. verify-flips.test.ts
 * does the same to each value by its column; here it is the bytes of the file, those of SQLite's own structures too.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MomoError } from "../../errors.ts";
import { makeEverything } from "../everything.fixture.ts";
import { file, open } from "../knowledge.fixture.ts";
import { openStore } from "../open.ts";

const seeds = process.env.MOMO_TEST_LONG ? 3000 : 250;

/**
 * What verify answers for, row by row. Legitimately outside, as verify.ts says: the last scan and meta (caches and
 * settings of indexing), which versions were read, how far a cursor came, the terms of an exploration, the numbers given
 * out last where they are higher than any in use, where in its pack a slice begins; and bytes that hold nothing: free pages, unused places in pages, counters in the header that SQLite does not need.
 */
const COVERED: Readonly<Record<string, string>> = {
  key: "kid, kind, name",
  version: "vid, kid, leaf, body, erased",
  pack: "*",
  slice: "vid, pack, body_bytes + text_bytes",
  text: "*",
  edge: "*",
  branch: "branch, name, digest, seq, parent, base, horizon",
  head: "*",
  tx: "*",
  journal: "*",
  undone: "*",
  segment: "*",
  section: "*",
  counter: "tx, seq",
};

/** Every row of what is covered, read as SQLite reads a table and not by its indexes. */
function rowsIn(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.entries(COVERED)
      .flatMap(([table, columns]) => {
        const rows = database.prepare(`SELECT ${columns} FROM ${table} NOT INDEXED`).all();
        return rows.map((row) => `${table} ${Object.values(row).map(textOf).join(" ")}`).sort();
      })
      .join("\n");
  } finally {
    database.close();
  }
}

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("hex") : JSON.stringify(value);

/** What verify says; an error of Momo's where the file cannot even be opened. */
function faultIn(path: string): string | undefined {
  try {
    const store = openStore(path, { mode: "read", wait_ms: 0 });
    try {
      return store.verify();
    } finally {
      store.close();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(MomoError);
    return String(error);
  }
}

test("I17: a flipped bit anywhere in the file is found, or changes nothing", { timeout: 1_200_000 }, () => {
  const { main } = makeEverything(open());
  main.settle({ shrink: true });
  main.close();
  const sound = readFileSync(file);
  const before = rowsIn(file);
  const met = { found: 0, harmless: 0 };
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(7), (at, bit) => {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 1 << bit;
      for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
      writeFileSync(file, bytes);
      if (faultIn(file) !== undefined) {
        met.found++;
        return;
      }
      met.harmless++;
      expect(rowsIn(file), `bit ${bit} of byte ${at}`).toBe(before);
    }),
    { numRuns: seeds },
  );
  expect(met.found).toBeGreaterThan(seeds / 10);
  expect(met.harmless).toBeGreaterThan(0);
});

/** A knowledge base with one of everything, damaged anywhere: all that may come of it is an error of Momo's. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MomoError } from "../../errors.ts";
import type { VersionKind } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { makeEverything } from "../everything.fixture.ts";
import { file, open } from "../knowledge.fixture.ts";
import { openStore } from "../open.ts";

const kinds: readonly VersionKind[] = ["file", "entry", "relation", "setting", "mark"];

/** Everything that can be asked of a store without writing. */
function readAll(store: Store): void {
  for (const kind of kinds) {
    for (const { key, vid } of store.heads(kind)) {
      store.head(key);
      store.body(vid);
      store.text(vid);
      store.edges(key, "source");
      store.edges(key, "target");
      store.history({ key });
    }
    store.digestOf(kind);
  }
  for (const { transaction } of store.history()) store.operations(transaction);
  store.branches();
  const { journal } = store;
  for (const transaction of journal.select({}))
    if (journal.isKept(transaction)) journal.operations(transaction);
  journal.overlay();
  journal.undone([1, store.seq()]);
  store.changes(0, 100);
  store.scan();
}

test("bytes overwritten anywhere never bring anything but a Momo error", { timeout: 1_200_000 }, () => {
  const { main } = makeEverything(open());
  const branches = main.branches().map(({ branch }) => branch);
  main.close();
  const sound = readFileSync(file);
  const patch = fc.record({
    at: fc.nat(sound.length - 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  });
  fc.assert(
    fc.property(fc.array(patch, { minLength: 1, maxLength: 3 }), (patches) => {
      const bytes = Buffer.from(sound);
      for (const { at, bytes: own } of patches) bytes.set(own.subarray(0, bytes.length - at), at);
      for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
      writeFileSync(file, bytes);
      expectMomoErrors((store) => store.verify());
      for (const branch of [1, ...branches]) expectMomoErrors((store) => readAll(store.on(branch)));
    }),
    process.env.MOMO_TEST_LONG ? { numRuns: 5000 } : { numRuns: 150, seed: 1 },
  );
});

function expectMomoErrors(work: (store: Store) => unknown): void {
  try {
    const store = openStore(file, { mode: "read", wait_ms: 0 });
    try {
      work(store);
    } finally {
      store.close();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(MomoError);
  }
}

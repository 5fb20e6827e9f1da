/** A knowledge base with one of everything that the store knows. Used by the tests of verify. */

import { PackWriter } from "./contents/pack-file.ts";
import type { Store } from "./contract/store.ts";
import type { SeqRange } from "./contract/transaction.ts";
import { bytes, entry, fork, move, relation, remove, transact, version, write } from "./knowledge.fixture.ts";
import { SegmentBuilder } from "./lexical/builder.ts";

/** Sections of a segment in which each document holds one word, under its own path. */
export function segmentOf(
  documents: Record<string, string>,
  languageOf: (path: string) => string = () => "typescript",
): Record<string, Uint8Array> {
  const builder = new SegmentBuilder();
  for (const [path, word] of Object.entries(documents)) {
    builder.add({
      path,
      language: languageOf(path),
      flags: 0,
      lines: 1,
      chunkStarts: [0],
      entityCounts: [0],
      words: {
        count: 1,
        word: Int32Array.of(builder.vocabulary.internText(word)),
        line: Int32Array.of(0),
        class: Uint8Array.of(0),
      },
      definitions: [],
      imports: [],
    });
  }
  return builder.finish();
}

/** Files whose contents share a pack, with a word each in one segment; their versions. */
export function index(store: Store, files: Record<string, string>): number[] {
  const packs = new PackWriter();
  const places = Object.values(files).map((text) => packs.add(bytes(1), Buffer.from(text)));
  let vids: number[] = [];
  transact(
    store,
    (tx) => {
      const [pack] = packs.take().map((stored) => tx.addPack(stored));
      vids = Object.keys(files).map((key, i) => {
        const hash = new Uint8Array(32).fill(files[key]!.length);
        return tx.put({ key, kind: "file", hash, ...places[i]!, pack: pack! }).vid;
      });
      tx.addSegment(segmentOf(files), Float64Array.from(vids));
    },
    { agent: "indexer", kind: "index" },
  );
  return vids;
}

export interface Everything {
  /** Before the undo, and before anything was laid over main. */
  early: number;
  main: Store;
  exploration: Store;
  deeper: Store;
}

/** `store` is new. */
export function makeEverything(store: Store): Everything {
  const ada = { agent: "Ada", session: "s", principal: "p", intent: "try" };
  const [k0, k1] = write(store, entry("k0", 1, "text"), entry("k1", 1), entry("k2", 1), entry("k3", 1));
  transact(
    store,
    (tx) => tx.put(relation("k0 calls k1", { source: "k0", type: "calls", target: "k1" })),
    ada,
  );
  index(store, { "f1.ts": "alpha", "f2.ts": "beta", "f3.ts": "gamma" });
  write(store, version("f4.ts", 1), entry("secret", 7, "nobody knows"));
  const early = store.seq();
  let later = 0;
  const second = transact(
    store,
    (tx) => {
      tx.read(k0!, "declared");
      later = tx.put(entry("k0", 2, "other")).vid;
      tx.put(entry("k1", 2));
      tx.remove("entry", "k3");
    },
    { ...ada, request_id: "r" },
  );
  const dead: SeqRange[] = [[second.seq - 2, second.seq - 1]];
  move(store, { k0: k0!, k1: k1! }, { author: ada, detail: { plan: "p1", policy: "block", dead } });
  transact(store, (tx) => tx.describe({ name: "here" }), { kind: "checkpoint" });
  const exploration = fork(store, "try", { expires: 1 });
  write(exploration, entry("k0", 3), entry("only there", 1));
  remove(exploration, "k1");
  const deeper = fork(exploration, "deeper");
  write(deeper, entry("k0", 4), entry("k1", 4));
  const live: SeqRange[] = [[second.seq - 2, second.seq - 2]];
  move(store, { k0: later }, { author: { kind: "redo" }, detail: { plan: "p2", of: 6, live } });
  write(store, entry("k2", 2));
  write(exploration, entry("k2", 3));
  const gone = fork(store, "gone");
  write(gone, entry("k0", 5), entry("never", 5));
  transact(store, (tx) => tx.drop(gone.branch), { kind: "discard" });
  transact(store, (tx) => tx.erase([tx.reader.journal.kidOf("secret")!.kid]), { kind: "erase" });
  store.settle();
  return { early, main: store, exploration, deeper };
}

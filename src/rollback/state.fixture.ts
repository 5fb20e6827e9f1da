/** What a state of the store is: heads, contents and the digest by other means than its own. Used by the tests of this room. */
import { hash } from "node:crypto";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Operation, SeqRange } from "../store/contract/transaction.ts";
import { edgeOf } from "./model.fixture.ts";

/** All that a state is, byte for byte. */
export function snapshotOf(store: Store): unknown {
  const heads = [...headsOf(store)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    digest: store.digest(),
    parts: (["file", "entry", "relation", "setting", "mark"] as const).map((kind) => store.digestOf(kind)),
    heads: heads.map(([key, { vid, kind }]) => ({
      key,
      vid,
      kind,
      content: [store.body(vid), store.text(vid)].map(String),
      edges: [...store.edges(key, "source"), ...store.edges(key, "target")],
    })),
  };
}

/** Key to head, of every kind. */
export function headsOf(store: StoreReader): Map<string, { vid: number; kind: string }> {
  const heads = (["file", "entry", "relation", "setting", "mark"] as const).flatMap((kind) =>
    store.heads(kind),
  );
  return new Map(heads.map(({ key, vid, kind }) => [key, { vid, kind }] as const));
}

/** Version of every key by what the journal says in public: its newest write that was not taken back. */
export function headsByWrites(store: Store): Map<string, number> {
  const dead = new Set<number>();
  const writes: Operation[] = [];
  for (const { transaction, kind, seq, detail = {} } of store.history().toReversed()) {
    const isMoving = kind === "undo" || kind === "redo" || kind === "rewind";
    const first = isMoving ? seq - (detail.writes ?? 0) + 1 : 0;
    writes.push(...store.operations(transaction).filter((one) => one.seq >= first));
    for (const one of listed(detail.live ?? [])) dead.delete(one);
    for (const one of listed(detail.dead ?? [])) dead.add(one);
  }
  const heads = new Map<string, number>();
  for (const { key, seq, to } of writes) if (!dead.has(seq)) heads.set(key, to ?? 0);
  return new Map([...heads].filter(([, vid]) => vid > 0));
}

export const listed = (ranges: readonly SeqRange[]): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

export function stateOf(store: StoreReader): Map<string, string> {
  const state = [...headsOf(store)].map(([key, { vid }]): [string, string] => {
    return [key, Buffer.from(store.body(vid)!).toString()];
  });
  return new Map(state.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The digest from its definition, by other means than the store's. */
export function digestOf(state: ReadonlyMap<string, string>): string {
  let sum = 0n;
  for (const [key, content] of state) {
    const edge = edgeOf(key);
    const ends = edge ? `\x01${JSON.stringify([edge.source, edge.type, edge.target])}` : "";
    const own = hash("sha256", content + ends, "buffer");
    sum += BigInt(`0x${hash("sha256", Buffer.concat([Buffer.from(key), own]))}`);
  }
  return (sum % 2n ** 256n).toString(16).padStart(64, "0");
}

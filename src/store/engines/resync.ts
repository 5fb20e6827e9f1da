/**
 * Finds where an engine differs from the knowledge base without sending all of it: counts and sums of marks over ranges
 * of ids, first 256 a kind, then 256 in each that differs, then the versions in those. A sum has no order, so an engine
 * may add up in any. Used by relay.ts.
 */
import type { EngineWants, KeyState } from "../contract/feed.ts";
import type { VersionKind } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { Held, Holdings, RangeDigest } from "../contract/rows.ts";
import { keyUuid, markOf, prefixOf } from "./key-id.ts";
import { OpenSegments } from "./segment-rows.ts";

const COARSE = 2;
const FINE = 4;

/** What an engine should hold of a key: so many rows, with this sum of marks. */
interface Expected {
  id: string;
  key: string;
  vid: number;
  rows: number;
  mark: number;
}

type Sums = Map<string, { count: number; sum: bigint }>;

/** Keys that the engine holds otherwise than the knowledge base, as it is now, says; each with no version to mean removed. */
export async function driftedKeys(
  store: StoreReader,
  holdings: Holdings,
  wants: EngineWants,
): Promise<Pick<KeyState, "id" | "key" | "kind">[]> {
  const drifted: Pick<KeyState, "id" | "key" | "kind">[] = [];
  for (const kind of wants.kinds) {
    const truth = store.snapshot(() => expectedOf(store, kind, wants));
    for (const { id, key } of await drift(holdings, kind, truth)) drifted.push({ id, key, kind });
  }
  return drifted;
}

async function drift(
  holdings: Holdings,
  kind: VersionKind,
  truth: readonly Expected[],
): Promise<{ id: string; key: string }[]> {
  const coarse = await differing(holdings, kind, { truth, under: [""], digits: COARSE });
  if (coarse.length === 0) return [];
  const fine = new Set(await differing(holdings, kind, { truth, under: coarse, digits: FINE }));
  const expected = new Map(
    truth.filter(({ id }) => fine.has(prefixOf(id, FINE))).map((one) => [one.id, one] as const),
  );
  const wrong = new Map<string, { id: string; key: string }>();
  const right = new Set<string>();
  for (const one of await holdings.list(kind, [...fine])) {
    if (isAsExpected(one, expected.get(one.id))) right.add(one.id);
    else wrong.set(one.id, one);
  }
  for (const one of expected.values()) if (one.rows > 0 && !right.has(one.id)) wrong.set(one.id, one);
  return [...wrong.values()];
}

const isAsExpected = ({ vid, mark }: Held, expected: Expected | undefined): boolean =>
  expected?.vid === vid && expected.mark === mark;

/** Prefixes of ranges that do not add up to the same. */
async function differing(
  holdings: Holdings,
  kind: VersionKind,
  { truth, under, digits }: { truth: readonly Expected[]; under: readonly string[]; digits: number },
): Promise<string[]> {
  const asked = new Set(under);
  const sums: Sums = new Map();
  for (const { id, rows, mark } of truth) {
    if (rows === 0 || !(asked.has("") || asked.has(prefixOf(id, COARSE)))) continue;
    addTo(sums, { prefix: prefixOf(id, digits), count: rows, sum: BigInt(mark) });
  }
  const held: Sums = new Map();
  for (const range of await holdings.digests(kind, { under, digits })) addTo(held, range);
  return [...new Set([...sums.keys(), ...held.keys()])].filter((prefix) => {
    const [own, other] = [sums.get(prefix), held.get(prefix)];
    return own?.count !== other?.count || own?.sum !== other?.sum;
  });
}

function addTo(sums: Sums, { prefix, count, sum }: RangeDigest): void {
  const known = sums.get(prefix) ?? { count: 0, sum: 0n };
  sums.set(prefix, { count: known.count + count, sum: known.sum + sum });
}

function expectedOf(store: StoreReader, kind: VersionKind, { vectors }: EngineWants): Expected[] {
  const heads = store.heads(kind);
  const vids = new Set(vectors === undefined ? [] : heads.map(({ vid }) => vid));
  const segments = new OpenSegments(vectors).rows(store, vids);
  return heads.map(({ key, vid, leaf }) => {
    const marks =
      vectors === undefined
        ? [markOf(leaf, vid)]
        : segments.embedded(vid).map((chunk) => markOf(leaf, vid, chunk + 1));
    const mark = marks.reduce((sum, one) => sum + one, 0);
    return { id: keyUuid(kind, key), key, vid, rows: marks.length, mark };
  });
}

/** States of these keys as they are now. */
export function statesOf(
  store: StoreReader,
  keys: readonly Pick<KeyState, "id" | "key" | "kind">[],
): KeyState[] {
  return keys.map(({ id, key, kind }) => {
    const known = store.journal.kidOf(key, kind);
    if (!known || keyUuid(kind, key) !== id) return { id, key, kind, vid: 0, seq: 0 };
    const { vid, seq } = store.journal.pointers(Float64Array.of(known.kid));
    return { id, key, kind, vid: vid[0]!, seq: seq[0]! };
  });
}

/**
 * Pairs of a repository as one file: its stems, and for each side of each pair the distinct stems with how often each
 * occurs. Written by make-pairs.ts, read by train.ts.
 */
import { Packed, pack } from "../../src/store/lexical/pack.ts";
import type { Pair, PairKind } from "./pairs.ts";

/** Bags of pair i: left is bag 2i, right bag 2i + 1; entries of bag b are at[b] .. at[b + 1]. */
export interface Bags {
  stems: string[];
  kinds: Uint8Array;
  at: Uint32Array;
  /** Place in `stems`. */
  stem: Uint32Array;
  count: Uint8Array;
}

export const pairKinds: readonly PairKind[] = ["documented", "named", "window", "commit"];

export function encodePairs(pairs: readonly Pair[]): Uint8Array {
  const ids = new Map<string, number>();
  const at = new Uint32Array(pairs.length * 2 + 1);
  const stem: number[] = [];
  const count: number[] = [];
  pairs.forEach(({ left, right }, i) => {
    for (const [side, bag] of [left, right].entries()) {
      for (const [text, times] of countOf(bag)) {
        if (!ids.has(text)) ids.set(text, ids.size);
        stem.push(ids.get(text)!);
        count.push(Math.min(255, times));
      }
      at[i * 2 + side + 1] = stem.length;
    }
  });
  return pack({
    stems: [...ids.keys()],
    kinds: Uint8Array.from(pairs, ({ kind }) => pairKinds.indexOf(kind)),
    at,
    stem: Uint32Array.from(stem),
    count: Uint8Array.from(count),
  });
}

function countOf(bag: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of bag) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

export function decodePairs(bytes: Uint8Array): Bags {
  const packed = new Packed(bytes);
  return {
    stems: packed.strings("stems"),
    kinds: packed.column("kinds", "Uint8Array"),
    at: packed.column("at", "Uint32Array"),
    stem: packed.column("stem", "Uint32Array"),
    count: packed.column("count", "Uint8Array"),
  };
}

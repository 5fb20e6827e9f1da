/** Kinds of keys as the file stores them. Used by everything in store/ that reads or writes heads. */
import type { VersionKind } from "./store.ts";

/** The position counts from 1. Append only. */
const kinds: readonly VersionKind[] = ["file", "entry", "relation", "setting", "mark"];

export const kindCount = kinds.length;
export const kindNumber = (kind: VersionKind): number => kinds.indexOf(kind) + 1;
export const kindOf = (number: number): VersionKind => kinds[number - 1]!;

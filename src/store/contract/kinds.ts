/** Kinds of keys as the file stores them. Used by everything in store/ that reads or writes heads. */
import type { VersionKind } from "./knowledge.ts";

/** The position counts from 1. Append only. */
const kinds: readonly VersionKind[] = ["file", "entry", "relation", "setting", "mark", "alias"];

export const kindCount = kinds.length;
export const kindNumber = (kind: VersionKind): number => kinds.indexOf(kind) + 1;
export const kindOf = (number: number): VersionKind => kinds[number - 1]!;

/** The branch that every call without another one means. */
export const mainBranch = 1;

/**
 * Three-way merge of an entry by its fields: what one side did not change, the other may. Used by plan.ts (policy
 * `merge`) and by explorations.
 *
 * Fields are `content`, `type` and each key of `metadata`. `metadata.tags` is a set and `metadata.counters` holds
 * numbers that are added up: changes to those never exclude each other.
 */
import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "../model/canonical-json.ts";

/** A version's body and text, as stored. */
export interface Content {
  body: Uint8Array;
  text?: Uint8Array | undefined;
}

type Fields = Record<string, unknown>;

/** `ours` with the change from `base` to `theirs`; undefined when both changed one field in different ways. */
export function mergeFields(base: Content, ours: Content, theirs: Content): Content | undefined {
  const [from, own, wanted] = [fieldsOf(base), fieldsOf(ours), fieldsOf(theirs)];
  if (!from || !own || !wanted) return undefined;
  const merged = mergeObjects([from, own, wanted], mergeEntryField);
  if (!merged) return undefined;
  const { "\0content": content, ...body } = merged;
  return {
    body: Buffer.from(canonicalJson(body)),
    ...(typeof content === "string" && { text: Buffer.from(content) }),
  };
}

/** Body and text as one set of fields; undefined when the body is not JSON. */
function fieldsOf({ body, text }: Content): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
    return { ...fields, ...(text && { "\0content": Buffer.from(text).toString() }) };
  } catch {
    return undefined;
  }
}

/** A field that two sides changed differently cannot be merged. */
const CLASH = Symbol("clash");
/** A field as it was, as it is, and as the change makes it. */
type Sides = readonly [base: unknown, ours: unknown, theirs: unknown];
type Merge = (name: string, sides: Sides) => unknown;

function mergeObjects(
  [base, ours, theirs]: readonly [Fields, Fields, Fields],
  merge: Merge,
): Fields | undefined {
  const merged: Fields = {};
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const value = merge(name, [base[name], ours[name], theirs[name]]);
    if (value === CLASH) return undefined;
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function mergeValue([base, ours, theirs]: Sides): unknown {
  if (isDeepStrictEqual(ours, base)) return theirs;
  if (isDeepStrictEqual(theirs, base) || isDeepStrictEqual(ours, theirs)) return ours;
  return CLASH;
}

const asFields = (sides: Sides): [Fields, Fields, Fields] =>
  sides.map((side) => side ?? {}) as [Fields, Fields, Fields];

function mergeEntryField(name: string, sides: Sides): unknown {
  return name === "metadata" ? (mergeObjects(asFields(sides), mergeMetadata) ?? CLASH) : mergeValue(sides);
}

function mergeMetadata(name: string, sides: Sides): unknown {
  const simple = mergeValue(sides);
  if (simple !== CLASH) return simple;
  if (name === "tags") return mergeSets(sides);
  if (name === "counters") return mergeCounters(asFields(sides));
  return CLASH;
}

function mergeSets(sides: Sides): unknown {
  const [base, ours, theirs] = sides.map((side) => side ?? []);
  if (!Array.isArray(base) || !Array.isArray(ours) || !Array.isArray(theirs)) return CLASH;
  const removed = base.filter((tag) => !theirs.includes(tag));
  const added = theirs.filter((tag) => !base.includes(tag));
  const merged = new Set([...ours.filter((tag) => !removed.includes(tag)), ...added]);
  // In order, so that it does not matter which of two changes came first.
  return merged.size === 0 && sides[2] === undefined ? undefined : [...merged].sort();
}

function mergeCounters([base, ours, theirs]: readonly [Fields, Fields, Fields]): unknown {
  const merged: Fields = {};
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs), ...Object.keys(base)])) {
    const values = [ours[name] ?? 0, theirs[name] ?? 0, base[name] ?? 0];
    if (!values.every((value) => typeof value === "number")) return CLASH;
    const [own, wanted, before] = values as [number, number, number];
    const isGone = !(name in theirs) && own + wanted - before === 0;
    if (!isGone) merged[name] = own + wanted - before;
  }
  return merged;
}

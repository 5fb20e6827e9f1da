/**
 * Three-way merge of an entry by its fields: what one side did not change, the other may. Used by plan.ts (policy
 * `merge`) and by explorations.
 *
 * Fields are `content`, `type` and each key of `metadata`. `metadata.tags` is a set and `metadata.counters` holds
 * numbers that are added up: changes to those never exclude each other.
 */
import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "../../model/canonical-json.ts";

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
    if (!isFields(fields)) return undefined;
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
  // Without a prototype, so that a field may have any name.
  const merged: Fields = Object.create(null);
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [before, own, wanted] = [base, ours, theirs].map((side) => ownField(side, name));
    const value = merge(name, [before, own, wanted]);
    if (value === CLASH) return undefined;
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

const ownField = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** Where one side left it as it was. */
function mergeOneSided([base, ours, theirs]: Sides): unknown {
  if (isDeepStrictEqual(ours, base)) return theirs;
  return isDeepStrictEqual(theirs, base) ? ours : CLASH;
}

function mergeValue(sides: Sides): unknown {
  const [, ours, theirs] = sides;
  return isDeepStrictEqual(ours, theirs) ? ours : mergeOneSided(sides);
}

/** undefined where a side is there but has no fields. */
function asFields(sides: Sides): [Fields, Fields, Fields] | undefined {
  const isMade = sides.every((side) => side === undefined || isFields(side));
  return isMade ? (sides.map((side) => side ?? {}) as [Fields, Fields, Fields]) : undefined;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Field by field, or as a whole where there are no fields. */
function mergeInside(sides: Sides, merge: Merge): unknown {
  const fields = asFields(sides);
  return fields ? (mergeObjects(fields, merge) ?? CLASH) : mergeValue(sides);
}

const mergeEntryField: Merge = (name, sides) =>
  name === "metadata" ? mergeInside(sides, mergeMetadata) : mergeValue(sides);

const mergeMetadata: Merge = (name, sides) => {
  if (name === "counters") return mergeCounters(sides);
  const simple = mergeValue(sides);
  return simple === CLASH && name === "tags" ? mergeSets(sides) : simple;
};

function mergeSets(sides: Sides): unknown {
  const [base, ours, theirs] = sides.map((side) => side ?? []);
  if (!isSet(base) || !isSet(ours) || !isSet(theirs)) return CLASH;
  const removed = base.filter((tag) => !theirs.includes(tag));
  const added = theirs.filter((tag) => !base.includes(tag));
  const merged = new Set([...ours.filter((tag) => !removed.includes(tag)), ...added]);
  // In order, so that it does not matter which of two changes came first.
  return merged.size === 0 && sides[2] === undefined ? undefined : [...merged].sort();
}

const isSet = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((tag) => typeof tag === "string");

function mergeCounters(sides: Sides): unknown {
  const simple = mergeOneSided(sides);
  if (simple !== CLASH) return simple;
  const merged = mergeInside(sides, mergeCounter);
  const isEmpty = isFields(merged) && Object.keys(merged).length === 0;
  return isEmpty && sides[2] === undefined ? undefined : merged;
}

/** Added up even where both sides say the same: each has its own share in it. */
const mergeCounter: Merge = (_name, sides) => {
  const simple = mergeOneSided(sides);
  if (simple !== CLASH) return simple;
  const values = sides.map((value) => value ?? 0);
  if (!values.every((value) => typeof value === "number")) return mergeValue(sides);
  const [before, own, wanted] = values as [number, number, number];
  const sum = own + wanted - before;
  return sum === 0 && sides[2] === undefined ? undefined : sum;
};

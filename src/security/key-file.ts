/**
 * What `keys.json` holds: records of keys with the hash of their secret, checked field by field when it is read, since
 * a key that was read wrongly opens a door. Used by keys.ts.
 */
import { isPlainLine, nameFault } from "./names.ts";
import { type Grants, type Role, roles } from "./roles.ts";

/** A key as it is shown. Times are ISO 8601. */
export interface KeyRecord {
  id: string;
  /** Also the name of what is written with it, in the history. */
  name: string;
  grants: Grants;
  created_at: string;
  expires_at?: string;
  /** To the minute, and of what has been written down. */
  last_used_at?: string;
  rotated_at?: string;
  /** Until when the key before the rotation is good as well. */
  previous_until?: string;
  revoked_at?: string;
}

export interface StoredKey extends KeyRecord {
  /** SHA-256 in hex. */
  secret_hash: string;
  previous_hash?: string;
}

const HASH = /^[0-9a-f]{64}$/;
const ID = /^[0-9A-Za-z]{12}$/;
const times = ["expires_at", "last_used_at", "rotated_at", "previous_until", "revoked_at"] as const;
const fields = ["id", "name", "grants", "created_at", ...times, "secret_hash", "previous_hash"];
const MAX_GRANTS = 100;

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTime = (value: unknown): boolean =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));

export const isRole = (value: unknown): value is Role => roles.includes(value as Role);

/** Roles by workspace; something is granted, and nothing else is said. */
export function isGrants(value: unknown): value is Grants {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.length <= MAX_GRANTS &&
    entries.every(([workspace, role]) => isPlainLine(workspace, 200) && isRole(role))
  );
}

function isStoredKey(value: unknown): value is StoredKey {
  if (!isObject(value)) return false;
  const { id, name, grants, created_at, secret_hash, previous_hash, previous_until } = value;
  const hasIdentity = typeof id === "string" && ID.test(id) && typeof name === "string" && !nameFault(name);
  const hasHash = typeof secret_hash === "string" && HASH.test(secret_hash);
  const hasPrevious = typeof previous_hash === "string" && HASH.test(previous_hash);
  return (
    hasIdentity &&
    hasHash &&
    (previous_hash === undefined ? previous_until === undefined : hasPrevious && isTime(previous_until)) &&
    isGrants(grants) &&
    isTime(created_at) &&
    times.every((time) => value[time] === undefined || isTime(value[time])) &&
    Object.keys(value).every((field) => fields.includes(field))
  );
}

/** Throws an Error that says what is wrong, without what the file holds. */
export function parseKeys(text: string): StoredKey[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error("it is not valid JSON");
  }
  if (!isObject(content) || !Array.isArray(content.keys)) throw new Error("it holds no list of keys");
  if (content.version !== 1) throw new Error("it is of another version of Momo");
  const keys: unknown[] = content.keys;
  const wrong = keys.findIndex((key) => !isStoredKey(key));
  if (wrong >= 0) throw new Error(`key number ${wrong + 1} is not as Momo writes it`);
  const sound = keys as StoredKey[];
  if (new Set(sound.map(({ id }) => id)).size < sound.length) throw new Error("two keys have the same id");
  return sound;
}

export const keysText = (keys: readonly StoredKey[]): string =>
  `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;

/** Without the hashes. */
export function shownKey({
  secret_hash: _secret,
  previous_hash: _previous,
  ...record
}: StoredKey): KeyRecord {
  return record;
}

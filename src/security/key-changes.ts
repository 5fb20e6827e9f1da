/** How keys come to be and end: changes of the list that keys.ts reads and writes. */
import { createHash } from "node:crypto";
import { MomoError } from "../errors.ts";
import { shown } from "../model/shown.ts";
import { isGrants, type KeyRecord, type StoredKey, shownKey } from "./key-file.ts";
import { keyText, newId, newSecret } from "./key-text.ts";
import { foldName, nameFault } from "./names.ts";
import type { Grants } from "./roles.ts";

/** A change that is about to be written. */
export interface KeyChange {
  action: "create" | "rotate" | "revoke";
  id: string;
  name: string;
}

export interface NewKey {
  /** Name of its agent in the history; no other key ever had it. */
  name: string;
  grants: Grants;
  /** Milliseconds since 1970; default never. */
  expires_at?: number | undefined;
}

/** The only time that a key is seen. */
export interface MadeKey {
  key: string;
  record: KeyRecord;
}

/** When a change happens, and who is told before it does; what that throws prevents it. */
interface By {
  now: number;
  announce: (change: KeyChange) => void;
}

const DAY_SECONDS = 86_400;
const MAX_KEYS = 1000;
/** The last one that a date can hold. */
const LAST_TIME = 8.64e15;
export const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();
export const isPast = (time: string | undefined, now: number): boolean =>
  time !== undefined && Date.parse(time) <= now;

function refuse(name: string, value: string, hint: string): never {
  const shown = value.slice(0, 60).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  throw new MomoError("VALUE_INVALID", { name, value: shown, hint });
}

function checkNew({ name, grants, expires_at }: NewKey, keys: readonly StoredKey[], now: number): void {
  const fault = nameFault(name);
  if (fault !== undefined) refuse("the name of a key", name, fault);
  if (keys.some((key) => foldName(key.name) === foldName(name)))
    refuse("the name of a key", name, "a key has or had it: rotate that one, or choose another name");
  if (!isGrants(grants))
    refuse("what a key grants", JSON.stringify(grants) ?? "", "give reader, writer or admin");
  if (expires_at !== undefined && !(expires_at > now && expires_at <= LAST_TIME))
    refuse("the end of a key", String(expires_at), "give a time in the future");
  if (keys.length >= MAX_KEYS) refuse("another key", name, `there are ${MAX_KEYS}, as many as can be`);
}

function find(keys: readonly StoredKey[], id: string): StoredKey {
  const found = keys.find((key) => key.id === id);
  if (found) return found;
  throw new MomoError("KEY_UNKNOWN", { id: shown(id) });
}

/** Adds it to the list. */
export function addKey(keys: StoredKey[], asked: NewKey, { now, announce }: By): MadeKey {
  checkNew(asked, keys, now);
  const [id, secret] = [newId(), newSecret()];
  const { name, grants, expires_at } = asked;
  announce({ action: "create", id, name });
  const stored: StoredKey = {
    id,
    name,
    grants,
    created_at: new Date(now).toISOString(),
    ...(expires_at !== undefined && { expires_at: new Date(expires_at).toISOString() }),
    secret_hash: hashOf(secret).toString("hex"),
  };
  keys.push(stored);
  return { key: keyText(id, secret), record: shownKey(stored) };
}

/** Changes the key in the list; a secret that was still good from a rotation before is not any more. */
export function rotateKey(
  keys: readonly StoredKey[],
  { id, overlap_seconds: overlap = DAY_SECONDS }: { id: string; overlap_seconds?: number | undefined },
  { now, announce }: By,
): MadeKey {
  const found = find(keys, id);
  if (found.revoked_at !== undefined || isPast(found.expires_at, now))
    refuse("ID", id, "it was revoked or has expired: make another key with momo keys create");
  const until = now + overlap * 1000;
  if (!(overlap >= 0 && until <= LAST_TIME)) refuse("--overlap", String(overlap), "give a length of time");
  announce({ action: "rotate", id, name: found.name });
  const secret = newSecret();
  found.previous_hash = found.secret_hash;
  found.previous_until = new Date(until).toISOString();
  found.rotated_at = new Date(now).toISOString();
  found.secret_hash = hashOf(secret).toString("hex");
  return { key: keyText(id, secret), record: shownKey(found) };
}

/** Changes the key in the list; one that was revoked before stays as it is. */
export function revokeKey(keys: readonly StoredKey[], id: string, { now, announce }: By): KeyRecord {
  const found = find(keys, id);
  if (found.revoked_at === undefined) {
    announce({ action: "revoke", id, name: found.name });
    found.revoked_at = new Date(now).toISOString();
  }
  return shownKey(found);
}

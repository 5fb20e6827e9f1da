/**
 * API keys in `<home>/keys.json`: made, rotated and revoked by the command `keys`, checked at every request by a
 * server. The secret itself is kept nowhere. A file that cannot be read, or that went away, lets nobody in.
 */
import { timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { MomoError } from "../errors.ts";
import {
  addKey,
  hashOf,
  isPast,
  type KeyChange,
  type MadeKey,
  type NewKey,
  revokeKey,
  rotateKey,
} from "./key-changes.ts";
import { type KeyRecord, keysText, parseKeys, type StoredKey, shownKey } from "./key-file.ts";
import { readKeyText } from "./key-text.ts";
import { makeHome, readPrivate, stampOf, withLock, writePrivate } from "./private-file.ts";

/** Why a key is refused: for the log, never for the caller, who learns only that it is. */
export type KeyRefusal = "malformed" | "unknown" | "expired" | "revoked";

export interface Keys {
  /** No key was ever made here. Also false once there are only revoked ones: revoking the last opens nothing. */
  isEmpty(): boolean;
  /** Oldest first, with the ones that are not good any more. */
  list(): KeyRecord[];
  /** Raises VALUE_INVALID. */
  create(key: NewKey): MadeKey;
  /** A new secret; the one before stays good for `overlap_seconds`. Raises KEY_UNKNOWN, VALUE_INVALID. */
  rotate(id: string, rotation?: { overlap_seconds?: number | undefined }): MadeKey;
  /** From now on, in every process. Once more changes nothing. Raises KEY_UNKNOWN. */
  revoke(id: string): KeyRecord;
  /** Sees at once what other processes changed. `now` in milliseconds since 1970. Raises KEYS_UNREADABLE. */
  verify(text: string, now?: number): KeyRecord | KeyRefusal;
}

export interface KeysOptions {
  /** Called before a change is written; what it throws prevents the change. */
  before_change?: (change: KeyChange) => void;
  now?: () => number;
}

export const KEYS_FILE = "keys.json";
const USE_INTERVAL_MS = 60_000;

/** Compared where there is nothing to compare with, so that a miss takes as long as a hit. */
const NOTHING = "0".repeat(64);
const storedHash = (hash = NOTHING): Buffer => Buffer.from(hash, "hex");

/** The file as it is now; read again when it is another one than the last time. */
function createReader(file: string) {
  let stamp: string | undefined;
  let records: ReadonlyMap<string, StoredKey> = new Map();
  const unreadable = (why: string, cause?: unknown): MomoError =>
    new MomoError("KEYS_UNREADABLE", { file, why }, cause);

  return {
    unreadable,
    /** By id, oldest first. */
    read(): ReadonlyMap<string, StoredKey> {
      try {
        const current = stampOf(file);
        if (current !== undefined && current === stamp) return records;
        const text = readPrivate(file);
        if (text === undefined && stamp !== undefined) throw new Error("it went away: restore it");
        records = new Map(text === undefined ? [] : parseKeys(text).map((key) => [key.id, key]));
        // Of before the reading: what was changed meanwhile is read once more.
        stamp = current;
        return records;
      } catch (error) {
        stamp = "unreadable";
        throw unreadable((error as Error).message, error);
      }
    },
  };
}

/** The key of that id and secret, or why it is none. */
function match(keys: ReadonlyMap<string, StoredKey>, text: string, now: number): StoredKey | KeyRefusal {
  const read = readKeyText(text);
  if (read === undefined) return "malformed";
  const found = keys.get(read.id);
  const given = hashOf(read.secret);
  const isCurrent = timingSafeEqual(given, storedHash(found?.secret_hash));
  const isPrevious = timingSafeEqual(given, storedHash(found?.previous_hash));
  if (found === undefined) return "unknown";
  if (!isCurrent && !(isPrevious && !isPast(found.previous_until, now))) return "unknown";
  if (found.revoked_at !== undefined) return "revoked";
  return isPast(found.expires_at, now) ? "expired" : found;
}

/** Remembers who was here, and writes it down for all keys together once a minute. */
function createUses(write: (uses: ReadonlyMap<string, string>) => void) {
  const uses = new Map<string, string>();
  let written = Number.NEGATIVE_INFINITY;
  return (id: string, now: number): void => {
    uses.set(id, new Date(now).toISOString());
    if (now - written < USE_INTERVAL_MS && now >= written) return;
    written = now;
    try {
      write(uses);
      uses.clear();
    } catch {
      // A full disk, or a folder that only others may write: the request itself has nothing to do with it.
    }
  };
}

export function openKeys(home: string, options: KeysOptions = {}): Keys {
  const { before_change: announce = () => undefined, now: clock = Date.now } = options;
  const by = () => ({ now: clock(), announce });
  const file = join(home, KEYS_FILE);
  const { read, unreadable } = createReader(file);

  /** Alone among the processes, from reading to writing. */
  function change<T>(work: (keys: StoredKey[]) => T, wait_ms?: number): T {
    try {
      makeHome(home);
      return withLock(
        join(home, "keys.lock"),
        () => {
          const keys = structuredClone([...read().values()]);
          const result = work(keys);
          writePrivate(file, keysText(keys));
          return result;
        },
        wait_ms === undefined ? {} : { wait_ms },
      );
    } catch (error) {
      throw error instanceof MomoError ? error : unreadable((error as Error).message, error);
    }
  }

  const noteUse = createUses((uses) => {
    change((keys) => {
      for (const key of keys) {
        const at = uses.get(key.id);
        if (at !== undefined && at > (key.last_used_at ?? "")) key.last_used_at = at;
      }
    }, 0);
  });

  return {
    isEmpty: () => read().size === 0,
    list: () => [...read().values()].map(shownKey),

    create: (asked) => change((keys) => addKey(keys, asked, by())),
    rotate: (id, rotation = {}) => change((keys) => rotateKey(keys, { id, ...rotation }, by())),
    revoke: (id) => change((keys) => revokeKey(keys, id, by())),

    verify(text, now = clock()) {
      const found = match(read(), text, now);
      if (typeof found === "string") return found;
      noteUse(found.id, now);
      return shownKey(found);
    },
  };
}

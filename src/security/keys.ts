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

/** Remembers who was here, and writes it down for all keys together, once a minute. */
function createUses(write: (uses: ReadonlyMap<string, string>) => void) {
  const uses = new Map<string, string>();
  let written = Number.NEGATIVE_INFINITY;
  let later: NodeJS.Timeout | undefined;

  const flush = (now: number): void => {
    clearTimeout(later);
    later = undefined;
    written = now;
    try {
      write(uses);
      uses.clear();
    } catch {
      // A full disk, or a folder that only others may write: the request itself has nothing to do with it.
    }
  };

  return (id: string, now: number): void => {
    uses.set(id, new Date(now).toISOString());
    const due = written + USE_INTERVAL_MS;
    if (now >= due || now < written) flush(now);
    // A key that is used once more and then no longer: its last use counts most. No process stays alive for it.
    else later ??= setTimeout(() => flush(due), due - now).unref();
  };
}

export function openKeys(home: string, options: KeysOptions = {}): Keys {
  const { before_change: announce = () => undefined, now: clock = Date.now } = options;
  const by = () => ({ now: clock(), announce });
  const file = join(home, KEYS_FILE);
  const { read, unreadable } = createReader(file);

  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof MomoError ? error : unreadable((error as Error).message, error);
    }
  };

  /** Alone among the processes, from reading to writing. */
  function change<T>(work: (keys: StoredKey[]) => T, wait: { wait_ms?: number } = {}): T {
    const locked = (): T => {
      const keys = structuredClone([...read().values()]);
      const result = work(keys);
      writePrivate(file, keysText(keys));
      return result;
    };
    return attempt(() => withLock(join(home, "keys.lock"), locked, wait));
  }

  /** A change of a key that is there; where there is none, nothing is made to look for it. */
  const changeOne = <T>(work: (keys: StoredKey[]) => T): T => (read().size === 0 ? work([]) : change(work));

  const noteUse = createUses((uses) => {
    const note = (key: StoredKey): void => {
      const at = uses.get(key.id);
      if (at !== undefined && at > (key.last_used_at ?? "")) key.last_used_at = at;
    };
    change((keys) => keys.forEach(note), { wait_ms: 0 });
  });

  return {
    isEmpty: () => read().size === 0,
    list: () => [...read().values()].map(shownKey),
    create(asked) {
      attempt(() => makeHome(home));
      return change((keys) => addKey(keys, asked, by()));
    },
    rotate: (id, rotation = {}) => changeOne((keys) => rotateKey(keys, { id, ...rotation }, by())),
    revoke: (id) => changeOne((keys) => revokeKey(keys, id, by())),
    verify(text, now = clock()) {
      const found = match(read(), text, now);
      if (typeof found === "string") return found;
      noteUse(found.id, now);
      return shownKey(found);
    },
  };
}

/**
 * Small files that only their owner may read: written whole or not at all, and changed by one process at a time.
 * Used by keys.ts and audit-log.ts, which turn what fails here into their own errors.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const MAX_BYTES = 4 * 2 ** 20;
const OTHERS = 0o007;

/** A home that secrets are the first to need keeps itself out of git, as one that ingest makes. */
export function makeHome(home: string): void {
  if (existsSync(home)) return;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(join(home, ".gitignore"), "*\n");
}

/** Within so many milliseconds a second write may leave the same time, and even the same inode. */
const TIME_GRAIN_MS = 100;
let unsettled = 0;

/** Changes with the content; undefined where there is no file. Of a file just written it never is the same twice. */
export function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  if (stats === undefined) return undefined;
  const isSettled = Date.now() - Number(stats.mtimeMs) > TIME_GRAIN_MS;
  return `${stats.dev}.${stats.ino}.${stats.size}.${stats.mtimeNs}.${isSettled ? "" : ++unsettled}`;
}

/**
 * The text, undefined where there is no file. Refuses what is no small file, and what everybody on the machine may
 * read or write: a secret that others know is none, and a file that came with an archive may be somebody's trap.
 */
export function readPrivate(file: string): string | undefined {
  try {
    return readSmall(file, ({ mode }) => {
      if (process.platform !== "win32" && (mode & OTHERS) !== 0)
        throw new Error(`every user of this machine may use it: chmod 600 ${file}`);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The text of a small file. */
export const readPublic = (file: string): string => readSmall(file, () => undefined);

function readSmall(file: string, check: (stats: Stats) => void): string {
  // Without O_NONBLOCK a pipe of that name would be waited for.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error("it is not a small file");
    check(stats);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Replaces the file. The caller holds a lock, so one name is enough for what is being written, and what a killed
 * process left of it goes with the next write.
 */
export function writePrivate(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

/** An empty file of that name, for its owner only, unless it is there. */
export function ensurePrivate(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * Runs `work` while no other process does that holds the same file. The lock is the operating system's, held through
 * SQLite: it goes with the process, however that ends. Throws when it is not free within `wait_ms`.
 */
export function withLock<T>(file: string, work: () => T, { wait_ms = 5000 } = {}): T {
  ensurePrivate(file);
  const lock = new DatabaseSync(file, { timeout: wait_ms });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return work();
  } finally {
    lock.close();
  }
}

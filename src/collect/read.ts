/**
 * Reads one source file as UTF-8 text, or says why it is not worth indexing. Used by ingest for every file that is new
 * or changed, and by listing for ignore files. Never throws on what a file holds or where it went.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isGenerated, isMinified } from "./machine-written.ts";
import type { SkipReason } from "./skip.ts";

export interface SourceText {
  /** UTF-8 without byte order mark; odd bytes are left as they are. Owns its memory, so it can be moved to a worker. */
  bytes: Uint8Array;
  warning?: string;
}

export interface Unread {
  skipped: SkipReason;
  detail?: string;
}

/** The largest that max_file_size_mb allows. Listing has compared sizes; this bounds a file that grew since then. */
const MAX_BYTES = 500 * 2 ** 20;
/** A NUL this near the start means that a file is no text. */
const BINARY_WINDOW = 8192;

/**
 * A link is not followed: the listing names what it leads to. And a pipe that took the file's place since then must
 * not hold the run up. Both flags are missing on Windows, which has neither case.
 */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function unread(fault: unknown): Unread {
  const code = (fault as NodeJS.ErrnoException).code;
  if (code === undefined) throw fault;
  const gone = code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
  return { skipped: gone ? "vanished" : "unreadable", detail: code };
}

/** All bytes of a regular file. What is appended meanwhile is left for the next run, which will see a new time. */
function readBytes(file: string, maxBytes: number): Buffer | Unread {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, flags);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { skipped: "not-a-file" };
    if (stats.size > maxBytes) return { skipped: "too-large", detail: formatSize(stats.size) };
    const bytes = Buffer.allocUnsafeSlow(stats.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return length === bytes.length ? bytes : bytes.subarray(0, length);
  } catch (fault) {
    return unread(fault);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The first line of a regular file, at most 200 bytes; "" when there is none to read. For `#!` lines. */
export function firstLine(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, flags);
    if (!fstatSync(descriptor).isFile()) return "";
    const bytes = Buffer.alloc(200);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes.toString("latin1", 0, length).split("\n", 1)[0]!;
  } catch (fault) {
    unread(fault);
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

export function formatSize(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

/** Text in UTF-16 with its byte order mark; undefined when it is not that after all. */
function decodeUtf16(bytes: Buffer, bigEndian: boolean): Uint8Array | undefined {
  const units = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
  const text = (bigEndian ? units.swap16() : units).toString("utf16le");
  return text.slice(0, BINARY_WINDOW).includes("\0") ? undefined : new TextEncoder().encode(text);
}

/** Reads and decodes a text file; nothing is said about whether a person wrote it. */
export function readText(file: string, maxBytes = MAX_BYTES): SourceText | Unread {
  const bytes = readBytes(file, maxBytes);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) {
    const decoded = decodeUtf16(bytes, mark === 0xfeff);
    return decoded ? { bytes: decoded, warning: "decoded from UTF-16" } : { skipped: "binary" };
  }
  if (bytes.subarray(0, BINARY_WINDOW).includes(0)) return { skipped: "binary" };
  const marked = mark === 0xefbb && bytes[2] === 0xbf;
  const text = marked ? bytes.subarray(3) : bytes;
  return isUtf8(text)
    ? { bytes: text }
    : { bytes: text, warning: "not UTF-8: odd bytes are kept as separators" };
}

/**
 * Reads a file for indexing. `file` is an absolute path, for a listed link that of its target. An empty file is fine.
 * Skipped: binary, minified, generated, too-large, not-a-file, vanished, unreadable.
 */
export function readSource(file: string, maxBytes = MAX_BYTES): SourceText | Unread {
  const source = readText(file, maxBytes);
  if ("skipped" in source) return source;
  if (isGenerated(source.bytes, file)) return { skipped: "generated" };
  return isMinified(source.bytes) ? { skipped: "minified" } : source;
}

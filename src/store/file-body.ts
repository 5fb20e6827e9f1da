/**
 * The stored form of a file version: its outline and facts (body), and its text. JSON compressed with zstd, or plain
 * when too small to gain; the first byte says which. Written by ingest's workers, read by retrieve through momo.ts.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Entity, Outline, Relation } from "../extract/outline.ts";

export interface FileBody {
  language: string;
  lines: number;
  bytes: number;
  entities: Entity[];
  relations: Relation[];
  warnings: string[];
}

const PLAIN = 0;
const ZSTD = 1;
/** Below this size the call costs more than the bytes it saves. */
const MIN_COMPRESSED = 512;
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function compress(bytes: Uint8Array): Uint8Array {
  const small = bytes.length < MIN_COMPRESSED;
  const content = small ? bytes : zstdCompressSync(bytes, options);
  const out = new Uint8Array(content.length + 1);
  out[0] = small ? PLAIN : ZSTD;
  out.set(content, 1);
  return out;
}

export function decompress(stored: Uint8Array): Buffer {
  const content = stored.subarray(1);
  return stored[0] === ZSTD ? zstdDecompressSync(content) : Buffer.from(content);
}

export const encodeBody = (body: FileBody): Uint8Array => compress(Buffer.from(JSON.stringify(body)));
export const decodeBody = (stored: Uint8Array): FileBody => JSON.parse(decompress(stored).toString());

/** Ids of a file's entities in order: `<path>#<Qualified.name>`, `~2` for a second one of that name. */
export function entityIds(path: string, { entities }: Pick<Outline, "entities">): string[] {
  const seen = new Map<string, number>();
  return entities.map(({ qualified }) => {
    const count = (seen.get(qualified) ?? 0) + 1;
    seen.set(qualified, count);
    return count === 1 ? `${path}#${qualified}` : `${path}#${qualified}~${count}`;
  });
}

/**
 * The digest of a state: for each kind of key the sum modulo 2^256 of SHA-256(key, content hash) over its heads, and
 * over all kinds the sum of those. A sum has no order, so it follows each pointer move at the cost of one addition, and
 * comes back when the state does. Used by writing.ts (follow) and verify.ts (recompute).
 */
import { hash } from "node:crypto";
import { canonicalJson } from "../../model/canonical-json.ts";
import type { Edge } from "../contract/knowledge.ts";

const limbs = 16;
const bytesEach = limbs * 2;
let scratch = Buffer.alloc(512);

/** SHA-256(key ‖ content hash), 32 bytes: what a version adds to the digest. */
export function leaf(key: string, contentHash: Uint8Array): Uint8Array {
  const room = key.length * 3 + contentHash.length;
  if (scratch.length < room) scratch = Buffer.alloc(room * 2);
  const length = scratch.write(key, 0);
  scratch.set(contentHash, length);
  return sha256(scratch.subarray(0, length + contentHash.length));
}

/** By way of a string of 32 characters: a third of the time of asking for a Buffer. */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(hash("sha256", bytes, "binary"), "binary");

/**
 * SHA-256 of what people and agents write: body, then text, then the ends of a relation. Files have a hash of their own
 * (ingest/document.ts).
 */
export function contentHash(body: Uint8Array, text?: Uint8Array, edge?: Edge): Uint8Array {
  if (text === undefined && edge === undefined) return sha256(body);
  const parts = [body];
  if (text !== undefined) parts.push(Buffer.of(0), text);
  if (edge !== undefined)
    parts.push(Buffer.of(1), Buffer.from(JSON.stringify([edge.source, edge.type, edge.target])));
  return sha256(Buffer.concat(parts));
}

/** Hex SHA-256 that stands for what a request asks. */
export const fingerprintOf = (asked: unknown): string => hash("sha256", canonicalJson(asked));

export class StateDigest {
  /** 16 bits each, most significant first; carried only in bytes(), so up to 2^36 moves fit in between. */
  readonly #sums = new Float64Array(limbs);

  /** `bytes` as made by bytes(); 32 zero bytes are the digest of no heads at all. */
  constructor(bytes?: Uint8Array) {
    if (bytes) this.add(bytes);
  }

  add(leaf: Uint8Array): void {
    for (let i = 0; i < limbs; i++) this.#sums[i]! += leaf[2 * i]! * 256 + leaf[2 * i + 1]!;
  }

  subtract(leaf: Uint8Array): void {
    for (let i = 0; i < limbs; i++) this.#sums[i]! -= leaf[2 * i]! * 256 + leaf[2 * i + 1]!;
  }

  /** 32 bytes, big-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(bytesEach);
    let carry = 0;
    for (let i = limbs - 1; i >= 0; i--) {
      const sum = this.#sums[i]! + carry;
      carry = Math.floor(sum / 65536);
      const limb = sum - carry * 65536;
      this.#sums[i] = limb;
      bytes[2 * i] = limb >> 8;
      bytes[2 * i + 1] = limb & 255;
    }
    return bytes;
  }
}

/** One sum a kind (1 to `kinds`), stored one behind the other; kinds added by a later Momo begin at zero. */
export class KindDigests {
  readonly #kinds: StateDigest[] = [];

  constructor(stored: Uint8Array, kinds: number) {
    for (let kind = 0; kind < kinds; kind++) {
      const part = stored.subarray(kind * bytesEach, (kind + 1) * bytesEach);
      this.#kinds.push(new StateDigest(part.length === bytesEach ? part : undefined));
    }
  }

  of(kind: number): StateDigest {
    return this.#kinds[kind - 1]!;
  }

  stored(): Uint8Array {
    return Buffer.concat(this.#kinds.map((digest) => digest.bytes()));
  }

  /** The digest of the whole state. */
  total(): Uint8Array {
    const sum = new StateDigest();
    for (const digest of this.#kinds) sum.add(digest.bytes());
    return sum.bytes();
  }
}

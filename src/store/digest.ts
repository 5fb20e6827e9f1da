/**
 * The digest of a state: the sum modulo 2^256 of SHA-256(key, content hash) over its heads. A sum has no order, so
 * it follows each pointer move at the cost of one addition, and comes back when the state does.
 * Used by journal.ts (follow) and verify.ts (recompute).
 */
import { hash } from "node:crypto";

const limbs = 16;
let scratch = Buffer.alloc(512);

/** SHA-256(key ‖ content hash) as a string of 32 characters, one a byte: half the time of a Buffer. */
export function leaf(key: string, contentHash: Uint8Array): string {
  const room = key.length * 3 + contentHash.length;
  if (scratch.length < room) scratch = Buffer.alloc(room * 2);
  const length = scratch.write(key, 0);
  scratch.set(contentHash, length);
  return hash("sha256", scratch.subarray(0, length + contentHash.length), "binary");
}

export class StateDigest {
  /** 16 bits each, most significant first; carried only in bytes(), so up to 2^36 moves fit in between. */
  readonly #sums = new Float64Array(limbs);

  /** `bytes` as made by bytes(); 32 zero bytes are the digest of no heads at all. */
  constructor(bytes: Uint8Array = new Uint8Array(limbs * 2)) {
    for (let i = 0; i < limbs; i++) this.#sums[i] = bytes[2 * i]! * 256 + bytes[2 * i + 1]!;
  }

  add(leaf: string): void {
    for (let i = 0; i < limbs; i++) {
      this.#sums[i]! += leaf.charCodeAt(2 * i) * 256 + leaf.charCodeAt(2 * i + 1);
    }
  }

  subtract(leaf: string): void {
    for (let i = 0; i < limbs; i++) {
      this.#sums[i]! -= leaf.charCodeAt(2 * i) * 256 + leaf.charCodeAt(2 * i + 1);
    }
  }

  /** 32 bytes, big-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(limbs * 2);
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

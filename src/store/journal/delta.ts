/**
 * What a transaction did to the digest, kept beside its operations: taking back a whole one reads no leaf. It follows from
 * the operations, is no part of the chain, and goes with them. Used by writing.ts (keep, reverse) and verify.ts (check).
 *
 * Stored as the sum of the leaves that it moved from, then a byte and the sum for each kind whose digest changed, then
 * a CRC-32 over all that: a wrong one would go on into the digest of the branch.
 */
import { crc32 } from "node:zlib";
import { MomoError } from "../../errors.ts";
import { StateDigest } from "../records/digest.ts";
import type { Connection } from "../sqlite/connection.ts";
import { unpackOperations } from "./chain.ts";

export interface Delta {
  /** Sum over the versions that the operations moved from. */
  left: Uint8Array;
  /** What was added to the digest of each kind that is another one now. */
  kinds: { kind: number; sum: Uint8Array }[];
}

const SUM = 32;
const nothing = new Uint8Array(SUM);

/** `before` and `after` are the stored digests of the branch (KindDigests). */
export function packDelta(left: Uint8Array, before: Uint8Array, after: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [left];
  for (let at = 0; at < after.length; at += SUM) {
    // A branch begins without any, and a kind that a later Momo added at zero.
    const old = at < before.length ? before.subarray(at, at + SUM) : nothing;
    const now = after.subarray(at, at + SUM);
    if (Buffer.compare(old, now) === 0) continue;
    const sum = new StateDigest(now);
    sum.subtract(old);
    parts.push(Uint8Array.of(at / SUM + 1), sum.bytes());
  }
  const packed = Buffer.concat(parts);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(packed));
  return Buffer.concat([packed, check]);
}

/** undefined for what packDelta did not make. */
function unpackDelta(bytes: Uint8Array): Delta | undefined {
  const end = bytes.length - 4;
  if (end < SUM || (end - SUM) % (SUM + 1) !== 0) return undefined;
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (packed.readUInt32BE(end) !== crc32(packed.subarray(0, end))) return undefined;
  const kinds: Delta["kinds"] = [];
  for (let at = SUM; at < end; at += SUM + 1)
    kinds.push({ kind: packed[at]!, sum: packed.subarray(at + 1, at + 1 + SUM) });
  return { left: packed.subarray(0, SUM), kinds };
}

interface Moved {
  from: Float64Array;
  to: Float64Array;
  previous: Float64Array;
}

interface Row {
  tx: number;
  ops: Uint8Array | null;
  delta: Uint8Array | null;
}

/**
 * What the moves do to the digest with the signs turned, where they are just the reverse of one whole transaction; its
 * own operations say whether they are.
 */
export function reversedDelta(connection: Connection, moves: Moved): Delta | undefined {
  const { previous } = moves;
  const count = previous.length;
  const [first, last] = [previous[0] ?? 0, previous[count - 1]];
  if (first === 0 || last !== first + count - 1) return undefined;
  const row = connection
    .sql(
      `SELECT tx.tx, journal.ops, journal.delta FROM tx JOIN journal USING (tx)
       WHERE tx.last_seq = ? AND tx.operations = ?`,
    )
    .get<Row>(last, count);
  if (!row?.ops || !row.delta || !isReverse(moves, unpackOperations(row.ops, count, first))) return undefined;
  const delta = unpackDelta(row.delta);
  if (delta) return delta;
  const reason = `the delta of transaction ${row.tx} is not readable`;
  throw new MomoError("STORE_CORRUPT", { path: connection.file, reason });
}

/** A version belongs to one key, so where the versions agree, keys and kinds do. */
function isReverse({ from, to }: Moved, made: Pick<Moved, "from" | "to"> | undefined): boolean {
  if (!made) return false;
  for (let i = 0; i < from.length; i++) if (from[i] !== made.to[i] || to[i] !== made.from[i]) return false;
  return true;
}

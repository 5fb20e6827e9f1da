/** Under which name an engine files a key, and what stands for a version there. Used by feed.ts, relay and resync. */
import { hash } from "node:crypto";
import type { VersionKind } from "../contract/knowledge.ts";

/** Fixed name space of the ids (RFC 9562 version 5). */
const NAMESPACE = Buffer.from("6f3c0b1c5d8e4b7a9d2e0f4a6b8c1d3e", "hex");

/** UUID version 5 of a key: the same in every knowledge base. */
export function keyUuid(kind: VersionKind, key: string): string {
  const digest = hash("sha1", Buffer.concat([NAMESPACE, Buffer.from(`${kind}:${key}`)]), "buffer").subarray(
    0,
    16,
  );
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const text = Buffer.from(digest).toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    "-",
  );
}

/** The first digits of an id, without its dashes: its range. */
export const prefixOf = (id: string, digits: number): string => id.replaceAll("-", "").slice(0, digits);

/**
 * 40 bits that stand for a row of a version: by its content, its number, and its place among the version's rows; 8,000
 * of them add up without rounding. They find drift, not forgery: the leaf is a SHA-256, so nothing is hashed again.
 */
export function markOf(leaf: Uint8Array, vid: number, row = 0): number {
  const low =
    ((leaf[0]! << 24) | (leaf[1]! << 16) | (leaf[2]! << 8) | leaf[3]!) ^ mix(vid) ^ mix(row + 0x5bd1e995);
  return leaf[4]! * 2 ** 32 + (low >>> 0);
}

/** Every bit of the number changes about half of the bits of the result (murmur3). */
function mix(value: number): number {
  let mixed = (value | 0) ^ Math.floor(value / 2 ** 32);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

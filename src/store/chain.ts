/**
 * Operations packed into bytes, and the hash chain over transactions.
 * Used by journal.ts (write), history.ts (read) and verify.ts (check).
 *
 * hash(n) = SHA-256(hash(n-1) ‖ SHA-256(header) ‖ SHA-256(operations ‖ written) ‖ digest of the branch after n)
 *
 * `written` is the sum (digest.ts) over the versions that the operations lead to: it ties the chain to keys and
 * contents. The inner hashes let operations, versions or a header be dropped one day with only their hash kept,
 * and the chain still verifies.
 */
import { hash } from "node:crypto";

/** A row of `tx`, which is also what is hashed: every column but the two hashes. */
export interface TransactionRow {
  tx: number;
  branch: number;
  kind: string;
  /** Milliseconds since 1970. */
  at: number;
  agent: string;
  session: string | null;
  principal: string | null;
  request_id: string | null;
  intent: string | null;
  last_seq: number;
  operations: number;
  created: number;
  updated: number;
  removed: number;
}

export const transactionColumns = `tx.tx, tx.branch, tx.kind, tx.at, tx.agent, tx.session, tx.principal,
  tx.request_id, tx.intent, tx.last_seq, tx.operations, tx.created, tx.updated, tx.removed`;

/** The chain before the first transaction. */
export const chainStart = new Uint8Array(32);

/** What the chain holds of a transaction. */
export interface Sealed {
  header: TransactionRow;
  operations: Uint8Array;
  written: Uint8Array;
  digest: Uint8Array;
}

export function chainHash(previous: Uint8Array, sealed: Sealed): Uint8Array {
  const header = hash("sha256", headerText(sealed.header), "buffer");
  const operations = hash("sha256", Buffer.concat([sealed.operations, sealed.written]), "buffer");
  return new Uint8Array(
    hash("sha256", Buffer.concat([previous, header, operations, sealed.digest]), "buffer"),
  );
}

/** JSON of the fields that are set, in this order. A field added by a later schema goes last: old hashes stay valid. */
function headerText(row: TransactionRow): string {
  const { tx, branch, kind, at, agent, session, principal, request_id, intent } = row;
  const { last_seq, operations, created, updated, removed } = row;
  const fields = { tx, branch, kind, at, agent, session, principal, request_id, intent };
  const counts = { last_seq, operations, created, updated, removed };
  return JSON.stringify({ ...fields, ...counts }, (_name, value) => (value === null ? undefined : value));
}

/** A move of key `kid` from version to version; 0 is none. */
export interface PackedOperation {
  kid: number;
  from: number;
  to: number;
}

/** Grows while a transaction runs: three varints (7 bits a byte, least significant first) an operation. */
export class OperationPack {
  count = 0;
  #bytes = new Uint8Array(256);
  #length = 0;

  add(kid: number, from: number, to: number): void {
    if (this.#length + 24 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = putVarint(this.#bytes, this.#length, kid);
    this.#length = putVarint(this.#bytes, this.#length, from);
    this.#length = putVarint(this.#bytes, this.#length, to);
    this.count++;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** The operations in order; undefined when the bytes are not whole operations. */
export function unpackOperations(bytes: Uint8Array | null): PackedOperation[] | undefined {
  if (bytes === null) return undefined;
  const operations: PackedOperation[] = [];
  let numbers: number[] = [];
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 127) * unit;
    unit *= 128;
    if (byte > 127) continue;
    numbers.push(value);
    value = 0;
    unit = 1;
    if (numbers.length < 3) continue;
    operations.push({ kid: numbers[0]!, from: numbers[1]!, to: numbers[2]! });
    numbers = [];
  }
  return numbers.length > 0 || unit > 1 ? undefined : operations;
}

/** A key as it stands in packed operations: lets SQL skip most transactions that do not touch it. */
export function packedKey(kid: number): Uint8Array {
  const bytes = new Uint8Array(8);
  return bytes.slice(0, putVarint(bytes, 0, kid));
}

function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}

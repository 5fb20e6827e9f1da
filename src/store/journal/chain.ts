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
import type { Operations } from "../contract/journal.ts";
import { sha256 } from "../records/digest.ts";

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
  /** JSON of a TransactionDetail. */
  detail: string | null;
}

export const transactionColumns = `tx.tx, tx.branch, tx.kind, tx.at, tx.agent, tx.session, tx.principal,
  tx.request_id, tx.intent, tx.last_seq, tx.operations, tx.created, tx.updated, tx.removed, tx.detail`;

/** The chain before the first transaction. */
export const chainStart = new Uint8Array(32);

/** What the chain holds of a transaction. */
export interface Sealed {
  header: TransactionRow;
  /** sealOf(its operations): all that is left of them once they are dropped. */
  operations: Uint8Array;
  digest: Uint8Array;
}

/** SHA-256(operations ‖ written). */
export const sealOf = (operations: Uint8Array, written: Uint8Array): Uint8Array =>
  sha256(Buffer.concat([operations, written]));

export function chainHash(previous: Uint8Array, sealed: Sealed): Uint8Array {
  const header = sha256(Buffer.from(headerText(sealed.header)));
  return sha256(Buffer.concat([previous, header, sealed.operations, sealed.digest]));
}

/** JSON of the fields that are set, in this order. A field added by a later schema goes last: old hashes stay valid. */
function headerText(row: TransactionRow): string {
  const { tx, branch, kind, at, agent, last_seq, operations, created, updated, removed } = row;
  const [session, principal] = [row.session ?? undefined, row.principal ?? undefined];
  const [request_id, intent] = [row.request_id ?? undefined, row.intent ?? undefined];
  const author = { tx, branch, kind, at, agent, session, principal, request_id, intent };
  const detail = row.detail ?? undefined;
  return JSON.stringify({ ...author, last_seq, operations, created, updated, removed, detail });
}

/** Grows while a transaction runs: four varints (7 bits a byte, least significant first) an operation. */
export class OperationPack {
  count = 0;
  #bytes = new Uint8Array(256);
  #length = 0;

  /** `back` is how many sequence numbers lie between it and the one before on its key; 0 for the first. */
  // biome-ignore lint/complexity/useMaxParams: called for every operation
  add(kid: number, from: number, to: number, back: number): void {
    if (this.#length + 32 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = putVarint(this.#bytes, this.#length, kid);
    this.#length = putVarint(this.#bytes, this.#length, from);
    this.#length = putVarint(this.#bytes, this.#length, to);
    this.#length = putVarint(this.#bytes, this.#length, back);
    this.count++;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** The operations in order; undefined when the bytes are not as many whole operations. */
export function unpackOperations(bytes: Uint8Array, count: number, first: number): Operations | undefined {
  if (count < 0 || count * 4 > bytes.length) return undefined;
  const numbers = new Float64Array(count * 4);
  let at = 0;
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 127) * unit;
    unit *= 128;
    if (byte > 127) continue;
    if (at === numbers.length) return undefined;
    numbers[at++] = value;
    value = 0;
    unit = 1;
  }
  if (at !== numbers.length || unit > 1) return undefined;
  const make = (): Float64Array => new Float64Array(count);
  const operations = { count, first, kid: make(), from: make(), to: make(), previous: make() };
  for (let i = 0; i < count; i++) {
    operations.kid[i] = numbers[4 * i]!;
    operations.from[i] = numbers[4 * i + 1]!;
    operations.to[i] = numbers[4 * i + 2]!;
    const back = numbers[4 * i + 3]!;
    operations.previous[i] = back && first + i - back;
  }
  return operations;
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

/**
 * What a write transaction did to the heads of its branch so far, as the journal will have it: operations, what they add
 * up to, and what they did to the digests. Moves nothing itself. Used by writing.ts.
 */
import { kindCount } from "../contract/kinds.ts";
import type { TransactionDetail } from "../contract/transaction.ts";
import type { Moves } from "../contract/write.ts";
import { type Found, leavesOf } from "../heads/pointers.ts";
import {
  chainHash,
  chainStart,
  OperationPack,
  sealOf,
  type TransactionRow,
  unpackOperations,
} from "../journal/chain.ts";
import { packDelta, reversedDelta } from "../journal/delta.ts";
import { insertTransaction } from "../journal/insert.ts";
import { KindDigests, StateDigest } from "../records/digest.ts";
import type { Connection } from "../sqlite/connection.ts";
import type { NewHead } from "./held.ts";

/** Operations that follow each other and were made first by one transaction of another branch. */
type Origin = [first: number, last: number, transaction: number];

export class Ledger {
  readonly counts = { created: 0, updated: 0, removed: 0 };
  readonly origins: Origin[] = [];
  readonly #connection: Connection;
  /** `seq` is the number of the last operation. */
  readonly #counter: { seq: number };
  /** The stored digests of the branch as it was. */
  readonly #before: Uint8Array;
  readonly #digests: KindDigests;
  /** Sums over the versions that operations lead to, and that they move from. */
  readonly #written = new StateDigest();
  readonly #left = new StateDigest();
  readonly #operations = new OperationPack();

  constructor(connection: Connection, counter: { seq: number }, digests: Uint8Array) {
    this.#connection = connection;
    this.#counter = counter;
    this.#before = digests;
    this.#digests = new KindDigests(digests, kindCount);
  }

  /** Operations so far. */
  get operations(): number {
    return this.#operations.count;
  }

  /** Of the branch as it is now, by kind. */
  digests(): Uint8Array {
    return this.#digests.stored();
  }

  /** Versions that the operations move from. */
  versionsLeft(): Set<number> {
    const { count } = this.#operations;
    const first = this.#counter.seq - count + 1;
    return new Set(unpackOperations(this.#operations.bytes(), count, first)!.from);
  }

  /** One head moves; the sequence number of that. `origin` is the transaction of another branch that did it first. */
  point(from: Found, to: NewHead | undefined, origin: number | undefined): number {
    this.#follow(from.kind, from.leaf, to?.leaf);
    return this.#add({ kid: from.kid, from: from.vid, to: to?.vid ?? 0, previous: from.seq, origin });
  }

  move(moves: Moves): void {
    this.#followMoves(moves);
    const { kid, from, to, previous, origin } = moves;
    for (let i = 0; i < kid.length; i++)
      this.#add({ kid: kid[i]!, from: from[i]!, to: to[i]!, previous: previous[i]!, origin: origin?.[i] });
  }

  #add({ kid, from, to, previous, origin }: Operation): number {
    const seq = ++this.#counter.seq;
    this.#operations.add(kid, from, to, previous && seq - previous);
    if (to !== from) this.#count(from, to);
    if (origin) this.#addOrigin(seq, origin);
    return seq;
  }

  #count(from: number, to: number): void {
    if (to === 0) this.counts.removed++;
    else if (from) this.counts.updated++;
    else this.counts.created++;
  }

  #addOrigin(seq: number, transaction: number): void {
    const open = this.origins.at(-1);
    if (open && open[1] === seq - 1 && open[2] === transaction) open[1] = seq;
    else this.origins.push([seq, seq, transaction]);
  }

  /** From what a whole transaction did to the digests where the moves reverse it, and from the leaves otherwise. */
  #followMoves(moves: Moves): void {
    const reversed = reversedDelta(this.#connection, moves);
    if (reversed) {
      this.#written.add(reversed.left);
      this.#left.add(reversed.left);
      for (const { kind, sum } of reversed.kinds) {
        this.#digests.of(kind).subtract(sum);
        this.#left.add(sum);
      }
      return;
    }
    const { kind, from, to } = moves;
    const leaves = leavesOf(this.#connection, from, to);
    const leafOf = (vid: number): Uint8Array => {
      const found = leaves.get(vid);
      if (found) return found;
      throw new Error(`version ${vid} does not exist`);
    };
    for (let i = 0; i < kind.length; i++) {
      const before = from[i] ? leafOf(from[i]!) : null;
      this.#follow(kind[i]!, before, to[i] ? leafOf(to[i]!) : undefined);
    }
  }

  /** A head of the kind goes from one leaf to another. */
  #follow(kind: number, from: Uint8Array | null, to: Uint8Array | undefined): void {
    const digest = this.#digests.of(kind);
    if (from) {
      digest.subtract(from);
      this.#left.add(from);
    }
    if (to) {
      digest.add(to);
      this.#written.add(to);
    }
  }

  /** Adds the transaction to the journal and its chain. */
  seal(header: TransactionRow, { detail, reads }: Said): void {
    const last = this.#connection.sql("SELECT hash FROM tx WHERE tx = ?");
    const previous = header.tx > 1 ? last.one<{ hash: Uint8Array }>(header.tx - 1).hash : chainStart;
    const operations = this.#operations.bytes();
    const sealed = {
      header,
      operations: sealOf(operations, this.#written.bytes()),
      digest: this.#digests.total(),
    };
    const digests = this.digests();
    insertTransaction(this.#connection, {
      sealed,
      operations,
      delta: packDelta(this.#left.bytes(), this.#before, digests),
      hash: chainHash(previous, sealed),
      digests,
      detail,
      reads,
    });
  }
}

interface Operation {
  kid: number;
  from: number;
  to: number;
  /** Sequence number of the operation before it on the key; 0 for none. */
  previous: number;
  origin: number | undefined;
}

interface Said {
  detail: TransactionDetail | undefined;
  /** Versions that it read, and whether it declared so. */
  reads: ReadonlyMap<number, boolean> | undefined;
}

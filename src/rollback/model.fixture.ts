/**
 * What the journal must do, as plain lists: all writes, which of them count, and who changed that. The tests of this
 * room compare the store with it; oracle.fixture.ts plans on it.
 */

/** The ends of a relation, which its key names: "r/calls/x/y"; undefined for an entry. */
export function edgeOf(key: string): { source: string; type: string; target: string } | undefined {
  const [kind, type, source, target] = key.split("/");
  return kind === "r" ? { source: source!, type: type!, target: target! } : undefined;
}

/** Content "" is a removal. */
export interface ModelWrite {
  seq: number;
  /** 0 for a removal. */
  vid: number;
  key: string;
  content: string;
  /** What the key held before. */
  before: string;
  transaction: number;
}

export interface ModelTransaction {
  number: number;
  kind: "write" | "undo" | "redo" | "rewind" | "erase";
  agent: string;
  session: string | undefined;
  /** Its last operation. */
  last: number;
  own: ModelWrite[];
  dead: ModelWrite[];
  live: ModelWrite[];
  of: number | undefined;
  reads: { vid: number; declared: boolean }[];
  /** Did something outside too. */
  irreversible: boolean;
}

export interface Recorded {
  seq: number;
  digest: string;
  dead: ReadonlySet<ModelWrite>;
}

type Happening = Pick<ModelTransaction, "number" | "kind" | "agent"> & Partial<ModelTransaction>;

export class Model {
  readonly writes: ModelWrite[] = [];
  readonly transactions: ModelTransaction[] = [];
  /** Writes that do not count. */
  readonly dead = new Set<ModelWrite>();
  /** The state after each transaction with operations, and the empty one. */
  readonly recorded: Recorded[] = [{ seq: 0, digest: "0".repeat(64), dead: new Set() }];
  seq = 0;
  /** Transactions that changed whether a write counts, in order. */
  readonly #flips = new Map<ModelWrite, number[]>();

  counts(write: ModelWrite): boolean {
    return !this.dead.has(write);
  }

  on(key: string): ModelWrite[] {
    return this.writes.filter((write) => write.key === key);
  }

  /** The newest write that counts, if it is not a removal. */
  head(key: string): ModelWrite | undefined {
    const newest = this.on(key).findLast((write) => this.counts(write));
    return newest?.content ? newest : undefined;
  }

  content(key: string): string {
    return this.head(key)?.content ?? "";
  }

  keys(): string[] {
    return [...new Set(this.writes.map(({ key }) => key))].sort();
  }

  state(): Map<string, string> {
    const heads = this.keys().map((key): [string, string] => [key, this.content(key)]);
    return new Map(heads.filter(([, content]) => content !== ""));
  }

  live(transaction: ModelTransaction): ModelWrite[] {
    return transaction.own.filter((write) => this.counts(write));
  }

  transaction(number: number): ModelTransaction | undefined {
    return this.transactions.find((transaction) => transaction.number === number);
  }

  /** Those that write, not those that take back. */
  writing(): ModelTransaction[] {
    return this.transactions.filter(({ kind }) => kind === "write");
  }

  isMoving({ kind }: ModelTransaction): boolean {
    return kind !== "write" && kind !== "erase";
  }

  /** Those that take back or bring again. */
  moving(): ModelTransaction[] {
    return this.transactions.filter((transaction) => this.isMoving(transaction));
  }

  /** To be called when `seq` is its last operation. */
  add(happening: Happening): void {
    const nothing = {
      session: undefined,
      last: this.seq,
      own: [],
      dead: [],
      live: [],
      of: undefined,
      irreversible: false,
      reads: [],
    };
    const transaction: ModelTransaction = { ...nothing, ...happening };
    this.transactions.push(transaction);
    this.writes.push(...transaction.own);
    const isMoving = this.isMoving(transaction);
    for (const write of [...transaction.dead, ...transaction.live, ...(isMoving ? transaction.own : [])]) {
      this.#flips.set(write, [...(this.#flips.get(write) ?? []), transaction.number]);
    }
    for (const write of transaction.live) this.dead.delete(write);
    for (const write of transaction.dead) this.dead.add(write);
  }

  record(digest: string): void {
    this.recorded.push({ seq: this.seq, digest, dead: new Set(this.dead) });
  }

  /** The transaction that took a write back last. */
  takenBy(write: ModelWrite): number | undefined {
    return this.counts(write) ? undefined : this.#flips.get(write)?.at(-1);
  }

  /** Whether a write is as this transaction left it: nobody changed it since, or a redo reversed whoever did. */
  isInForce({ number }: ModelTransaction, write: ModelWrite): boolean {
    const flips = this.#flips.get(write)!;
    const enders = new Set<number>();
    let isHeld = true;
    for (const later of flips.slice(flips.indexOf(number) + 1)) {
      if (isHeld) enders.add(later);
      isHeld = !isHeld && enders.has(this.transaction(later)!.of ?? 0);
    }
    return isHeld;
  }

  /** What a redo without a number reverses. */
  newestUndo(): ModelTransaction | undefined {
    const reversed = new Set<number>();
    for (const transaction of this.transactions.toReversed()) {
      if (!this.isMoving(transaction) || reversed.has(transaction.number)) continue;
      if (transaction.kind !== "redo") return transaction;
      reversed.add(transaction.of!);
    }
    return undefined;
  }
}

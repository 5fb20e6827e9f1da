/**
 * What was taken back, worked out anew from what the transactions say of it. Used by verify.ts.
 *
 * In the order of the transactions every write counts at first, is taken back, brought back, taken back and so on: what
 * a transaction takes back must count before it, and what it brings back must not. A sweep over the sequence numbers
 * keeps, of the transactions that name the present one, whether they take turns; only where a range begins or ends does
 * that change. So the time grows with the number of ranges, however they lie over each other.
 */
import type { UndoneRange } from "../contract/journal.ts";
import type { SeqRange } from "../contract/transaction.ts";
import { type TransactionRow, transactionColumns } from "../journal/chain.ts";
import { parseDetail } from "../journal/rows.ts";
import type { Connection } from "../sqlite/connection.ts";

export interface UndoneChange {
  transaction: number;
  dead: readonly SeqRange[];
  live: readonly SeqRange[];
}

/** `branches` are those that exist; what compaction dropped is told from the rest by the horizon of main. */
export function checkUndone(
  connection: Connection,
  { branches, horizon }: { branches: ReadonlyMap<number, unknown>; horizon: number },
): string | undefined {
  const rows = connection.sql(
    `SELECT ${transactionColumns} FROM tx WHERE kind NOT IN ('write', 'index') AND detail IS NOT NULL ORDER BY tx.tx`,
  );
  const changes: UndoneChange[] = [];
  for (const row of rows.each<TransactionRow>()) {
    const { dead = [], live = [] } = parseDetail(row.detail)!;
    const isChange = dead.length + live.length > 0 && branches.has(row.branch);
    if (isChange) changes.push({ transaction: row.tx, dead, live });
  }
  const expected = replay(changes);
  if (typeof expected === "string") return expected;
  const stored = connection.sql('SELECT first, last, "by" FROM undone ORDER BY first').all<UndoneRange>();
  const isSame = listed(stored, horizon) === listed(expected, horizon);
  return isSame ? undefined : "what was taken back is not what the journal says";
}

/** Ranges after the horizon, as long as they can be: a range that is cut in two says nothing else. */
function listed(ranges: readonly UndoneRange[], horizon: number): string {
  const kept: [first: number, last: number, by: number][] = [];
  for (const { first, last, by } of ranges) {
    if (last <= horizon) continue;
    const open = kept.at(-1);
    if (open?.[1] === first - 1 && open[2] === by) open[1] = last;
    else kept.push([Math.max(first, horizon + 1), last, by]);
  }
  return JSON.stringify(kept);
}

/** Where a transaction begins or stops to name a write. */
interface Edge {
  seq: number;
  change: number;
  turn: Turn;
  by: 1 | -1;
}

/** `changes` oldest first. What does not count after them, in order; or what is wrong, as a sentence. */
export function replay(changes: readonly UndoneChange[]): UndoneRange[] | string {
  const edges = edgesOf(changes);
  const turns = new Turns(changes.length);
  const ranges: UndoneRange[] = [];
  for (let i = 0; i < edges.length; ) {
    const { seq } = edges[i]!;
    for (; edges[i]?.seq === seq; i++) turns.add(edges[i]!);
    const wrong = turns.firstWrong();
    if (wrong) {
      const { transaction } = changes[wrong.change]!;
      return wrong.turn === DEAD
        ? `transaction ${transaction} takes back operation ${seq}, which did not count`
        : `transaction ${transaction} brings back operation ${seq}, which counted`;
    }
    const by = turns.deadBy();
    if (by !== undefined) ranges.push({ first: seq, last: edges[i]!.seq - 1, by: changes[by]!.transaction });
  }
  return ranges;
}

function edgesOf(changes: readonly UndoneChange[]): Edge[] {
  const edges: Edge[] = [];
  const add = (change: number, turn: Turn, ranges: readonly SeqRange[]): void => {
    for (const [first, last] of ranges) {
      edges.push({ seq: first, change, turn, by: 1 }, { seq: last + 1, change, turn, by: -1 });
    }
  };
  changes.forEach(({ dead, live }, change) => {
    add(change, DEAD, dead);
    add(change, LIVE, live);
  });
  return edges.sort((a, b) => a.seq - b.seq);
}

type Turn = 0 | 1;
const DEAD: Turn = 0;
const LIVE: Turn = 1;
const NONE = 2;

/**
 * The transactions that name one write, as the leaves of a tree in their order. A node knows the first and the last turn
 * below it, and whether one follows another of its sort.
 */
class Turns {
  readonly #leaves: number;
  /** How often a transaction takes the write back, and brings it back. */
  readonly #counts: readonly [dead: Uint32Array, live: Uint32Array];
  readonly #first: Uint8Array;
  readonly #last: Uint8Array;
  readonly #isWrong: Uint8Array;
  /** The last transaction below a node. */
  readonly #newest: Uint32Array;

  constructor(count: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(count, 1)));
    this.#counts = [new Uint32Array(count), new Uint32Array(count)];
    this.#first = new Uint8Array(2 * this.#leaves).fill(NONE);
    this.#last = new Uint8Array(2 * this.#leaves).fill(NONE);
    this.#isWrong = new Uint8Array(2 * this.#leaves);
    this.#newest = new Uint32Array(2 * this.#leaves);
  }

  add({ change, turn, by }: Edge): void {
    this.#counts[turn][change]! += by;
    const [dead, live] = [this.#counts[DEAD][change]!, this.#counts[LIVE][change]!];
    let at = this.#leaves + change;
    this.#first[at] = this.#last[at] = dead > 0 ? DEAD : live > 0 ? LIVE : NONE;
    this.#isWrong[at] = dead + live > 1 ? 1 : 0;
    this.#newest[at] = change;
    while (at > 1) {
      at >>>= 1;
      this.#join(at, 2 * at, 2 * at + 1);
    }
  }

  #join(at: number, older: number, newer: number): void {
    const [first, last] = [this.#first, this.#last];
    const meets = first[newer] !== NONE && last[older] === first[newer];
    this.#isWrong[at] = this.#isWrong[older]! | this.#isWrong[newer]! | Number(meets);
    first[at] = first[older] === NONE ? first[newer]! : first[older]!;
    last[at] = last[newer] === NONE ? last[older]! : last[newer]!;
    this.#newest[at] = this.#newest[last[newer] === NONE ? older : newer]!;
  }

  /** The transaction that took it back, while nothing brought it back since. */
  deadBy(): number | undefined {
    return this.#last[1] === DEAD ? this.#newest[1]! : undefined;
  }

  /** Looked for only where there is one. */
  firstWrong(): { change: number; turn: Turn } | undefined {
    if (this.#isWrong[1] === 0 && this.#first[1] !== LIVE) return undefined;
    let before: Turn = LIVE;
    for (let change = 0; ; change++) {
      const turn = this.#first[this.#leaves + change]! as Turn | typeof NONE;
      if (turn === NONE) continue;
      if (turn === before || this.#isWrong[this.#leaves + change]) return { change, turn };
      before = turn;
    }
  }
}

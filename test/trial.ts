/** An exploration as the model of handles.ts knows it: Maps that are copied where it begins. */
import { expect } from "vitest";
import { edgeOf } from "../src/rollback/model.fixture.ts";
import { mergeContent } from "../src/rollback/oracle.fixture.ts";
import { digestOf, stateOf } from "../src/rollback/state.fixture.ts";
import type { Store } from "../src/store/contract/store.ts";
import type { Receipt } from "../src/store/contract/transaction.ts";

/** Content of each key. */
export type State = ReadonlyMap<string, string>;

/** To be compared: a comparison of Maps takes most of the time of a campaign. */
export const show = (state: State): string =>
  JSON.stringify(
    [...state].sort(([a], [b]) => (a < b ? -1 : 1)),
    undefined,
    1,
  );

const nonEmpty = (state: State): State => new Map([...state].filter(([, content]) => content !== ""));

/** Three sides a key; undefined where neither side gives way. */
export function mergeStates(
  { base, ours, theirs }: { base: State; ours: State; theirs: State },
  prefer: "exploration" | "base" | undefined,
): State | undefined {
  const merged = new Map<string, string>();
  for (const key of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [from, own, other] = [base, ours, theirs].map((side) => side.get(key) ?? "");
    const content = mergeOf(key, [from!, own!, other!]);
    if (content === undefined && prefer === undefined) return undefined;
    merged.set(key, content ?? (prefer === "exploration" ? other! : own!));
  }
  return nonEmpty(merged);
}

function mergeOf(key: string, [base, ours, theirs]: readonly [string, string, string]): string | undefined {
  if (theirs === base || theirs === ours) return ours;
  if (ours === base) return theirs;
  return edgeOf(key) || key.startsWith("quarantine:") ? undefined : mergeContent(base, ours, theirs);
}

export class Trial {
  readonly name: string;
  readonly branch: number;
  readonly parent: Trial | undefined;
  readonly base: State;
  state: State;
  seq: number;
  /** Transactions without operations. */
  said = 0;
  /** Whether something that it may show was erased: then only its state is known, not what a merge makes of it. */
  isScarred: boolean;
  /** What was erased still counts in its digest. */
  readonly #holes: Map<string, string>;
  #transactions = 0;
  /** The state before each transaction that was not taken back. */
  readonly #before: State[] = [];
  readonly #views = new Map<Store, ReturnType<Store["on"]>>();

  constructor(begin: {
    name: string;
    branch: number;
    parent: Trial | undefined;
    state: State;
    base: number;
  }) {
    this.name = begin.name;
    this.branch = begin.branch;
    this.parent = begin.parent;
    this.base = this.state = begin.state;
    this.seq = begin.base;
    this.isScarred = begin.parent?.isScarred ?? false;
    this.#holes = new Map(begin.parent ? begin.parent.#holes : []);
  }

  wrote({ seq, transaction, operations }: Receipt, after: State): void {
    if (operations > 0) {
      this.#before.push(this.state);
      for (const [key, content] of after)
        if (content !== (this.state.get(key) ?? "")) this.#holes.delete(key);
      this.seq = seq;
      this.#transactions++;
    } else if (transaction > 0) this.said++;
    this.state = nonEmpty(after);
  }

  /** The state that taking its newest work back leads to, where that is known. */
  undone(): State | undefined {
    return this.isScarred ? undefined : this.#before.at(-1);
  }

  tookBack({ seq }: Receipt, before: State): void {
    this.#before.pop();
    this.state = before;
    this.seq = seq;
    this.#transactions++;
  }

  erased(isErased: (key: string) => boolean): void {
    this.isScarred = true;
    for (const [key, content] of this.state) if (isErased(key)) this.#holes.set(key, content);
    this.state = new Map([...this.state].filter(([key]) => !isErased(key)));
  }

  #viewOn(handle: Store): Store {
    const known = this.#views.get(handle) ?? handle.on(this.branch);
    this.#views.set(handle, known);
    return known as Store;
  }

  check(handles: readonly Store[]): void {
    const shown = show(this.state);
    const digest = digestOf(new Map([...this.state, ...this.#holes]));
    for (const view of handles.flatMap((handle) => [this.#viewOn(handle), handle.on(this.branch)])) {
      expect(show(stateOf(view))).toBe(shown);
      expect(view.digest()).toBe(digest);
      expect(view.seq()).toBe(this.seq);
      expect(view.history()).toHaveLength(this.#transactions + this.said);
    }
  }

  checkGone(handles: readonly Store[]): void {
    const unknown = expect.objectContaining({ code: "EXPLORATION_UNKNOWN" });
    for (const handle of handles) expect(() => this.#viewOn(handle).digest()).toThrow(unknown);
  }
}

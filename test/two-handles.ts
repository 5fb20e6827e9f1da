/** Steps that happen on one of several handles and in the model of them. Used by two-handles.test.ts. */
import { expect } from "vitest";
import { MomoError } from "../src/errors.ts";
import { discard, start } from "../src/explore/exploration.ts";
import { merge } from "../src/explore/merge.ts";
import { apply } from "../src/rollback/apply.ts";
import { setCheckpoint } from "../src/rollback/checkpoint.ts";
import { edgeOf, type ModelWrite } from "../src/rollback/model.fixture.ts";
import { type ModelRequest, planIn, redoIn, rewindIn } from "../src/rollback/oracle.fixture.ts";

import { type Plan, planOn } from "../src/rollback/plan.ts";
import { redoRequest, rewindRequest } from "../src/rollback/redo.ts";
import type { Intent } from "../src/rollback/request.ts";
import { compact, erase } from "../src/rollback/retention.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import { stateOf } from "../src/rollback/state.fixture.ts";
import { type Change, meantBy, selected } from "../src/rollback/steps.fixture.ts";
import { contentAfter, put } from "../src/rollback/world.fixture.ts";
import type { Store } from "../src/store/contract/store.ts";
import type { Author, Receipt } from "../src/store/contract/transaction.ts";
import type { WriteTransaction } from "../src/store/contract/write.ts";
import { fingerprintOf } from "../src/store/records/digest.ts";
import { Handles } from "./handles.ts";
import { mergeStates, type State, show, Trial } from "./trial.ts";
import type { Moving, Step } from "./two-handles-steps.ts";

/** A plan that was made and not carried out yet. */
interface Kept {
  plan: Plan;
  intent: Intent;
  /** What the model makes of the same request now. */
  expected: () => ModelRequest | undefined;
  /** What the plan came to. */
  said: string;
}

/** A request that was done on a branch. */
interface Done {
  author: Author;
  receipt: Receipt;
}

const BY = { agent: "explorer" };
const now = new Date(0);

export class TwoHandles extends Handles {
  readonly #plans: Kept[] = [];
  readonly #done = new Map<string, Done>();
  #names = 0;

  take(step: Step): void {
    const world = this.world;
    world.store = this.handles[step.on]!;
    this.numbered(() => this.#do(step));
    this.check();
  }

  #do(step: Step): void {
    const world = this.world;
    const handle = world.store;
    if (step.do === "write") world.write(step);
    else if (step.do === "undo" || step.do === "redo" || step.do === "rewind") this.#takeBack(step);
    else if (step.do === "plan") this.#plan(step.of, step.planner);
    else if (step.do === "late") this.#carryLate(step.draw);
    else if (step.do === "release") world.release(step.by);
    else if (step.do === "checkpoint") this.#say(() => setCheckpoint(handle, step.name, { agent: "ann" }));
    else if (step.do === "reopen") this.reopen(step.on);
    else if (step.do === "abort") this.#abort(handle, step.changes);
    else if (step.do === "request") this.#request(step);
    else if (step.do === "again") this.#again(step.draw);
    else if (step.do === "explore") this.#explore(step.draw);
    else if (step.do === "try") this.#try(this.#trialOf(step.draw), step.changes);
    else if (step.do === "try undo") this.#undoTrial(this.#trialOf(step.draw));
    else if (step.do === "merge") this.#merge(this.#trialOf(step.draw), step.prefer);
    else if (step.do === "discard") this.#discard(this.#trialOf(step.draw));
    else if (step.do === "compact") this.#compact(step);
    else if (step.do === "erase") this.#erase(step.draw);
    else this.verify();
  }

  #say(work: () => void): void {
    work();
    this.said++;
  }

  /** What it wrote is seen by itself alone, and then by nobody. */
  #abort(handle: Store, changes: readonly Change[]): void {
    const tx = handle.begin({ agent: "ann" });
    const own = this.world.putAll(tx, changes);
    const written = new Map(this.world.model.state());
    for (const { key, content } of own) {
      if (content === "") written.delete(key);
      else written.set(key, content);
    }
    expect(show(stateOf(tx.reader))).toBe(show(written));
    this.check();
    tx.abort();
  }

  // What is taken back, on one handle by a plan of the other.

  #asked(step: Moving): Pick<Kept, "intent" | "expected"> {
    const { model } = this.world;
    if (step.do === "rewind") {
      const to = this.world.recorded(step.to);
      const target = { seq: to.seq, inside_transaction: true };
      return { intent: (journal) => rewindRequest(journal, target), expected: () => rewindIn(model, to) };
    }
    const { policy } = step;
    if (step.do === "undo") {
      const { selector } = selected(model, step.selector);
      return {
        intent: (journal) => rollbackRequest(journal, selector, policy),
        expected: () => ({ action: "rollback", policy, dead: meantBy(model, selector), live: [] }),
      };
    }
    const moving = model.moving();
    const number = step.of === undefined ? undefined : moving[step.of % moving.length]?.number;
    return {
      intent: (journal) => redoRequest(journal, number, policy),
      expected: () => (model.moving().length > 0 ? redoIn(model, number, policy) : undefined),
    };
  }

  /** undefined where it must be, or may be, refused. */
  #prepare(store: Store, { intent, expected }: Pick<Kept, "intent" | "expected">): Plan | undefined {
    try {
      const plan = planOn(store, intent);
      expect(expected()).toBeDefined();
      if (!plan.obstacles.some(({ reason }) => reason === "horizon" || reason === "erased")) return plan;
      expect(this.hasLosses).toBe(true);
    } catch (error) {
      if (!(error instanceof MomoError)) throw error;
      const isLost = this.hasLosses && /HORIZON/.test(error.code);
      if (!isLost && !(error.code === "NOTHING_TO_REDO" && !expected())) throw error;
    }
    this.met.horizon++;
    return undefined;
  }

  #takeBack(step: Moving): void {
    const asked = this.#asked(step);
    const other = this.handles[(step.on + 1) % 3]!;
    const plan = this.#prepare(other, asked);
    if (plan) this.world.carry(plan, asked.expected()!, { agent: "tester" });
  }

  #plan(step: Moving, planner: number): void {
    const asked = this.#asked(step);
    const plan = this.#prepare(this.handles[planner]!, asked);
    if (plan) this.#plans.push({ ...asked, plan, said: this.#comesTo(asked.expected()!) });
  }

  /** What a request comes to: two that differ in this must never be taken for the same. */
  #comesTo(request: ModelRequest): string {
    const { model } = this.world;
    const { dead, live, moved, merged, marked, residue, blocked } = planIn(model, request);
    const seqs = (writes: Iterable<ModelWrite>): number[] => [...writes].map(({ seq }) => seq).sort();
    const heads = moved.map((key) => [key, model.head(key)?.vid]).sort();
    return JSON.stringify([seqs(dead), seqs(live), heads, [...merged], marked, residue, blocked]);
  }

  #carryLate(draw: number): void {
    const kept = this.#plans[draw % Math.max(1, this.#plans.length)];
    if (!kept) return;
    const { plan, intent, expected, said } = kept;
    const handle = this.world.store;
    const before = handle.digest();
    if (handle.journal.planned(plan.hash)) {
      expect(apply(handle, plan, BY).outcome).toBe("already");
      return;
    }
    const fresh = this.#prepare(handle, kept);
    if (fresh?.hash !== plan.hash) {
      expect(() => apply(handle, plan, BY)).toThrow(MomoError);
      if (fresh)
        expect(() => apply(handle, plan, BY)).toThrow(expect.objectContaining({ code: "ROLLBACK_STALE" }));
      expect(handle.digest()).toBe(before);
      this.met.stale++;
      return;
    }
    expect(this.#comesTo(expected()!)).toBe(said);
    expect(intent).toBe(plan.intent);
    const by = { ...BY, request_id: `late-${this.met.late++}`, fingerprint: plan.hash };
    const isChanging = plan.dead.length + plan.live.length + plan.marks.length > 0 && !plan.blocked;
    const receipt = this.world.carry(plan, expected()!, isChanging ? by : BY);
    if (!receipt || !isChanging) return;
    for (const one of this.handles.slice(0, 2))
      expect(apply(one, plan, by)).toMatchObject({ transaction: receipt.transaction, repeated: true });
  }

  // Requests, on main or in an exploration.

  #request({ id, where, changes, agent }: Extract<Step, { do: "request" }>): void {
    const trial = this.trials[where - 1];
    const branch = trial?.branch ?? 1;
    const author = { agent, request_id: `r${id}`, fingerprint: fingerprintOf([branch, changes]) };
    const known = this.#done.get(`${branch} ${agent} r${id}`);
    if (known) {
      this.#repeat(branch, known.author);
      if (known.author.fingerprint !== author.fingerprint) this.#refuse(branch, author);
      return;
    }
    let receipt: Receipt;
    if (trial) receipt = this.#tryAs(trial, author, changes);
    else {
      let own: ModelWrite[] = [];
      receipt = this.world.store.once(author, (tx) => {
        own = this.world.putAll(tx, changes);
        return {};
      });
      if (!this.world.written(receipt, { kind: "write", agent, own })) this.said++;
    }
    this.#done.set(`${branch} ${agent} r${id}`, { author, receipt });
  }

  #again(draw: number): void {
    const all = [...this.#done.entries()];
    const found = all[draw % Math.max(1, all.length)];
    if (found) this.#repeat(Number(found[0].split(" ")[0]), found[1].author);
  }

  /** The same answer, on whichever handle; something else under its name is refused. */
  #repeat(branch: number, author: Author): void {
    const { receipt } = this.#done.get(`${branch} ${author.agent} ${author.request_id}`)!;
    const never = (): never => {
      throw new Error("done twice");
    };
    const { transaction, seq, operations } = receipt;
    for (const handle of this.handles.slice(0, 2)) {
      const again = handle.on(branch).once(author, never);
      expect(again).toEqual({ transaction, seq, operations, repeated: true });
      expect(handle.answered(author)).toMatchObject({ transaction });
    }
    this.#refuse(branch, { ...author, fingerprint: "other" });
    this.met.repeated++;
  }

  #refuse(branch: number, author: Author): void {
    const reused = expect.objectContaining({ code: "REQUEST_REUSED" });
    for (const handle of this.handles.slice(0, 2))
      expect(() => handle.on(branch).begin(author)).toThrow(reused);
  }

  // Explorations, opened on one handle and used on the others.

  #trialOf(draw: number): Trial | undefined {
    return this.trials[draw % Math.max(1, this.trials.length)];
  }

  #explore(draw: number): void {
    const parent = this.trials[draw % (this.trials.length + 1)];
    if (this.trials.length === 4) return;
    const name = `t${this.#names++}`;
    const { store, model } = this.world;
    start(store, { ...BY, name, ttl_seconds: 1000, ...(parent && { parent: parent.name }) }, now);
    const { branch } = store.branches().find((own) => own.name === name)!;
    this.trials.push(
      new Trial({
        name,
        branch,
        parent,
        state: parent?.state ?? model.state(),
        base: parent?.seq ?? this.mainSeq,
      }),
    );
    if (parent) parent.said++;
    else this.said++;
  }

  #try(trial: Trial | undefined, changes: readonly Change[]): void {
    if (trial) this.#tryAs(trial, BY, changes);
  }

  #tryAs(trial: Trial, author: Author, changes: readonly Change[]): Receipt {
    const after = new Map(trial.state);
    let count = 0;
    const receipt = this.world.store.on(trial.branch).once(author, (tx: WriteTransaction) => {
      for (const change of changes) {
        const before = after.get(change.key) ?? "";
        const content = contentAfter(before, change);
        if (content === before) continue;
        put(tx, change.key, content);
        after.set(change.key, content);
        count++;
      }
      return {};
    });
    expect(receipt.operations).toBe(count);
    trial.wrote(receipt, after);
    return receipt;
  }

  #undoTrial(trial: Trial | undefined): void {
    const before = trial?.undone();
    if (!trial || !before) return;
    const view = this.world.store.on(trial.branch);
    const plan = planOn(view, (journal) => rollbackRequest(journal, { steps: 1 }, "block"));
    const receipt = apply(view, plan, BY);
    expect(receipt.outcome).toBe("done");
    trial.tookBack(receipt, before);
  }

  #merge(trial: Trial | undefined, prefer: "exploration" | "base" | undefined): void {
    if (!trial || trial.isScarred) return;
    const { store, model } = this.world;
    const { parent, name, branch } = trial;
    const view = store.on(branch);
    const work = (): Receipt =>
      merge({ parent: store.on(parent?.branch ?? 1), view, name, prefer }, { ...BY, fingerprint: name });
    const ours = parent?.state ?? model.state();
    const after = mergeStates({ base: trial.base, ours, theirs: trial.state }, prefer);
    const isParent = this.trials.some((other) => other.parent === trial);
    if (!after || isParent) {
      const refused = (error: MomoError): boolean =>
        ["MERGE_CONFLICT", "EXPLORATION_HAS_CHILDREN"].includes(error.code);
      expect(work).toThrow(expect.toSatisfy(refused));
      return;
    }
    const receipt = work();
    this.met.merged++;
    this.#forget(trial);
    if (parent) parent.wrote(receipt, after);
    else this.#merged(receipt, after);
  }

  #merged(receipt: Receipt, after: State): void {
    const { store, model } = this.world;
    const own = store.operations(receipt.transaction).map(({ seq, key, to }): ModelWrite => {
      const [before, content] = [model.content(key), after.get(key) ?? ""];
      return { seq, vid: to ?? 0, key, content, before, transaction: 0 };
    });
    if (!this.world.written(receipt, { kind: "write", agent: "explorer", own })) this.said++;
  }

  #discard(trial: Trial | undefined): void {
    if (!trial) return;
    const { store } = this.world;
    if (this.trials.some(({ parent }) => parent === trial)) {
      expect(() => discard(store, trial.name, BY)).toThrow(
        expect.objectContaining({ code: "EXPLORATION_HAS_CHILDREN" }),
      );
      return;
    }
    discard(store, trial.name, BY);
    if (trial.parent) trial.parent.said++;
    else this.said++;
    this.#forget(trial);
  }

  #forget(trial: Trial): void {
    this.trials = this.trials.filter((other) => other !== trial);
    for (const key of this.#done.keys()) if (key.startsWith(`${trial.branch} `)) this.#done.delete(key);
    trial.checkGone(this.handles);
  }

  // What is dropped for good.

  #compact({ keep, around }: Extract<Step, { do: "compact" }>): void {
    const { store } = this.world;
    const wanted = Math.max(0, this.mainSeq - keep);
    const plans = this.#plans.length;
    if (around) this.#plan(around, 2);
    const { horizon } = compact(store, { seq: wanted }, { agent: "tester" });
    expect(horizon).toBeLessThanOrEqual(Math.max(wanted, store.journal.horizon()));
    if (horizon > 0) this.hasLosses = true;
    this.said++;
    if (this.#plans.length > plans) this.#carryLate(plans);
  }

  /** An entry, or the end of relations, which go with it. */
  #erase(draw: number): void {
    const { store, model } = this.world;
    const known = model.keys().filter((key) => !key.startsWith("quarantine:"));
    const ids = [...new Set(known.map((key) => edgeOf(key)?.source ?? key))];
    const id = ids[draw % Math.max(1, ids.length)];
    if (id === undefined) return;
    const isErased = (key: string): boolean =>
      [id, `quarantine:${id}`].includes(key) || [edgeOf(key)?.source, edgeOf(key)?.target].includes(id);
    const before = model.state();
    const receipt = erase(store, [id], { agent: "tester" }) as unknown as Receipt & { overwritten: boolean };
    expect(receipt.overwritten).toBe(true);
    const own = store.operations(receipt.transaction).map(({ seq, key }): ModelWrite => {
      return { seq, vid: 0, key, content: "", before: before.get(key)!, transaction: 0 };
    });
    expect(own.map(({ key }) => key).sort()).toEqual([...before.keys()].filter(isErased));
    const gone = new Set(model.writes.filter(({ key }) => isErased(key)).map(({ vid }) => vid));
    for (const one of model.transactions) one.reads = one.reads.filter(({ vid }) => !gone.has(vid));
    if (!this.world.written(receipt, { kind: "erase", agent: "tester", own })) this.said++;
    for (const trial of this.trials) trial.erased(isErased);
    this.hasLosses = true;
  }
}

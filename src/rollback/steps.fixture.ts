/** Random steps: who writes what, what is taken back and how. Used by the tests of this room. */
import fc from "fast-check";
import { type RollbackPolicy, type RollbackSelector, rollbackPolicies } from "../model/rollback.ts";
import type { Model, ModelTransaction, ModelWrite } from "./model.fixture.ts";

export interface Change {
  key: string;
  field: "x" | "y" | "remove";
  value: number;
}

export interface Write {
  do: "write";
  agent: string;
  session: string;
  changes: Change[];
  reads: { key: string; declared: boolean }[];
  irreversible: boolean;
}

export interface Undo {
  do: "undo";
  selector: SelectorDraw;
  policy: RollbackPolicy;
  by: string;
}

export interface Redo {
  do: "redo";
  /** undefined for the newest. */
  of: number | undefined;
  policy: RollbackPolicy;
  by: string;
}

export type Step =
  | Write
  | Undo
  | Redo
  | { do: "rewind"; to: number }
  | { do: "checkpoint"; name: string }
  | { do: "release"; by: string }
  | { do: "reopen" };

export type SelectorDraw =
  | { by: "agent"; agent: string }
  | { by: "session"; agent: string; session: string }
  | { by: "steps"; steps: number; agent: string | undefined }
  | { by: "transactions"; draws: number[] }
  | { by: "operations"; draws: number[] }
  | { by: "key"; key: string; agent: string | undefined }
  | { by: "after"; draw: number };

export const keys = ["a", "b", "c/d", "日本"];
export const agents = ["ann", "bob", "eve"];
const sessions = ["s1", "s2"];

const agent = fc.constantFrom(...agents);
const session = fc.constantFrom(...sessions);
const draw = fc.nat(1000);
export const policy = fc.constantFrom(...rollbackPolicies);

/** What steps are about: which keys there are, and what one write changes of them. */
export interface Subject {
  key: fc.Arbitrary<string>;
  changes: fc.Arbitrary<Change[]>;
}

const field = fc.constantFrom("x" as const, "x" as const, "y" as const, "y" as const, "remove" as const);
const keyOfFew = fc.constantFrom(...keys);
/** Few values, so that some writes say again what was said before. */
export const changeOf = (key: fc.Arbitrary<string>): fc.Arbitrary<Change> =>
  fc.record({ key, field, value: fc.nat(3) });
export const few: Subject = {
  key: keyOfFew,
  changes: fc.array(changeOf(keyOfFew), { minLength: 1, maxLength: 4 }),
};

const MANY = 120;
const nameOf = (i: number): string => `key/${String(i).padStart(3, "0")}`;
const keyOfMany = fc.nat(MANY - 1).map(nameOf);
/** Neighbours, as an import writes them: what the store reads and moves as ranges. A few of them are left out. */
const neighbours = fc
  .record({
    first: fc.nat(MANY - 16),
    count: fc.integer({ min: 16, max: MANY }),
    without: fc.array(fc.nat(MANY - 1), { maxLength: 3 }),
    field,
    value: fc.nat(3),
    isTurned: fc.nat(4).map((number) => number === 0),
  })
  .map(({ first, count, without, field, value, isTurned }) => {
    const numbers = Array.from({ length: Math.min(count, MANY - first) }, (_, i) => first + i);
    const chosen = numbers.filter((number) => !without.includes(number));
    if (isTurned) chosen.reverse();
    return chosen.map((number): Change => ({ key: nameOf(number), field, value }));
  });
/** More than a hundred keys, most of them written many at a time. */
export const many: Subject = {
  key: keyOfMany,
  changes: fc.oneof(
    { weight: 3, arbitrary: neighbours },
    { weight: 1, arbitrary: fc.array(changeOf(keyOfMany), { minLength: 1, maxLength: 4 }) },
  ),
};

const nothing: fc.Arbitrary<Write["reads"]> = fc.constant([]);
const writeOf = ({ key, changes }: Subject): fc.Arbitrary<Write> => {
  const read = fc.record({ key, declared: fc.boolean() });
  return fc.record({
    do: fc.constant("write" as const),
    agent,
    session,
    changes,
    reads: fc.oneof(nothing, nothing, fc.array(read, { maxLength: 2 })),
    irreversible: fc.nat(15).map((number) => number === 15),
  });
};
export const write = writeOf(few);

const selectorOf = ({ key }: Subject): fc.Arbitrary<SelectorDraw> =>
  fc.oneof(
    fc.record({ by: fc.constant("agent" as const), agent }),
    fc.record({ by: fc.constant("session" as const), agent, session }),
    fc.record({
      by: fc.constant("steps" as const),
      steps: fc.integer({ min: 1, max: 3 }),
      agent: fc.option(agent, { nil: undefined }),
    }),
    fc.record({
      by: fc.constant("transactions" as const),
      draws: fc.array(draw, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      by: fc.constant("operations" as const),
      draws: fc.array(draw, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ by: fc.constant("key" as const), key, agent: fc.option(agent, { nil: undefined }) }),
    fc.record({ by: fc.constant("after" as const), draw }),
  );
export const selectorDraw = selectorOf(few);

const undoBy = (
  selector: fc.Arbitrary<SelectorDraw>,
  policies: fc.Arbitrary<RollbackPolicy>,
): fc.Arbitrary<Undo> =>
  fc.record({ do: fc.constant("undo" as const), selector, policy: policies, by: agent });

export const redoBy = (policies: fc.Arbitrary<RollbackPolicy>): fc.Arbitrary<Redo> =>
  fc.record({
    do: fc.constant("redo" as const),
    of: fc.option(draw, { nil: undefined }),
    policy: policies,
    by: agent,
  });

/** Anything that can happen, with these policies. */
export const stepWith = (policies: fc.Arbitrary<RollbackPolicy>, about: Subject): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 10, arbitrary: writeOf(about) },
    { weight: 6, arbitrary: undoBy(selectorOf(about), policies) },
    { weight: 4, arbitrary: redoBy(policies) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("rewind" as const), to: draw }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("checkpoint" as const), name: fc.constantFrom("p", "q") }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("release" as const), by: agent }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
  );

/** Many of them; with four keys unless there are to be many. */
export const stepsWith = (
  policies: fc.Arbitrary<RollbackPolicy>,
  { minLength = 0, maxLength, about = few }: { minLength?: number; maxLength: number; about?: Subject },
): fc.Arbitrary<Step[]> => fc.array(stepWith(policies, about), { minLength, maxLength, size: "max" });

export interface Selected {
  selector: RollbackSelector;
  /** The live writes that it means. */
  writes: ModelWrite[];
}

/** What a draw means in this world: the selector for the store, and the live writes that it must select. */
export function selected(model: Model, draw: SelectorDraw): Selected {
  const live = model.writing().flatMap((transaction) => model.live(transaction));
  const by = ({ transaction }: ModelWrite): ModelTransaction => model.transaction(transaction)!;
  const take = (selector: RollbackSelector, isMeant: (write: ModelWrite) => boolean) => ({
    selector,
    writes: live.filter(isMeant),
  });
  if (draw.by === "agent") return take({ agent: draw.agent }, (write) => by(write).agent === draw.agent);
  if (draw.by === "session") {
    const { agent, session } = draw;
    return take({ agent, session }, (write) => by(write).agent === agent && by(write).session === session);
  }
  if (draw.by === "key") {
    const known = model.on(draw.key).length > 0;
    const { key, agent } = draw;
    const where = known ? { keys: [key] } : { prefix: key };
    return take({ ...where, ...(agent && { agent }) }, (write) => {
      return write.key === key && (agent === undefined || by(write).agent === agent);
    });
  }
  if (draw.by === "after") {
    const { seq } = model.recorded[draw.draw % model.recorded.length]!;
    return take({ after: seq }, (write) => write.seq > seq);
  }
  return selectedByNumber(model, draw, take);
}

type Take = (selector: RollbackSelector, isMeant: (write: ModelWrite) => boolean) => Selected;

function selectedByNumber(
  model: Model,
  draw: Extract<SelectorDraw, { by: "steps" | "transactions" | "operations" }>,
  take: Take,
): Selected {
  if (draw.by === "steps") {
    const { steps, agent } = draw;
    const of = model.writing().filter((one) => agent === undefined || one.agent === agent);
    const last = new Set(
      of
        .filter((one) => model.live(one).length > 0)
        .slice(-steps)
        .map(({ number }) => number),
    );
    return take({ steps, ...(agent && { agent }) }, ({ transaction }) => last.has(transaction));
  }
  const drawn = <T>(list: T[]): T[] =>
    list.length === 0 ? [] : [...new Set(draw.draws.map((number) => list[number % list.length]!))];
  if (draw.by === "transactions") {
    const transactions = drawn(model.writing()).map(({ number }) => number);
    return take({ transactions }, ({ transaction }) => transactions.includes(transaction));
  }
  const operations = drawn(model.writing().flatMap(({ own }) => own)).map(({ seq }) => seq);
  return take({ operations }, ({ seq }) => operations.includes(seq));
}

/** The live writes that a selector without times means: all its conditions hold together. */
export function meantBy(model: Model, selector: RollbackSelector): ModelWrite[] {
  const { agent, session, transactions, operations, keys, prefix, after, steps } = selector;
  const by = ({ transaction }: ModelWrite): ModelTransaction => model.transaction(transaction)!;
  const isMeant = (write: ModelWrite): boolean =>
    (agent === undefined || by(write).agent === agent) &&
    (session === undefined || by(write).session === session) &&
    (transactions?.includes(write.transaction) ?? true) &&
    (operations?.includes(write.seq) ?? true) &&
    (keys?.includes(write.key) ?? true) &&
    (prefix === undefined || write.key.startsWith(prefix)) &&
    (after === undefined || write.seq > Number(after));
  const meant = model.writing().flatMap((transaction) => model.live(transaction).filter(isMeant));
  if (steps === undefined) return meant;
  const last = [...new Set(meant.map(({ transaction }) => transaction))].slice(-steps);
  return meant.filter(({ transaction }) => last.includes(transaction));
}

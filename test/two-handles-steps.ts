/** Random steps for two-handles.ts: what happens, and on which handle. */
import fc from "fast-check";
import {
  type Change,
  changeOf,
  few,
  type Step as OneStep,
  policy,
  stepWith,
} from "../src/rollback/steps.fixture.ts";

export type Moving = Extract<OneStep, { do: "undo" | "redo" | "rewind" }> & { on: number };

type What =
  | OneStep
  | { do: "plan"; of: Moving; planner: number }
  | { do: "late" | "again" | "explore" | "try undo" | "discard" | "erase"; draw: number }
  | { do: "abort"; changes: Change[] }
  | { do: "request"; id: number; where: number; changes: Change[]; agent: string }
  | { do: "try"; draw: number; changes: Change[] }
  | { do: "merge"; draw: number; prefer: "exploration" | "base" | undefined }
  /** Around it something is planned and carried out, which may need what is dropped. */
  | { do: "compact"; keep: number; around: Moving | undefined }
  | { do: "verify" };

/** `on` is one of the handles that write. */
export type Step = What & { on: number };

const names = [
  ...Array.from({ length: 50 }, (_, i) => `k/${String(i).padStart(2, "0")}`),
  ...Array.from({ length: 12 }, (_, i) => `r/calls/x${i % 3}/x${(i >> 2) % 3}/${i}`),
];
const key = fc.constantFrom(...names);
/** Neighbours, as an import writes them, up to 40: what the store reads and moves as ranges. */
const neighbours = fc
  .record({
    first: fc.nat(names.length - 1),
    count: fc.integer({ min: 1, max: 40 }),
    field: fc.constantFrom("x" as const, "y" as const, "x" as const, "remove" as const),
    value: fc.nat(3),
  })
  .map(({ first, count, field, value }) =>
    names.slice(first, first + count).map((name): Change => ({ key: name, field, value })),
  );
const many = {
  key,
  changes: fc.oneof(neighbours, fc.array(changeOf(key), { minLength: 1, maxLength: 4 })),
};
const draw = fc.nat(1000);

function whatOf(about: typeof many | typeof few): fc.Arbitrary<What> {
  const one = stepWith(policy, about);
  const { changes } = about;
  const say = <T extends string>(name: T) => fc.constant(name);
  const moving = one.filter((step) => step.do === "undo" || step.do === "redo" || step.do === "rewind");
  const planned = moving.map((step) => ({ ...step, on: 0 }) as Moving);
  const drawn = (name: "late" | "again" | "explore" | "try undo" | "discard" | "erase") =>
    fc.record({ do: say(name), draw });
  const agent = fc.constantFrom("ann", "bob");
  return fc.oneof(
    { weight: 30, arbitrary: one },
    {
      weight: 5,
      arbitrary: fc.record({
        do: say("plan"),
        of: planned,
        planner: fc.nat(2),
      }),
    },
    { weight: 5, arbitrary: drawn("late") },
    { weight: 1, arbitrary: fc.record({ do: say("abort"), changes }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: say("request"), id: fc.nat(1), where: fc.nat(3), changes, agent }),
    },
    { weight: 2, arbitrary: drawn("again") },
    { weight: 3, arbitrary: drawn("explore") },
    { weight: 6, arbitrary: fc.record({ do: say("try"), draw, changes }) },
    { weight: 2, arbitrary: drawn("try undo") },
    {
      weight: 3,
      arbitrary: fc.record({
        do: say("merge"),
        draw,
        prefer: fc.constantFrom(undefined, undefined, "exploration" as const, "base" as const),
      }),
    },
    { weight: 1, arbitrary: drawn("discard") },
    {
      weight: 3,
      arbitrary: fc.record({
        do: say("compact"),
        keep: fc.oneof(fc.nat(4), fc.nat(60)),
        around: fc.option(planned, { nil: undefined }),
      }),
    },
    { weight: 1, arbitrary: drawn("erase") },
    { weight: 1, arbitrary: fc.record({ do: say("verify") }) },
  );
}

const stepsOf = (about: typeof many | typeof few): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.tuple(whatOf(about), fc.nat(1)).map(([what, on]): Step => ({ ...what, on })),
    { minLength: 4, maxLength: 24, size: "max" },
  );

/** Of few keys, where writes meet, or of many. */
export const history: fc.Arbitrary<Step[]> = fc.oneof(stepsOf(few), stepsOf(many));

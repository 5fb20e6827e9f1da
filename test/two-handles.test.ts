/**
 * Histories over two handles that write one file and one that reads it, in one process: what each shows is what was
 * committed, whoever did it and whatever is open on another. The long run does 10,000 in parts of 100, of which one can
 * be run alone by its name.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { inWorld } from "../src/rollback/world.fixture.ts";
import { isLong } from "./momo-process.ts";
import { TwoHandles } from "./two-handles.ts";
import { history } from "./two-handles-steps.ts";

const PART = 100;

function run(parameters: fc.Parameters<[unknown]>): void {
  const met: Record<string, number> = {};
  fc.assert(
    fc.property(history, (steps) => {
      inWorld([], (world) => {
        const handles = new TwoHandles(world);
        try {
          for (const step of steps) handles.take(step);
          handles.verify();
        } finally {
          handles.close();
        }
        for (const [name, count] of Object.entries(handles.met)) met[name] = (met[name] ?? 0) + count;
      });
    }),
    parameters as fc.Parameters<[unknown]>,
  );
  // What never happens would always hold.
  expect(Object.entries(met).filter(([, count]) => count === 0)).toEqual([]);
}

test.skipIf(isLong)("every handle shows what was committed", () => run({ numRuns: 60 }));

const parts = Array.from({ length: isLong ? 10_000 / PART : 0 }, (_, i) => i * PART);
test.each(parts)("histories %i and on", { timeout: 3_600_000 }, (first) =>
  run({ numRuns: PART, seed: first }),
);

/** The journal against a model of lists: what is planned and what it leads to, over random histories. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { many, policy, stepsWith } from "./steps.fixture.ts";
import { inWorld, seeds } from "./world.fixture.ts";

test("plans, heads, digests and what counts are those of the model, and the journal verifies after each step", () => {
  fc.assert(
    fc.property(stepsWith(policy, { maxLength: 20 }), (steps) => {
      inWorld([], (world) => {
        for (const step of steps) {
          world.step(step);
          expect(world.store.verify()).toBeUndefined();
        }
      });
    }),
    { numRuns: seeds },
  );
});

test("the same with more than a hundred keys, written and taken back many at a time", () => {
  let moved = 0;
  fc.assert(
    fc.property(stepsWith(policy, { minLength: 6, maxLength: 14, about: many }), (steps) => {
      inWorld([], (world) => {
        for (const step of steps) {
          world.step(step);
          expect(world.store.verify()).toBeUndefined();
        }
        const moving = world.store.history().filter(({ kind }) => kind !== "write");
        moved += moving.filter(({ operations }) => operations >= 16).length;
      });
    }),
    { numRuns: seeds / 2 },
  );
  expect(moved).toBeGreaterThan(seeds / 5);
});

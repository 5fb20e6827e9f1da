/** The journal against a model of lists: what is planned and what it leads to, over random histories. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { policy, stepsWith } from "./steps.fixture.ts";
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

/** The journal against a model of lists: what is planned and what it leads to, over random histories. */
import fc from "fast-check";
import { test } from "vitest";
import { policy, stepsWith } from "./steps.fixture.ts";
import { inWorld, seeds } from "./world.fixture.ts";

test("plans, heads, digests and what counts are those of the model", () => {
  fc.assert(
    fc.property(stepsWith(policy, { maxLength: 20 }), (steps) => inWorld(steps)),
    { numRuns: seeds },
  );
});

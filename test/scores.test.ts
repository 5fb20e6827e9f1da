/**
 * I2: what is done and taken back leaves documents, graph, words and the ranked scores of a search as they were, and what
 * is redone brings them again. Over random histories under every policy.
 */
import { rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { rollbackPolicies } from "../src/model/rollback.ts";
import { digestReport } from "../src/retrieve/digest-report.ts";
import { createRetriever } from "../src/retrieve/search.ts";
import { apply } from "../src/rollback/apply.ts";
import { planOn } from "../src/rollback/plan.ts";
import { redoRequest } from "../src/rollback/redo.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import { fastFolder, isLong } from "./momo-process.ts";
import {
  exactly,
  inPlace,
  keepNow,
  playDirectly,
  resultsIn,
  stepsWith,
  write,
  writeIn,
} from "./scored-world.ts";

const seeds = isLong ? 1000 : 40;
const timeout = isLong ? 1_200_000 : 60_000;
const folder = fastFolder("momo-scores-");
afterAll(() => rmSync(folder, { recursive: true }));

const policy = fc.constantFrom(...rollbackPolicies);

test("I2: do and undo leave every score as it was, and a redo brings every one again", { timeout }, () => {
  let [changed, found] = [0, 0];
  fc.assert(
    fc.property(
      stepsWith(policy, { maxLength: 7 }),
      fc.record({
        writes: fc.array(write, { minLength: 1, maxLength: 3 }),
        wanted: policy,
        keeps: fc.boolean(),
      }),
      (steps, { writes, wanted, keeps }) => {
        inPlace(folder, (store) => {
          playDirectly(store, steps);
          const was = exactly(store);
          // One that lives through all of it must see the same as one that is made for each state.
          const seeing = createRetriever(store);
          const report = digestReport(store, seeing).parts;
          const transactions = writes.flatMap((one) => writeIn(store, one));
          if (keeps) keepNow(store);
          if (transactions.length === 0) return;
          const done = exactly(store);
          const after = digestReport(store, seeing).parts;
          if (report.rankings !== after.rankings || report.words !== after.words) changed++;
          const plan = planOn(store, () => rollbackRequest(store.journal, { transactions }, wanted));
          const { transaction, outcome } = apply(store, plan, { agent: "eve" });
          expect(outcome).toBe("done");
          expect(exactly(store)).toEqual(was);
          expect(digestReport(store, seeing).parts).toEqual(report);
          found += resultsIn(store);
          apply(
            store,
            planOn(store, () => redoRequest(store.journal, transaction, "block")),
            { agent: "eve" },
          );
          expect(exactly(store)).toEqual(done);
          expect(digestReport(store, seeing).parts).toEqual(after);
        });
      },
    ),
    { numRuns: seeds },
  );
  expect(changed).toBeGreaterThan(seeds / 5);
  expect(found).toBeGreaterThan(seeds * 3);
});

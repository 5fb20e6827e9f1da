/** What a rewind has to be agreed to for, by the public API: the work of others, and what was also done outside. */
import { expect, test } from "vitest";
import { Example } from "./example.fixture.ts";
import { createRollback, type Rollback } from "./rollback.ts";
import { inStoreLater } from "./world.fixture.ts";

/** ann writes a and sends a mail with b; the state before her second write is after operation 1. */
async function sent(
  work: (rollback: Rollback, here: Example) => Promise<void>,
  agent = "ann",
): Promise<void> {
  await inStoreLater(async (store) => {
    const here = new Example(store);
    here.write("ann", { a: { x: 1 } });
    here.write(agent, { b: { x: 1 } }, { irreversible: "mail sent to the team" });
    await work(createRollback({ read: () => store, write: () => store }), here);
  });
}

test("a rewind past what was also done outside lists it, and is refused until somebody agrees", async () => {
  await sent(async (rollback, here) => {
    const plan = await rollback.planRewind({ seq: 1 }, { agent: "ann" });
    const outside = [{ transaction: 2, agent: "ann", detail: "mail sent to the team" }];
    expect(plan).toMatchObject({ blocked: false, others: [], outside });
    const refused =
      "going back to operation 1 would take back #2, which also did something outside Momo that stays done (mail sent to the team): nothing was changed; agree to that with --irreversible";
    await expect(rollback.rollback(plan.plan_hash, { agent: "ann" })).rejects.toThrow(refused);
    await expect(rollback.rewind({ seq: 1 }, { agent: "ann", affects_others: true })).rejects.toThrow(
      refused,
    );
    expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
    const agreed = { agent: "ann", passes_irreversible: true };
    expect(await rollback.rollback(plan.plan_hash, agreed)).toMatchObject({ outcome: "done" });
    expect(here.state).toEqual({ a: { x: 1 } });
  });
});

test("what others did outside needs both", async () => {
  await sent(async (rollback, here) => {
    const one = { agent: "ann", passes_irreversible: true };
    await expect(rollback.rewind({ seq: 1 }, one)).rejects.toThrow("remove the work of bob");
    const other = { agent: "ann", affects_others: true };
    await expect(rollback.rewind({ seq: 1 }, other)).rejects.toThrow("something outside Momo");
    await rollback.rewind({ seq: 1 }, { ...one, ...other });
    expect(here.state).toEqual({ a: { x: 1 } });
  }, "bob");
});

test("what was taken back before is not asked about, and a rewind that brings it back takes nothing", async () => {
  await sent(async (rollback, here) => {
    const plan = await rollback.planRollback({ agent: "bob" }, { policy: "force" });
    expect(plan.outside).toMatchObject([{ transaction: 2 }]);
    await rollback.rollback(plan.plan_hash);
    expect((await rollback.planRewind({ seq: 0 })).outside).toEqual([]);
    expect((await rollback.planRewind({ seq: 2 })).outside).toEqual([]);
    await rollback.rewind({ seq: 2 });
    expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
  }, "bob");
});

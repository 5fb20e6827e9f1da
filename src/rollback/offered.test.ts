/** Taking back as the public API offers it: who did it when nobody says, where, and the journal as lines. */
import { expect, test } from "vitest";
import { Example } from "./example.fixture.ts";
import { createRollback, type Rollback } from "./rollback.ts";
import { inStoreLater } from "./world.fixture.ts";

/** ann writes a, then bob a and b, each in a transaction. */
async function offered(work: (rollback: Rollback, here: Example) => Promise<void>): Promise<void> {
  await inStoreLater(async (store) => {
    const here = new Example(store);
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { a: { x: 2 } });
    here.write("bob", { b: { x: 1 } }, { session: "s1" });
    const on = (exploration?: string) => {
      const branch = store.branches().find(({ name }) => name === exploration)?.branch;
      return branch === undefined ? store : store.on(branch);
    };
    await work(createRollback({ read: on, write: on }), here);
    expect(store.verify()).toBeUndefined();
  });
}

const refused = (code: string): unknown => expect.objectContaining({ code });

test("what nobody signs is Momo's, and what somebody signs is theirs", async () => {
  await offered(async (rollback, { store }) => {
    const { plan_hash } = await rollback.planRollback({ agent: "bob" });
    await rollback.rollback(plan_hash);
    const by = { agent: "eve", session: "s2", principal: "mia", intent: "again" };
    const { outcome } = await rollback.redo(undefined, by);
    expect(outcome).toBe("done");
    const [redone, undone] = store.history();
    expect(redone).toMatchObject({ kind: "redo", ...by });
    expect([undone!.kind, undone!.agent, undone!.session]).toEqual(["undo", "momo", undefined]);
  });
});

test("a policy that there is not is refused, and the others are those of the plan", async () => {
  await offered(async (rollback) => {
    const policy = "never" as unknown as "block";
    await expect(rollback.planRollback({ agent: "ann" }, { policy })).rejects.toThrow(
      refused("VALUE_INVALID"),
    );
    await expect(rollback.planRedo(undefined, { policy })).rejects.toThrow(refused("VALUE_INVALID"));
    expect(await rollback.planRollback({ agent: "ann" })).toMatchObject({ policy: "block", blocked: true });
    expect(await rollback.planRollback({ agent: "ann" }, { policy: "force" })).toMatchObject({
      policy: "force",
      blocked: false,
    });
  });
});

test("a rewind asks for the work of others, but not for one's own nor for what can be read again", async () => {
  await offered(async (rollback, here) => {
    expect((await rollback.planRewind({ seq: 0 })).others).toEqual(["ann", "bob"]);
    expect((await rollback.planRewind({ seq: 0 }, { agent: "bob" })).others).toEqual(["ann"]);
    expect((await rollback.planRewind({ seq: 1 }, { agent: "bob" })).others).toEqual([]);
    // A rollback says whose work it is, and asks nobody.
    expect((await rollback.planRollback({ agent: "bob" })).others).toEqual([]);
    await expect(rollback.rewind({ seq: 0 }, { agent: "bob" })).rejects.toThrow(refused("REWIND_OTHERS"));
    expect(await rollback.rewind({ seq: 1 }, { agent: "bob" })).toMatchObject({ outcome: "done" });
    expect(here.state).toEqual({ a: { x: 1 } });
    const tx = here.store.begin({ agent: "indexer", kind: "index" });
    tx.put({ key: "f.ts", kind: "file", hash: new Uint8Array(32), body: Buffer.from("{}") });
    tx.commit();
    expect((await rollback.planRewind({ seq: 1 }, { agent: "bob" })).others).toEqual([]);
  });
});

test("checkpoints are set, gone back to and removed, here or in an exploration", async () => {
  await offered(async (rollback, here) => {
    const { store } = here;
    const digest = store.digest();
    expect(await rollback.checkpoint("good", { agent: "ann" })).toMatchObject({
      name: "good",
      seq: 3,
      digest,
      agent: "ann",
    });
    const tx = store.begin({ agent: "eve", kind: "explore" });
    tx.describe({ name: "try", branch: tx.fork("try", {}) });
    tx.commit();
    await rollback.checkpoint("there", { exploration: "try" });
    const namesOf = async (exploration?: string): Promise<string[]> =>
      (await rollback.checkpoints({ exploration })).map(({ name }) => name);
    expect([await namesOf(), await namesOf("try")]).toEqual([["good"], ["there"]]);
    here.write("eve", { a: null, c: { x: 1 } });
    await rollback.rewind({ checkpoint: "good" }, { agent: "eve" });
    expect(store.digest()).toBe(digest);
    await rollback.removeCheckpoint("good");
    expect([await namesOf(), await namesOf("try")]).toEqual([[], ["there"]]);
    await expect(rollback.rewind({ checkpoint: "good" })).rejects.toThrow(refused("CHECKPOINT_UNKNOWN"));
    await expect(rollback.removeCheckpoint("good")).rejects.toThrow(refused("CHECKPOINT_UNKNOWN"));
    for (const name of ["", "a b", "x".repeat(101)])
      await expect(rollback.checkpoint(name)).rejects.toThrow(refused("VALUE_INVALID"));
    expect((await rollback.checkpoint("x".repeat(100))).seq).toBe(store.seq());
  });
});

test("quarantine is looked at and ended by id, all of them or none", async () => {
  await offered(async (rollback, here) => {
    const { plan_hash } = await rollback.planRollback({ operations: [1] }, { policy: "quarantine" });
    expect(await rollback.rollback(plan_hash)).toMatchObject({ outcome: "partial", residue: ["a"] });
    expect(await rollback.quarantined()).toMatchObject([{ id: "a", current: true }]);
    await expect(rollback.release(["a", "b"])).rejects.toThrow(refused("NOT_QUARANTINED"));
    expect(await rollback.quarantined()).toHaveLength(1);
    expect(await rollback.release(["a"], { agent: "ann" })).toMatchObject({ operations: 1 });
    expect(await rollback.quarantined()).toEqual([]);
    expect(here.store.history({ limit: 1 })).toMatchObject([{ kind: "write", agent: "ann" }]);
  });
});

test("erasing takes all versions of an id and the relations at it, and says how many", async () => {
  await offered(async (rollback, { store }) => {
    const tx = store.begin({ agent: "ann" });
    for (const [source, target] of [
      ["a", "b"],
      ["b", "a"],
      ["b", "b"],
    ] as const) {
      const edge = { source, type: "references", target };
      tx.put({ key: `${source}->${target}`, kind: "relation", body: Buffer.from("{}"), edge });
    }
    tx.commit();
    await expect(rollback.erase(["a", "never"])).rejects.toThrow(refused("ENTRY_UNKNOWN"));
    expect(store.head("a")).toBeDefined();
    const { vid } = store.head("a")!;
    expect(await rollback.erase(["a"], { agent: "eve" })).toMatchObject({
      ids: ["a"],
      // Its own and those of the relations.
      versions: 4,
      operations: 3,
      overwritten: true,
    });
    expect([store.head("a"), store.body(vid), store.head("a->b"), store.head("b->a")]).toEqual(
      Array(4).fill(undefined),
    );
    expect([store.head("b"), store.head("b->b")]).not.toContain(undefined);
    expect(store.history({ limit: 1 })).toMatchObject([
      { kind: "erase", agent: "eve", detail: { erased: ["a"] } },
    ]);
  });
});

test("the journal is a line for each transaction, oldest first, which never changes but by compaction", async () => {
  await offered(async (rollback, { store }) => {
    const lines = async (): Promise<Record<string, unknown>[]> =>
      [...(await rollback.exportJournal())].map((line) => JSON.parse(line));
    const before = await lines();
    const vid = store.head("b")!.vid;
    expect(before.map(({ transaction, agent }) => [transaction, agent])).toEqual([
      [1, "ann"],
      [2, "bob"],
      [3, "bob"],
    ]);
    expect(before[2]).toMatchObject({
      kind: "write",
      session: "s1",
      seq: 3,
      changes: [{ seq: 3, key: "b", to: vid }],
    });
    const { plan_hash } = await rollback.planRollback({ agent: "bob" });
    await rollback.rollback(plan_hash);
    await rollback.checkpoint("here");
    const after = await lines();
    expect(after.slice(0, 3)).toEqual(before);
    expect(after.slice(3).map(({ kind, changes }) => [kind, (changes as unknown[])?.length])).toEqual([
      ["undo", 2],
      ["checkpoint", undefined],
    ]);
    await rollback.removeCheckpoint("here");
    expect(await rollback.compact({ seq: 2 })).toMatchObject({ horizon: 2, wanted: 2, transactions: 2 });
    const [first, second, third] = await lines();
    expect(["changes" in first!, "changes" in second!]).toEqual([false, false]);
    expect(third).toEqual(before[2]);
    expect(await rollback.verify()).toBeUndefined();
  });
});

test("versions of an id are those of the place that is asked", async () => {
  await offered(async (rollback, { store }) => {
    const tx = store.begin({ agent: "eve", kind: "explore" });
    tx.describe({ name: "try", branch: tx.fork("try", {}) });
    tx.commit();
    new Example(store.on(store.branches()[0]!.branch)).write("eve", { a: { x: 9 } });
    expect((await rollback.versions("a")).map(({ agent }) => agent)).toEqual(["bob", "ann"]);
    expect((await rollback.versions("a", { exploration: "try" })).map(({ agent }) => agent)).toEqual(["eve"]);
  });
});

/** What people and agents write, through the public API: beside indexed code, in explorations, and across processes. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MomoError } from "../src/errors.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { project, shop } from "./momo-process.ts";

async function open(root: string): Promise<Momo> {
  const momo = await openMomo({ root });
  onTestFinished(() => momo.close());
  return momo;
}

async function indexed(): Promise<{ root: string; momo: Momo }> {
  const root = project();
  const momo = await open(root);
  await momo.ingest();
  return { root, momo };
}

const ann = { agent: "ann" };
const note = {
  type: "documentation" as const,
  content: "The lighthouse keeper waits for the next attempt.\n",
};

test("an entry is found beside the code, and is read by its id; counts of files stay", async () => {
  const { momo } = await indexed();
  const before = await momo.status();
  await momo.transact(ann, (tx) => {
    tx.put({ id: "notes/keeper", ...note });
    tx.storeDocumentation({
      entity_id: "src/retry.ts#RetryPolicy",
      documentation_type: "usage",
      content: "Wait.",
    });
    tx.relate("src/cart.ts", "references", "notes/keeper");
  });
  const { results, coverage } = await momo.search({ query: "next attempt" });
  expect(results.map(({ path }) => path)).toEqual(expect.arrayContaining(["notes/keeper", "src/retry.ts"]));
  expect(coverage).toMatchObject({ files: before.files, chunks: before.chunks, stale: 0 });
  expect(await momo.status()).toMatchObject({
    files: before.files,
    chunks: before.chunks,
    entries: 2,
    languages: before.languages,
    entities: before.entities,
  });
  expect(await momo.get("notes/keeper")).toMatchObject({ id: "notes/keeper", content: note.content });
  expect(await momo.get("src/retry.ts#RetryPolicy")).toMatchObject({
    documentation: ["doc:src/retry.ts#RetryPolicy:usage"],
    metadata: { entity_name: "RetryPolicy" },
  });
  const cart = await momo.get("src/cart.ts");
  expect(cart?.relations.at(-1)).toEqual({ type: "references", target_id: "notes/keeper", metadata: {} });
  expect(cart?.version).toBeGreaterThan(0);
  await momo.transact({ ...ann, expect: { "src/cart.ts": cart!.version! } }, () => 0);
});

test("a note comes before a file of prose that says the same", async () => {
  const root = project();
  writeFileSync(join(root, "keeper.md"), note.content);
  const momo = await open(root);
  await momo.ingest();
  await momo.transact(ann, (tx) => tx.put({ id: "notes/keeper", ...note }));
  const { results } = await momo.search({ query: "who waits for the lighthouse" });
  const paths = results.map(({ path }) => path);
  expect(paths[0]).toBe("notes/keeper");
  expect(paths).toContain("keeper.md");
});

test("writing begins a knowledge base; what is there to index is indexed all the same", async () => {
  const root = project();
  const momo = await open(root);
  await momo.transact(ann, (tx) => tx.put({ id: "notes/keeper", ...note }));
  expect(momo.isEmpty()).toBe(true);
  expect(readFileSync(join(root, ".momo", ".gitignore"), "utf8")).toBe("*\n");
  expect((await momo.status()).root).toBe(momo.root);
  await momo.ingest();
  expect(momo.isEmpty()).toBe(false);
  expect(await momo.status()).toMatchObject({ files: Object.keys(shop).length, entries: 1 });
});

test("another process sees what was written as soon as it was", async () => {
  const { root, momo } = await indexed();
  const other = await open(root);
  const found = async () => (await other.search({ query: "lighthouse" })).results.map(({ path }) => path);
  expect(await found()).toEqual([]);
  await momo.transact(ann, (tx) => tx.put({ id: "notes/keeper", ...note }));
  expect(await found()).toEqual(["notes/keeper"]);
  await momo.transact(ann, (tx) => tx.remove("notes/keeper"));
  expect(await found()).toEqual([]);
});

test("a file wins where an entry has its path as id, and its going leaves the entry", async () => {
  const { root, momo } = await indexed();
  await momo.transact(ann, (tx) => tx.put({ id: "src/plan.ts", ...note }));
  writeFileSync(join(root, "src/plan.ts"), "export const plan = 1;\n");
  writeFileSync(join(root, "src/other.ts"), "export const other = 1;\n");
  expect(await momo.ingest()).toMatchObject({ created: 2, failed_files: 0, skipped_files: 0 });
  expect((await momo.get("src/plan.ts"))?.content).toContain("export const plan");
  await expect(
    momo.transact(ann, (tx) => tx.put({ id: "src/plan.ts", ...note, content: "again" })),
  ).rejects.toMatchObject({ code: "KEY_KIND", values: { kind: "file" } });
  rmSync(join(root, "src/plan.ts"));
  expect(await momo.ingest()).toMatchObject({ removed: 1 });
  expect((await momo.get("src/plan.ts"))?.content).toBe(note.content);
});

test("a relation to a definition that went is kept, and says what is missing", async () => {
  const { root, momo } = await indexed();
  await momo.transact(ann, (tx) => {
    tx.put({ id: "notes/keeper", ...note });
    tx.relate("notes/keeper", "documents", "src/cart.ts#totalPrice");
  });
  writeFileSync(join(root, "src/cart.ts"), "export const nothing = 1;\n");
  await momo.ingest();
  expect(await momo.neighbors("notes/keeper")).toMatchObject([{ missing: "target" }]);
  writeFileSync(join(root, "src/cart.ts"), shop["src/cart.ts"]!);
  await momo.ingest();
  expect((await momo.neighbors("notes/keeper"))[0]).not.toHaveProperty("missing");
});

test("an exploration is read and written by its name, and nobody else sees it", async () => {
  const { momo } = await indexed();
  await momo.explore({ name: "trial", agent: "ann" });
  const exploration = "trial";
  await momo.transact({ ...ann, exploration }, (tx) => {
    tx.put({ id: "notes/keeper", ...note });
    tx.relate("notes/keeper", "documents", "src/cart.ts");
  });
  const paths = async (where: { exploration?: string }) =>
    (await momo.search({ query: "lighthouse keeper", ...where })).results
      .filter(({ near }) => !near)
      .map(({ path }) => path);
  expect([await paths({ exploration }), await paths({})]).toEqual([["notes/keeper"], []]);
  expect((await momo.get("notes/keeper", { exploration }))?.content).toBe(note.content);
  expect(await momo.get("notes/keeper")).toBeUndefined();
  expect((await momo.get("src/cart.ts", { exploration }))?.documentation).toEqual(["notes/keeper"]);
  expect((await momo.get("src/cart.ts"))?.documentation).toBeUndefined();
  expect([await momo.entries({ exploration }), await momo.entries()].map((list) => list.length)).toEqual([
    1, 0,
  ]);
  expect(await momo.neighbors("src/cart.ts", { exploration })).toHaveLength(1);

  await momo.mergeExploration("trial", { agent: "ann" });
  expect(await paths({})).toEqual(["notes/keeper"]);
  for (const ask of [momo.search({ query: "x", exploration }), momo.entries({ exploration })])
    await expect(ask).rejects.toThrow(new MomoError("EXPLORATION_UNKNOWN", { name: "trial" }));
});

test("taking a write back gives the digest and the results before it", async () => {
  const { momo } = await indexed();
  const look = async () => [
    await momo.digestReport(),
    (await momo.search({ query: "next attempt" })).results,
  ];
  const [report, results] = await look();
  const { transaction } = await momo.transact(ann, (tx) => {
    tx.put({ id: "notes/keeper", ...note });
    tx.storeDocumentation({
      entity_id: "src/retry.ts",
      documentation_type: "usage",
      content: "Wait for an attempt.",
    });
  });
  expect(await look()).not.toEqual([report, results]);
  const plan = await momo.planRollback({ transactions: [transaction] });
  await momo.rollback(plan.plan_hash);
  const [after, found] = await look();
  expect({ ...(after as object), seq: 0 }).toEqual({ ...(report as object), seq: 0 });
  expect(found).toEqual(results);
});

/** Renames and moves of files and definitions, as an ingest of real folders sees them, and what follows them. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MomoError } from "../src/errors.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { momo as run, temporaryFolder } from "./momo-process.ts";

interface World {
  root: string;
  momo: Momo;
}

const ann = { agent: "ann" };

const add = `export function add(cart, item) {
  if (item.count < 1) throw new Error("nothing to add");
  cart.items.push({ ...item, at: Date.now() });
  return cart;
}
`;
const total = `export function total(cart) {
  return cart.items.reduce((sum, { price, count }) => sum + price * count, 0);
}
`;
const basket = `export class Basket {
  items = [];
  size() {
    return this.items.length;
  }
  heaviest() {
    return this.items.toSorted((a, b) => b.weight - a.weight)[0];
  }
}
`;

function put(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function move(root: string, from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  renameSync(join(root, from), join(root, to));
}

async function world(files: Record<string, string>): Promise<World> {
  const root = temporaryFolder();
  put(root, files);
  const momo = await openMomo({ root });
  onTestFinished(() => momo.close());
  await momo.ingest();
  return { root, momo };
}

/** Documentation of something, and a note that refers to it. */
const document = (momo: Momo, id: string, where: { exploration?: string } = {}) =>
  momo.transact({ ...ann, ...where }, (tx) => {
    tx.storeDocumentation({ entity_id: id, documentation_type: "overview", content: `About ${id}.` });
    tx.put({ id: "notes/x", type: "documentation", content: "x" });
    tx.relate("notes/x", "references", id);
  });

/** What is found under an old id is the new one, with everything that was written at the old one. */
async function expectFollowed(momo: Momo, old: string, now: string): Promise<void> {
  for (const id of [old, now]) {
    const found = await momo.get(id);
    expect(found).toMatchObject({ id: now, documentation: [`doc:${old}:overview`] });
    expect(found?.renamed_from).toBe(id === old ? old : undefined);
    expect(await momo.neighbors(id)).toEqual([
      {
        source: `doc:${old}:overview`,
        type: "documents",
        target: now,
        metadata: {},
        renamed_from: { target: old },
      },
      { source: "notes/x", type: "references", target: now, metadata: {}, renamed_from: { target: old } },
    ]);
  }
  const documentation = await momo.get(`doc:${now}:overview`);
  expect(documentation).toMatchObject({
    id: `doc:${old}:overview`,
    renamed_from: `doc:${now}:overview`,
    relations: [{ type: "documents", target_id: now }],
  });
}

test("a file is renamed, and renamed again: what was written about it follows, and so does what lies in it", async () => {
  const { root, momo } = await world({ "src/cart.ts": add + total, "src/other.ts": basket });
  await document(momo, "src/cart.ts");
  await momo.transact(ann, (tx) => tx.relate("notes/x", "references", "src/cart.ts#add"));
  move(root, "src/cart.ts", "src/shop/cart.ts");
  expect(await momo.ingest()).toMatchObject({
    renamed: { files: 1, definitions: 0 },
    created: 1,
    removed: 1,
  });
  await expectFollowed(momo, "src/cart.ts", "src/shop/cart.ts");
  expect(await momo.get("src/cart.ts#add")).toMatchObject({
    id: "src/shop/cart.ts#add",
    renamed_from: "src/cart.ts#add",
  });
  expect(await momo.neighbors("src/shop/cart.ts#add")).toMatchObject([{ target: "src/shop/cart.ts#add" }]);
  expect(await momo.get("src/cart.ts#gone")).toBeUndefined();
  move(root, "src/shop/cart.ts", "src/shop/trolley.ts");
  await momo.ingest();
  await expectFollowed(momo, "src/cart.ts", "src/shop/trolley.ts");
  expect(await momo.get("src/shop/cart.ts#total")).toMatchObject({ id: "src/shop/trolley.ts#total" });
  expect(await momo.verify()).toBeUndefined();
});

test("a file that comes back has its own name again, however often", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await document(momo, "a.ts");
  const before = await momo.digestReport();
  for (let round = 0; round < 3; round++) {
    move(root, "a.ts", "b.ts");
    await momo.ingest();
    await expectFollowed(momo, "a.ts", "b.ts");
    move(root, "b.ts", "a.ts");
    await momo.ingest();
    expect(await momo.get("a.ts")).toMatchObject({ id: "a.ts", documentation: ["doc:a.ts:overview"] });
    expect((await momo.get("b.ts"))?.id).toBe("a.ts");
    expect((await momo.neighbors("a.ts"))[0]).not.toHaveProperty("renamed_from");
  }
  // All that is left of it is that b.ts was another name.
  const { parts } = await momo.digestReport();
  expect({ ...parts, metadata: "" }).toEqual({ ...before.parts, metadata: "" });
  expect(parts.metadata).not.toBe(before.parts.metadata);
});

test("a folder of thirty files is moved", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `part${i}`);
  const files = names.map((name, i): [string, string] => [
    `old/${name}/index.ts`,
    add.replace("< 1", `< ${i}`),
  ]);
  const { root, momo } = await world(
    Object.fromEntries([...files, ["old/a/__init__.py", ""], ["old/b/__init__.py", ""]]),
  );
  await document(momo, "old/part7/index.ts#add");
  move(root, "old", "new/place");
  expect(await momo.ingest()).toMatchObject({ renamed: { files: 32, definitions: 0 } });
  await expectFollowed(momo, "old/part7/index.ts#add", "new/place/part7/index.ts#add");
  expect((await momo.get("old/b/__init__.py"))?.id).toBe("new/place/b/__init__.py");
});

test("a function gets another name", async () => {
  const { root, momo } = await world({ "src/cart.ts": add + total });
  await document(momo, "src/cart.ts#add");
  put(root, { "src/cart.ts": add.replace("add(", "insert(") + total });
  expect(await momo.ingest()).toMatchObject({ renamed: { files: 0, definitions: 1 } });
  await expectFollowed(momo, "src/cart.ts#add", "src/cart.ts#insert");
  // Written at the old id, it is written at the new one.
  await momo.transact(ann, (tx) => tx.relate("src/cart.ts#add", "calls", "src/cart.ts#total"));
  const calls = { type: "calls" as const };
  expect(await momo.neighbors("src/cart.ts#insert", calls)).toEqual([
    { source: "src/cart.ts#insert", type: "calls", target: "src/cart.ts#total", metadata: {} },
  ]);
});

test("a class is moved to another file, with its methods", async () => {
  const { root, momo } = await world({ "src/cart.ts": add + basket, "src/other.ts": total });
  await document(momo, "src/cart.ts#Basket.size");
  put(root, { "src/cart.ts": add, "src/other.ts": total + basket.replaceAll("Basket", "Trolley") });
  const { renamed } = await momo.ingest();
  expect(renamed).toMatchObject({ files: 0 });
  expect(renamed?.definitions).toBeGreaterThanOrEqual(3);
  await expectFollowed(momo, "src/cart.ts#Basket.size", "src/other.ts#Trolley.size");
  expect((await momo.get("src/cart.ts#Basket"))?.id).toBe("src/other.ts#Trolley");
});

test("a file is renamed and edited at once, a definition in it too", async () => {
  const { root, momo } = await world({ "src/cart.ts": add + total + basket });
  await document(momo, "src/cart.ts#total");
  rmSync(join(root, "src/cart.ts"));
  put(root, {
    "src/shop.ts": `// More of it.\n${add.replace("< 1", "< 2")}${total.replace("total(", "sum(")}${basket}`,
  });
  expect(await momo.ingest()).toMatchObject({ renamed: { files: 1, definitions: 1 } });
  await expectFollowed(momo, "src/cart.ts#total", "src/shop.ts#sum");
  expect((await momo.get("src/cart.ts#add"))?.id).toBe("src/shop.ts#add");
});

test("two files swap their names: the names stay where they are, and definitions go with their bodies", async () => {
  const { root, momo } = await world({ "a.ts": add, "b.ts": total });
  await document(momo, "a.ts#add");
  put(root, { "a.ts": total, "b.ts": add });
  expect(await momo.ingest()).toMatchObject({ renamed: { files: 0, definitions: 2 } });
  expect(await momo.get("a.ts")).toMatchObject({ id: "a.ts", content: total });
  await expectFollowed(momo, "a.ts#add", "b.ts#add");
  put(root, { "a.ts": add, "b.ts": total });
  await momo.ingest();
  expect(await momo.get("a.ts#add")).toMatchObject({
    id: "a.ts#add",
    documentation: ["doc:a.ts#add:overview"],
  });
});

test("only the case of a letter changes", async () => {
  const { root, momo } = await world({ "src/Cart.ts": add });
  await document(momo, "src/Cart.ts");
  move(root, "src/Cart.ts", "src/cart.ts");
  await momo.ingest();
  await expectFollowed(momo, "src/Cart.ts", "src/cart.ts");
});

test("what may be either is neither", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await document(momo, "a.ts");
  rmSync(join(root, "a.ts"));
  put(root, { "b.ts": add, "c.ts": add });
  expect(await momo.ingest()).not.toHaveProperty("renamed");
  expect(await momo.get("a.ts")).toBeUndefined();
  expect(await momo.neighbors("notes/x")).toMatchObject([{ target: "a.ts", missing: "target" }]);
});

test("a new thing takes the old id; what went through it still goes where it went", async () => {
  const { root, momo } = await world({ "a.ts": add + total });
  await document(momo, "a.ts#add");
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  move(root, "b.ts", "c.ts");
  await momo.ingest();
  put(root, { "b.ts": basket });
  await momo.ingest();
  expect(await momo.get("b.ts")).toMatchObject({ id: "b.ts", content: basket });
  expect((await momo.get("b.ts#total"))?.id).toBe("c.ts#total");
  await expectFollowed(momo, "a.ts#add", "c.ts#add");
  put(root, { "a.ts": `${basket}${total.replace("0)", "1)")}` });
  await momo.ingest();
  expect((await momo.get("a.ts"))?.id).toBe("a.ts");
  expect((await momo.get("a.ts#total"))?.id).toBe("a.ts#total");
  await expectFollowed(momo, "a.ts#add", "c.ts#add");
  expect(await momo.verify()).toBeUndefined();
});

test("an entry may take the old path of a file, and leads nobody astray", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await document(momo, "a.ts#add");
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  const { transaction } = await momo.transact(ann, (tx) =>
    tx.put({ id: "a.ts", type: "documentation", content: "What a.ts was." }),
  );
  expect(await momo.get("a.ts")).toMatchObject({ id: "a.ts", content: "What a.ts was." });
  await expectFollowed(momo, "a.ts#add", "b.ts#add");
  const plan = await momo.planRollback({ transactions: [transaction] });
  await momo.rollback(plan.plan_hash);
  expect((await momo.get("a.ts"))?.id).toBe("b.ts");
});

test("taking the ingest back takes the renames back, and the next one finds them again", async () => {
  const { root, momo } = await world({ "a.ts": add, "c.ts": basket });
  await document(momo, "a.ts");
  const before = await momo.digest();
  move(root, "a.ts", "b.ts");
  const { transaction } = await momo.ingest();
  const after = await momo.digest();
  const plan = await momo.planRollback({ transactions: [transaction!] });
  expect(plan.blocked).toBe(false);
  await momo.rollback(plan.plan_hash);
  expect(await momo.digest()).toBe(before);
  expect(await momo.get("a.ts")).toMatchObject({ id: "a.ts" });
  expect(await momo.get("b.ts")).toBeUndefined();
  await momo.redo();
  expect(await momo.digest()).toBe(after);
  await expectFollowed(momo, "a.ts", "b.ts");
  await momo.rollback((await momo.planRollback({ transactions: [transaction!] })).plan_hash);
  expect(await momo.ingest()).toMatchObject({ renamed: { files: 1 }, created: 1, removed: 1 });
  expect(await momo.digest()).toBe(after);
  await expectFollowed(momo, "a.ts", "b.ts");
  expect(await momo.verify()).toBeUndefined();
});

test("an exploration sees names as they were when it began, and leaves nothing when it is discarded", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await document(momo, "a.ts");
  await momo.explore({ name: "before", ...ann });
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  const state = await momo.digest();
  await momo.explore({ name: "after", ...ann });
  expect((await momo.get("a.ts", { exploration: "before" }))?.id).toBe("a.ts");
  expect((await momo.get("b.ts", { exploration: "before" }))?.id).toBeUndefined();
  expect((await momo.get("a.ts", { exploration: "after" }))?.id).toBe("b.ts");
  const inside = { ...ann, exploration: "after" };
  await momo.transact(inside, (tx) => {
    tx.relate("notes/x", "tests", "a.ts#add");
    tx.put({ id: "a.ts", type: "documentation", content: "Taken." });
  });
  expect(await momo.neighbors("b.ts#add", { exploration: "after" })).toMatchObject([{ target: "b.ts#add" }]);
  expect((await momo.get("a.ts", { exploration: "after" }))?.content).toBe("Taken.");
  await expectFollowed(momo, "a.ts", "b.ts");
  await momo.discardExploration("after", ann);
  expect(await momo.digest()).toBe(state);
  await expectFollowed(momo, "a.ts", "b.ts");
  await momo.transact({ ...ann, exploration: "before" }, (tx) => tx.relate("notes/x", "tests", "a.ts"));
  await momo.mergeExploration("before", ann);
  expect(await momo.neighbors("b.ts", { type: "tests" })).toMatchObject([
    { source: "notes/x", target: "b.ts", renamed_from: { target: "a.ts" } },
  ]);
  expect(await momo.verify()).toBeUndefined();
});

test("what is written at an old id is written about what has another one now", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await document(momo, "a.ts");
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  const { version } = (await momo.get("b.ts"))!;
  await momo.transact({ ...ann, expect: { "a.ts": version! }, reads: ["a.ts"] }, (tx) => {
    // One of the kind is there already, under the id that it was given.
    const about = { documentation_type: "overview", content: "Newer." };
    expect(tx.storeDocumentation({ ...about, entity_id: "b.ts" })).toBe("doc:a.ts:overview");
    expect(tx.storeDocumentation({ ...about, entity_id: "a.ts", documentation_type: "usage" })).toBe(
      "doc:b.ts:usage",
    );
    tx.relate("notes/x", "references", "b.ts", { metadata: { again: true } });
  });
  expect(await momo.neighbors("b.ts")).toMatchObject([
    { source: "doc:a.ts:overview" },
    { source: "doc:b.ts:usage" },
    { source: "notes/x", metadata: { again: true }, renamed_from: { target: "a.ts" } },
  ]);
  await expect(momo.transact({ ...ann, expect: { "a.ts": 1 } }, () => undefined)).rejects.toMatchObject({
    code: "VERSION_CONFLICT",
  });
  await momo.transact(ann, (tx) => {
    expect(tx.unrelate("notes/x", "references", "b.ts")).toBe(true);
    expect(tx.unrelate("notes/x", "references", "a.ts")).toBe(false);
    expect(tx.remove("doc:b.ts:overview")).toBe(true);
    tx.update("doc:a.ts:usage", { content: "Newest." });
  });
  expect(await momo.get("b.ts")).toMatchObject({ documentation: ["doc:b.ts:usage"] });
  expect(await momo.get("doc:a.ts:usage")).toMatchObject({ id: "doc:b.ts:usage", content: "Newest." });
});

test("versions and history of an id go on under its other names", async () => {
  const { root, momo } = await world({ "a.ts": add });
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  put(root, { "b.ts": add + total });
  await momo.ingest();
  const changes = (versions: Awaited<ReturnType<Momo["versions"]>>) =>
    versions.map(({ id, change, current }) => [id, change, current]);
  const records = await momo.versions("b.ts");
  expect(changes(records).toSorted()).toEqual(
    [
      [undefined, "updated", true],
      [undefined, "created", false],
      ["a.ts", "removed", false],
      ["a.ts", "created", false],
    ].toSorted(),
  );
  expect(records.map(({ seq }) => seq)).toEqual(records.map(({ seq }) => seq).toSorted((a, b) => b - a));
  expect(changes(await momo.versions("a.ts")).map(([id]) => id)).toContain("b.ts");
  expect(await momo.versions("b.ts#add")).toEqual(records);
  for (const key of ["a.ts", "b.ts", "b.ts#total"])
    expect((await momo.history({ key })).map(({ transaction }) => transaction)).toEqual([3, 2, 1]);
});

test("erasing an id erases it under all of its names", async () => {
  const secret = "the combination is 4711";
  const { root, momo } = await world({ "a.ts": `// ${secret}\n${add}` });
  await document(momo, "a.ts");
  move(root, "a.ts", "b.ts");
  await momo.ingest();
  put(root, { "b.ts": add });
  await momo.ingest();
  expect((await momo.erase(["b.ts"], ann)).ids).toEqual(["b.ts", "a.ts"]);
  for (const id of ["a.ts", "b.ts", "doc:a.ts:overview"]) expect(await momo.get(id)).toBeUndefined();
  expect(await momo.neighbors("notes/x")).toEqual([]);
  expect(await momo.verify()).toBeUndefined();
});

test("a file wins over an entry of its id, which stays, is listed, and can be removed and brought back", async () => {
  const { root, momo } = await world({ "a.ts": add });
  await expect(
    momo.transact(ann, (tx) => tx.put({ id: "a.ts", type: "documentation", content: "x" })),
  ).rejects.toMatchObject({ code: "KEY_KIND" });
  const { transaction } = await momo.transact(ann, (tx) =>
    tx.put({ id: "b.ts", type: "documentation", content: "The albatross of b." }),
  );
  put(root, { "b.ts": basket });
  await momo.ingest();
  expect(await momo.get("b.ts")).toMatchObject({ type: "code", content: basket });
  expect(await momo.entries()).toMatchObject([{ id: "b.ts", type: "documentation" }]);
  const { results } = await momo.search({ query: "b.ts" });
  expect(results[0]).not.toHaveProperty("entry_id");
  await momo.transact(ann, (tx) => expect(tx.remove("b.ts")).toBe(true));
  expect(await momo.entries()).toEqual([]);
  await momo.rollback((await momo.planRollback({ steps: 1 })).plan_hash);
  expect(await momo.entries()).toHaveLength(1);
  await momo.rollback((await momo.planRollback({ transactions: [transaction] })).plan_hash);
  expect(await momo.entries()).toEqual([]);
  expect((await momo.get("b.ts"))?.type).toBe("code");
});

test("a mark on an entry does not hide the file of its id", async () => {
  const { root, momo } = await world({ "a.ts": add });
  const { transaction } = await momo.transact(ann, (tx) =>
    tx.put({ id: "b.ts", type: "documentation", content: "The albatross of b." }),
  );
  await momo.transact({ agent: "bob" }, (tx) => tx.update("b.ts", { content: "The albatross of b flies." }));
  const plan = await momo.planRollback({ transactions: [transaction] }, { policy: "quarantine" });
  await momo.rollback(plan.plan_hash);
  put(root, { "b.ts": basket });
  await momo.ingest();
  expect(await momo.quarantined()).toMatchObject([{ id: "b.ts", current: true }]);
  expect((await momo.search({ query: "heaviest" })).results[0]).toMatchObject({ path: "b.ts" });
  expect(
    (await momo.search({ query: "albatross", strategy: "words" })).results.filter(({ near }) => !near),
  ).toEqual([]);
});

test("a removed file that nothing replaced is gone", async () => {
  const { root, momo } = await world({ "a.ts": add, "b.ts": total });
  await document(momo, "a.ts");
  rmSync(join(root, "a.ts"));
  expect(await momo.ingest()).not.toHaveProperty("renamed");
  const refused = await momo
    .transact(ann, (tx) => tx.relate("notes/x", "tests", "a.ts"))
    .catch((error) => error);
  expect(refused).toBeInstanceOf(MomoError);
  expect(refused.code).toBe("ENTRY_UNKNOWN");
});

test("momo entity and momo doc find it under the old id, and say so", async () => {
  const cwd = temporaryFolder();
  put(cwd, { "a.ts": add });
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([...args, "--json"], { cwd, env: { USER: "ann" } });
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  await json("ingest");
  await json("doc", "set", "doc:a.ts#add:overview", "--content", "Adds.");
  move(cwd, "a.ts", "b.ts");
  expect(await json("ingest")).toMatchObject({ renamed: { files: 1, definitions: 0 } });
  expect(await json("entity", "a.ts#add")).toMatchObject({
    id: "b.ts#add",
    renamed_from: "a.ts#add",
    documentation: ["doc:a.ts#add:overview"],
    neighbors: [{ target: "b.ts#add", renamed_from: { target: "a.ts#add" } }],
  });
  expect(await json("doc", "show", "doc:b.ts#add:overview")).toMatchObject({ id: "doc:a.ts#add:overview" });
  expect(await json("doc", "set", "doc:b.ts#add:overview", "--content", "Adds one.")).toMatchObject({
    id: "doc:a.ts#add:overview",
    operations: 1,
  });
  expect(await json("doc", "relate", "a.ts", "documents", "a.ts#add")).toMatchObject({ operations: 1 });
  const versions = await json("history", "--versions", "b.ts");
  expect(versions.versions.map(({ id }: { id?: string }) => id)).toContain("a.ts");
  const shown = await run(["entity", "a.ts"], { cwd });
  expect(shown.stdout).toMatch(/^Id +b\.ts\nAsked as +a\.ts\n/);
  put(cwd, { "new.ts": total });
  expect((await run(["ingest"], { cwd })).stdout).not.toContain("Renamed");
});

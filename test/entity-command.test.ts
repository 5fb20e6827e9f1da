/** `momo entity` and `momo transact`, as a user runs them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { momo, project } from "./momo-process.ts";

async function json(cwd: string, args: string[], input?: string) {
  const finished = await momo([...args, "--json"], {
    cwd,
    env: { USER: "ann" },
    ...(input !== undefined && { input }),
  });
  expect({ args, stderr: finished.stderr, code: finished.code }).toEqual({ args, stderr: "", code: 0 });
  return JSON.parse(finished.stdout);
}

test("a thing is found by its id, its bare name, or the name of its file; what several are called so is listed", async () => {
  const cwd = project();
  await momo(["ingest"], { cwd });
  expect(await json(cwd, ["entity", "src/cart.ts#totalPrice"])).toMatchObject({
    type: "code",
    neighbors: [],
  });
  expect(await json(cwd, ["entity", "totalPrice"])).toMatchObject({ id: "src/cart.ts#totalPrice" });
  const file = await json(cwd, ["entity", "cart.ts", "--max-lines", "2"]);
  expect(file).toMatchObject({ id: "src/cart.ts" });
  expect(file.content.split("\n")).toHaveLength(2);
  expect(file.cut_lines).toBeGreaterThan(0);
  writeFileSync(join(cwd, "src", "other.ts"), "export function totalPrice() {\n  return 0;\n}\n");
  await momo(["ingest"], { cwd });
  const two = await momo(["entity", "totalPrice"], { cwd });
  expect(two).toMatchObject({ code: 1, stdout: "" });
  expect(two.stderr).toContain("src/cart.ts#totalPrice");
  expect(two.stderr).toContain("src/other.ts#totalPrice");
  expect(await momo(["entity", "nothing of that name"], { cwd })).toMatchObject({ code: 1 });
  expect(await momo(["entity", " "], { cwd })).toMatchObject({ code: 1 });
});

test("many operations are one transaction, from a file, from a program, or as an option", async () => {
  const cwd = project();
  await momo(["ingest"], { cwd });
  const operations = [
    { op: "put", id: "notes/a", content: "one" },
    { op: "relate", source: "notes/a", type: "documents", target: "src/cart.ts#totalPrice" },
  ];
  writeFileSync(join(cwd, "operations.json"), JSON.stringify(operations));
  expect(await json(cwd, ["transact", "--file", "operations.json"])).toMatchObject({ operations: 2 });
  expect(await json(cwd, ["transact", "--file", "-"], JSON.stringify(operations))).toMatchObject({
    operations: 0,
  });
  const more = '[{"op":"update","id":"notes/a","metadata":{"title":"A"}}]';
  expect(await json(cwd, ["transact", "--operations", more])).toMatchObject({ operations: 1 });
  const shown = await momo(["entity", "src/cart.ts#totalPrice"], { cwd });
  expect(shown.stdout).toContain("Documented by");
  expect(shown.stdout).toContain("notes/a documents this");
  const after = await json(cwd, ["history", "--after", "0"]);
  expect(after.transactions.map(({ agent }: { agent: string }) => agent)).toEqual(["indexer", "ann", "ann"]);
  for (const [args, words] of [
    [["transact"], "--operations"],
    [["transact", "--operations", "{"], "JSON"],
    [["transact", "--operations", "[]"], "list of operations"],
    [["transact", "--operations", more, "--file", "operations.json"], "--file"],
    [["transact", "--operations", '[{"op":"putt"}]'], "put"],
    [["transact", "--operations", more, "--expect", '{"notes/a":1}'], "version"],
  ] as const) {
    const refused = await momo([...args], { cwd });
    expect(refused.code).toBeGreaterThan(0);
    expect(refused.stderr).toContain(words);
  }
});

test("each overload has an id and calls of its own, and the id of before still names one", async () => {
  const cwd = project();
  const one = "  void put(int a) {\n    store.count(a);\n    store.count(a + 1);\n  }\n";
  const two = "  void put(String a) {\n    print(a);\n  }\n";
  const java = (methods: string) => `package a.b;\n\nclass O extends p.Base {\n${methods}}\n`;
  writeFileSync(join(cwd, "O.java"), java(one));
  await momo(["ingest"], { cwd });
  expect(await json(cwd, ["entity", "O.java#O.put"])).toMatchObject({ id: "O.java#O.put" });
  const operations = [
    { op: "put", id: "notes/put", content: "counts" },
    { op: "relate", source: "notes/put", type: "documents", target: "O.java#O.put" },
  ];
  await json(cwd, ["transact", "--file", "-"], JSON.stringify(operations));
  writeFileSync(join(cwd, "O.java"), java(two + one));
  await momo(["ingest"], { cwd });
  const counted = await json(cwd, ["entity", "O.java#O.put(int)"]);
  expect(counted.relations).toEqual([
    { type: "calls", target_id: "count", metadata: { line: 8, receiver: "store" } },
  ]);
  expect(counted.documentation).toEqual(["notes/put"]);
  const printed = await json(cwd, ["entity", "O.java#O.put(String)"]);
  expect(printed.documentation).toBeUndefined();
  expect(printed.relations).toEqual([{ type: "calls", target_id: "print", metadata: { line: 5 } }]);
  expect(await json(cwd, ["entity", "O.java#O.put"])).toMatchObject({ id: "O.java#O.put(int)" });
  const type = await json(cwd, ["entity", "O.java#O"]);
  expect(type.relations.map(({ target_id }: { target_id: string }) => target_id)).toEqual([
    "O.java#O.put(String)",
    "O.java#O.put(int)",
    "p.Base",
  ]);
});

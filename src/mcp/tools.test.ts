import { expect, test } from "vitest";
import { effectOf, inputSchema } from "../commands/command.ts";
import { allCommands, findCommand } from "../commands/index.ts";
import { commandInput, createToolSet } from "./tool-set.ts";
import { defaultTools } from "./tools.ts";

const byDefault = await createToolSet([]).definitions();
const all = await createToolSet(["all"]).definitions();

test("the default list costs every conversation at most 3 KB", () => {
  expect(Buffer.byteLength(JSON.stringify(byDefault))).toBeLessThanOrEqual(3072);
});

test("the list is the same each time, default tools first", async () => {
  expect(byDefault.map(({ name }) => name)).toEqual([
    "search",
    "entity",
    "document",
    "history",
    "rollback_plan",
    "rollback_apply",
    "index",
  ]);
  expect(await createToolSet([]).definitions()).toEqual(byDefault);
  expect(all.slice(0, byDefault.length)).toEqual(byDefault);
  expect(await createToolSet(["redo", "status"]).definitions()).toEqual(
    await createToolSet(["status", "redo"]).definitions(),
  );
});

test("every command that a server may run is a tool, each action of it a tool of its own", async () => {
  const names = new Set(all.map(({ name }) => name));
  for (const { name, only, positionals } of await allCommands()) {
    const actions = positionals.find((positional) => positional.name === "action")?.choices;
    const expected = actions ? actions.map((action) => `${name}_${action}`) : [name];
    for (const tool of expected) expect(names.has(tool), tool).toBe(only !== "cli");
  }
  expect(names.size).toBe(all.length);
});

test("annotations are all set, and follow from what a command may do", async () => {
  const hints = new Map(all.map(({ name, annotations }) => [name, annotations]));
  for (const annotations of hints.values()) {
    expect(Object.values(annotations).map((value) => typeof value)).toEqual(Array(4).fill("boolean"));
    expect(annotations.openWorldHint).toBe(false);
    if (annotations.readOnlyHint)
      expect(annotations).toMatchObject({ destructiveHint: false, idempotentHint: true });
  }
  expect(hints.get("rollback_plan")).toMatchObject({ readOnlyHint: true });
  expect(hints.get("rollback_apply")).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  expect(hints.get("document")).toMatchObject({ readOnlyHint: false, destructiveHint: false });
  expect(hints.get("explore_discard")).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  expect(hints.get("document")).toMatchObject({ readOnlyHint: false, idempotentHint: false });
  expect(hints.get("audit_erase")).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  expect(hints.get("doc_show")).toMatchObject({ readOnlyHint: true });
  // What only lists without a name writes with one: a tool promises the least.
  expect(hints.get("checkpoint")).toMatchObject({ readOnlyHint: false });
});

test("what a tool takes is what its command takes", async () => {
  for (const row of defaultTools) {
    const command = await findCommand(row.command);
    if (!command) throw new Error(`no command ${row.command}`);
    const { properties } = inputSchema(command);
    for (const [name, { of = name }] of Object.entries(row.inputs))
      expect(Object.keys(properties)).toContain(of);
    for (const name of Object.keys(row.fixed ?? {})) expect(Object.keys(properties)).toContain(name);
    for (const name of row.needs ?? []) expect(Object.keys(row.inputs)).toContain(name);
    if (row.name === "rollback_plan") expect(effectOf(command, commandInput(row, {}))).toBe("read");
  }
});

test("inputs are renamed, filled and fixed; what is not shown is refused", async () => {
  const tools = createToolSet([]);
  const search = await tools.find("search");
  expect(commandInput(search, { query: "x" })).toEqual({ query: "x", budget: 2000 });
  expect(commandInput(search, { query: "x", budget: 300, dir: null })).toEqual({ query: "x", budget: 300 });
  const plan = await tools.find("rollback_plan");
  expect(commandInput(plan, { transactions: [4] })).toEqual({ tx: [4], dry_run: true });
  for (const hidden of ["dry_run", "yes", "tx", "plan", "__proto__x"])
    expect(() => commandInput(plan, { [hidden]: false })).toThrow(
      expect.objectContaining({ code: "OPTION_UNKNOWN" }),
    );
  const document = await tools.find("document");
  expect(() => commandInput(document, { id: "a" })).toThrow(
    expect.objectContaining({ code: "ARGUMENT_MISSING" }),
  );
  expect(() => commandInput(document, { id: "a", content: "b", action: "remove" })).toThrow();
});

test("a tool that was not asked for is not there", async () => {
  await expect(createToolSet([]).find("redo")).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
  await expect(createToolSet(["redo"]).find("audit_erase")).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
  await expect(createToolSet(["no_such"]).definitions()).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
  await expect(createToolSet([]).find("constructor")).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
  expect((await createToolSet(["redo"]).find("redo")).command).toBe("redo");
});

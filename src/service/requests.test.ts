/** The same request twice is done once, whatever it is: by every command that writes, through the service. */
import { expect, test } from "vitest";
import { callerOf, world, writer } from "./world.fixture.ts";

type Input = Record<string, unknown>;

interface Asked {
  command: string;
  input: Input;
  /** Something else under the same id. */
  other: Input;
  /** Calls that go before. */
  after?: [command: string, input: Input][];
}

const set = (id: string, content = "text"): Input => ({ action: "set", id, content });
const mine = { agent: "root", yes: true };
const trial: [string, Input] = ["explore", { action: "start", name: "trial" }];
const built: [string, Input][] = [
  ["doc", set("notes/base")],
  ["doc", { ...set("notes/built"), agent: "eve", reads: ["notes/base"] }],
  ["rollback", { key: ["notes/base"], policy: "quarantine", yes: true }],
];

const asked: Record<string, Asked> = {
  "doc set": { command: "doc", input: set("notes/a"), other: set("notes/a", "other") },
  "doc remove": {
    command: "doc",
    input: { action: "remove", id: "notes/first" },
    other: { action: "remove", id: "notes/second" },
  },
  "doc relate": {
    command: "doc",
    input: { action: "relate", id: "notes/first", relation: "references", target: "notes/second" },
    other: { action: "relate", id: "notes/second", relation: "references", target: "notes/first" },
  },
  transact: {
    command: "transact",
    input: { operations: [{ op: "put", id: "notes/a", content: "a" }] },
    other: { operations: [{ op: "put", id: "notes/a", content: "b" }] },
  },
  "checkpoint NAME": { command: "checkpoint", input: { name: "noon" }, other: { name: "night" } },
  "checkpoint --remove": {
    command: "checkpoint",
    input: { name: "noon", remove: true },
    other: { name: "noon" },
    after: [["checkpoint", { name: "noon" }]],
  },
  rollback: { command: "rollback", input: { ...mine, steps: 1 }, other: { ...mine, steps: 2 } },
  "rollback --since": {
    command: "rollback",
    input: { ...mine, since: "1h" },
    other: { ...mine, since: "2h" },
  },
  redo: {
    command: "redo",
    input: { yes: true },
    other: { yes: true, policy: "skip" },
    after: [["rollback", { ...mine, steps: 1 }]],
  },
  rewind: { command: "rewind", input: { seq: 1, yes: true }, other: { seq: 0, yes: true } },
  "explore start": { command: "explore", input: { action: "start" }, other: trial[1] },
  "explore merge": {
    command: "explore",
    input: { action: "merge", name: "trial" },
    other: { action: "merge", name: "trial", prefer: "base" },
    after: [trial, ["doc", { ...set("notes/trial"), exploration: "trial" }]],
  },
  "explore discard": {
    command: "explore",
    input: { action: "discard", name: "trial" },
    other: { action: "discard", name: "other" },
    after: [trial],
  },
  "quarantine release": {
    command: "quarantine",
    input: { action: "release", ids: ["notes/built"] },
    other: { action: "release", ids: ["notes/base"] },
    after: built,
  },
  "audit compact": {
    command: "audit",
    input: { action: "compact", seq: 1 },
    other: { action: "compact", seq: 2 },
  },
  "audit erase": {
    command: "audit",
    input: { action: "erase", ids: ["notes/first"], yes: true },
    other: { action: "erase", ids: ["notes/second"], yes: true },
  },
};

const takesBack = ["rollback", "redo", "rewind"];

test.each(Object.entries(asked))("%s", async (_, { command, input, other, after = [] }) => {
  const { call, code } = world();
  for (const id of ["notes/first", "notes/second"]) await call("doc", set(id));
  for (const [before, given] of after) await call(before, given);
  const request = takesBack.includes(command) ? { as_request_id: "r1" } : { request_id: "r1" };
  const state = async (): Promise<unknown> => [await call("digest"), await call("history", { limit: 1000 })];

  const first = await call(command, { ...input, ...request });
  await call("doc", { ...set("notes/between"), agent: "eve" });
  const between = await state();
  const { repeated, ...again } = (await call(command, { ...input, ...request })) as Input;
  expect(again).toEqual(first);
  if ("transaction" in again) expect(repeated).toBe(true);
  expect(await code(command, { ...other, ...request })).toBe("REQUEST_REUSED");
  expect(await state()).toEqual(between);
});

test("a writer hears of its own request again, also where the same words would mean others' work by now", async () => {
  const { call, code } = world();
  await call("doc", set("notes/a"), writer);
  const request = { steps: 1, yes: true, as_request_id: "r1", as_session: "night" };
  const first = await call("rollback", request, writer);
  await call("doc", set("notes/b"), callerOf("bob", { "*": "writer" }));
  expect(await call("rollback", request, writer)).toEqual({ ...(first as Input), repeated: true });
  expect(await code("rollback", { ...request, as_request_id: "r2" }, writer)).toBe("FORBIDDEN_OTHERS");
  const { transactions } = await call("history", { session: "night" });
  expect(transactions).toMatchObject([{ kind: "undo", agent: "ann", request_id: "r1" }]);
});

test("a request carries out the plan that it names, once; a plan that was looked at for one is not another's", async () => {
  const { call, code } = world();
  await call("doc", set("notes/a"));
  const { plan_hash } = (await call("rollback", { steps: 1, dry_run: true, as_request_id: "look" })) as Input;
  const first = await call("rollback", { plan: plan_hash, as_request_id: "r1" });
  expect(first).toMatchObject({ outcome: "done" });
  const { transactions } = (await call("history", { limit: 1 })) as { transactions: Input[] };
  expect(transactions).toMatchObject([{ request_id: "r1" }]);
  const again = await call("rollback", { plan: plan_hash, as_request_id: "r1" });
  expect(again).toEqual({ ...(first as Input), repeated: true });
  expect(await code("rollback", { plan: "feed", steps: 1, as_request_id: "r1" })).toBe("REQUEST_REUSED");
});

test("in an exploration and in the knowledge base itself it is two requests", async () => {
  const { call } = world();
  for (const content of ["one", "two"]) await call("doc", set("notes/a", content));
  await call(...trial);
  await call("doc", { ...set("notes/a", "three"), exploration: "trial" });
  const request = { steps: 1, agent: "root", yes: true, as_request_id: "r1" };
  const inside = await call("rollback", { ...request, exploration: "trial" });
  const outside = await call("rollback", request);
  for (const one of [inside, outside]) expect(one).toMatchObject({ outcome: "done" });
  expect(outside).not.toHaveProperty("repeated");
  expect(await call("doc", { action: "show", id: "notes/a" })).toMatchObject({ content: "one" });
});

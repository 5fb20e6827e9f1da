/** Exploring, quarantine, digests and audits, as a user runs them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { contents, found, json, refused, run, state, twoAgents } from "./two-agents.ts";

test("an exploration is started, written to, searched, compared, merged and discarded", async () => {
  const cwd = await twoAgents();
  const { digest } = await state(cwd);
  expect(await run(cwd, ["explore"])).toBe("No explorations. momo explore start begins one.\n");
  const started = await json(cwd, [
    "explore",
    "start",
    "trial",
    "--agent",
    "carol",
    "--ttl",
    "2h",
    "--intent",
    "what if",
  ]);
  expect(started).toMatchObject({
    name: "trial",
    agent: "carol",
    intent: "what if",
    pinned: false,
    operations: 0,
  });
  expect(Date.parse(started.expires_at) - Date.parse(started.created_at)).toBe(7_200_000);
  await refused(cwd, ["explore", "start", "--name", "trial"], {
    exit: 1,
    message: "already an exploration trial",
  });
  const inTrial = ["--exploration", "trial", "--agent", "carol"];
  await run(cwd, ["doc", "set", "notes/cache", "--content", "The cache is in Redis.", ...inTrial]);
  await run(cwd, ["doc", "set", "notes/zebra", "--content", "A zebra crossing.", ...inTrial]);
  expect((await state(cwd)).digest).toBe(digest);
  const { results } = await json(cwd, ["search", "zebra", "--exploration", "trial"]);
  expect(results[0]).toMatchObject({ entry_id: "notes/zebra" });
  expect(await found(cwd, "zebra")).toEqual([]);
  expect((await json(cwd, ["history", "--exploration", "trial"])).transactions).toHaveLength(2);
  expect(await json(cwd, ["digest", "--exploration", "trial"])).not.toMatchObject({ digest });
  await run(cwd, ["rollback", "--tx", "7", "--exploration", "trial", "--yes"]);
  const text = await run(cwd, ["explore", "compare", "trial", "--query", "zebra", "--query", "cache"]);
  expect(text).toMatch(
    /^updated {2}entry {2}notes\/cache\n\n“zebra” {2}100 % in common\n {2}nothing found on either side\n/,
  );
  expect(text).toMatch(/“cache” {2}100 % in common\n +now +in the exploration\n/);
  expect(await run(cwd, ["explore", "list"])).toMatch(
    /^trial {2}carol {2}3 operations .* 1 h 59 min left .*what if\n$/,
  );
  expect(await run(cwd, ["explore", "merge", "trial", "--agent", "carol"])).toMatch(
    /^Merged trial as #\d+: 1 change\.\n$/,
  );
  expect((await contents(cwd))["notes/cache"]).toBe("The cache is in Redis.");
  const second = await json(cwd, [
    "explore",
    "start",
    "--pin",
    "--max-operations",
    "1",
    "--max-bytes",
    "999",
  ]);
  expect(second).toMatchObject({
    name: "exploration-1",
    agent: "ann",
    pinned: true,
    max_operations: 1,
    max_bytes: 999,
  });
  expect(await json(cwd, ["explore", "discard", "exploration-1"])).toEqual({ discarded: "exploration-1" });
});

test("a merge keeps who wrote what: history names them and finds it by them, and so does a rollback", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["explore", "start", "trial", "--agent", "carol"]);
  for (const agent of ["bob", "dave"]) {
    const write = ["doc", "set", `notes/${agent}`, "--content", agent, "--exploration", "trial"];
    await run(cwd, [...write, "--agent", agent]);
  }
  const merge = ["explore", "merge", "trial", "--agent", "carol", "--session", "noon", "--request-id", "r1"];
  const merged = await json(cwd, merge);
  expect(await json(cwd, merge)).toEqual({ ...merged, repeated: true });
  await refused(cwd, [...merge, "--prefer", "base"], { exit: 1, message: "already used the request id r1" });
  const { transactions } = await json(cwd, ["history", "--agent", "dave", "--session", "noon"]);
  expect(transactions).toMatchObject([
    { transaction: merged.transaction, agent: "carol", authors: ["bob", "dave"] },
  ]);
  expect(await run(cwd, ["history", "--agent", "dave", "-n", "1"])).toMatch(
    / carol .+ merge +exploration trial: work of bob, dave\n$/,
  );
  expect(await run(cwd, ["history", "--versions", "notes/dave"])).toMatch(
    / dave +created .+ current: merged by carol\n$/,
  );
  await run(cwd, ["rollback", "--agent", "dave", "--yes"]);
  const { entries } = await json(cwd, ["doc", "list", "notes/"]);
  expect(entries.map(({ id }: { id: string }) => id)).toEqual(["notes/bob", "notes/cache", "notes/queue"]);
});

test("a merge that meets other changes is refused unless a side is preferred", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["explore", "start", "trial"]);
  await run(cwd, ["doc", "set", "notes/cache", "--content", "Theirs.", "--exploration", "trial"]);
  await run(cwd, ["doc", "set", "notes/cache", "--content", "Ours."]);
  expect(await run(cwd, ["explore", "compare", "trial"])).toContain("notes/cache  changed beneath it, too");
  await refused(cwd, ["explore", "merge", "trial"], { exit: 1, message: "merge with --prefer" });
  expect(await json(cwd, ["explore", "merge", "trial", "--prefer", "exploration"])).toMatchObject({
    merged: "trial",
  });
  expect((await contents(cwd))["notes/cache"]).toBe("Theirs.");
});

test("what is in quarantine is listed, out of search, and released", async () => {
  const cwd = await twoAgents();
  expect(await run(cwd, ["quarantine"])).toBe("Nothing is in quarantine.\n");
  await run(cwd, ["rollback", "--tx", "2", "--policy", "quarantine", "--yes"]);
  expect(await found(cwd, "empty")).toEqual([]);
  expect(await run(cwd, ["quarantine", "list"])).toMatch(
    /^guides\/ops {2}v\d+ {2}#5 {2}derived from what was taken back/,
  );
  expect(await json(cwd, ["quarantine"])).toMatchObject({
    quarantined: [{ id: "guides/ops", current: true }],
  });
  await refused(cwd, ["quarantine", "release", "guides/ops", "nothing"], {
    exit: 1,
    message: "nothing is not in",
  });
  expect(await found(cwd, "empty")).toEqual([]);
  expect(await json(cwd, ["quarantine", "release", "guides/ops"])).toMatchObject({
    released: ["guides/ops"],
    transaction: 6,
    operations: 1,
  });
  expect(await found(cwd, "empty")).toEqual(["guides/ops"]);
});

test("digest names the parts, and returns with the state", async () => {
  const cwd = await twoAgents();
  const before = await json(cwd, ["digest"]);
  expect(Object.keys(before.parts)).toEqual([
    "documents",
    "graph",
    "metadata",
    "words",
    "vectors",
    "rankings",
  ]);
  await run(cwd, ["rollback", "--agent", "bob", "--yes"]);
  const between = await json(cwd, ["digest"]);
  expect(between.parts.words).not.toBe(before.parts.words);
  await run(cwd, ["redo", "--yes"]);
  expect(await json(cwd, ["digest"])).toEqual({ ...before, seq: expect.any(Number) });
  expect(await run(cwd, ["digest"])).toContain(`documents  ${before.parts.documents.slice(0, 16)}\n`);
});

test("audit verifies, and says what is wrong", async () => {
  const cwd = await twoAgents();
  expect(await run(cwd, ["audit"])).toBe("ok  journal, state and contents agree\n");
  expect(await json(cwd, ["audit", "verify"])).toEqual({ ok: true });
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(join(cwd, ".momo", "momo.db"));
  database.exec("UPDATE tx SET agent = 'mallory' WHERE tx = 2");
  database.close();
  const { ok, fault } = await json(cwd, ["audit", "verify"], 1);
  expect(ok).toBe(false);
  expect(await run(cwd, ["audit", "verify"], 1)).toBe(`wrong  ${fault}\n`);
});

test("audit exports a line for each transaction, which does not change later", async () => {
  const cwd = await twoAgents();
  const text = await run(cwd, ["audit", "export"]);
  expect(await run(cwd, ["audit", "export", "--json"])).toBe(text);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ transaction, agent }) => [transaction, agent])).toEqual([
    [1, "alice"],
    [2, "alice"],
    [3, "bob"],
    [4, "bob"],
  ]);
  expect(lines[2].changes).toMatchObject([{ key: "notes/queue", seq: 3 }]);
  await run(cwd, ["rollback", "--agent", "bob", "--yes"]);
  const later = await run(cwd, ["audit", "export"]);
  expect(later.startsWith(text)).toBe(true);
  expect(JSON.parse(later.slice(text.length))).toMatchObject({ kind: "undo", detail: { dead: [[3, 4]] } });
});

test("audit compacts as far as somebody allows, and says who does not", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["checkpoint", "early"]);
  await run(cwd, ["doc", "set", "notes/queue", "--content", "Thirty."]);
  await run(cwd, ["checkpoint", "late"]);
  const held = await run(cwd, ["audit", "compact", "--checkpoint", "late"]);
  expect(held).toMatch(
    /^Dropped the operations of \d transactions? and \d versions?, up to operation 4 and not 5: /,
  );
  expect(held).toContain("checkpoint early needs the rest.\n");
  await run(cwd, ["checkpoint", "early", "--remove"]);
  expect(await json(cwd, ["audit", "compact", "--keep-days", "0"])).toMatchObject({ horizon: 5, wanted: 5 });
  await refused(cwd, ["rewind", "--seq", "1"], { exit: 1, message: "was dropped by compaction" });
  expect(await run(cwd, ["audit"])).toContain("ok");
});

test("audit erases for good when somebody means it", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  const asked = await refused(cwd, ["audit", "erase", "notes/queue"], { exit: 2, message: "add --yes" });
  expect(asked).toBe("Erases the content of\n  notes/queue  2 versions\n");
  expect(await state(cwd)).toEqual(before);
  expect(await json(cwd, ["audit", "erase", "notes/queue", "guides/ops", "--yes"])).toMatchObject({
    ids: ["notes/queue", "guides/ops"],
    versions: 3,
  });
  expect(Object.keys(await contents(cwd))).toEqual(["notes/cache"]);
  expect(await run(cwd, ["audit"])).toContain("ok");
});

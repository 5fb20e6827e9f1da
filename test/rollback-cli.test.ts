/** Taking back, as a user runs it: what it shows and refuses, its JSON, its exit code, and that a plan changes nothing. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMomo } from "../src/momo.ts";
import { binary, momo, project, run as runProgram, temporaryFolder } from "./momo-process.ts";
import { contents, env, json, refused, run, state, twoAgents } from "./two-agents.ts";

test("history shows kinds, sessions, spans of time and what was undone", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["rollback", "--tx", "4", "--yes", "--as", "carol", "--intent", "not needed"]);
  const text = await run(cwd, ["history"]);
  expect(text).toMatch(
    /^#5 {2}\S+ \S+ UTC {2}carol {2}-1 {2}undo {3}of #4: not needed\n#4 .+ bob .+ undone by #5\n/,
  );
  expect(text).toMatch(/#1 .+ alice +\+1 +write +first notes\n$/);
  const numbers = async (...args: string[]) =>
    (await json(cwd, ["history", ...args])).transactions.map(
      (one: { transaction: number }) => one.transaction,
    );
  expect(await numbers("--session", "morning")).toEqual([2, 1]);
  expect(await numbers("--agent", "bob", "--limit", "1")).toEqual([4]);
  expect(await numbers("--key", "notes/queue")).toEqual([3, 1]);
  expect(await numbers("--until", "2001-01-01")).toEqual([]);
  expect(await numbers("--since", "1h", "--until", "2100-01-01")).toHaveLength(5);
  const { transactions } = await json(cwd, ["history", "--agent", "bob"]);
  expect(transactions[0].undone).toEqual({ writes: 1, all: true, by: [5] });
  expect(transactions[1]).not.toHaveProperty("undone");
});

test("the versions of one id say who wrote each, and which counts", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["rollback", "--agent", "bob", "--yes"]);
  const text = await run(cwd, ["history", "--versions", "notes/queue"]);
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe("notes/queue");
  expect(lines[1]).toMatch(/^v\d+ {2}.+ UTC {2}bob {4}updated {2}#3 {2}undone by #5: more room$/);
  expect(lines[2]).toMatch(/^v\d+ {2}.+ UTC {2}alice {2}created {2}#1 {2}current: first notes$/);
  const answer = await json(cwd, ["history", "--versions", "notes/queue", "--limit", "1"]);
  expect(answer).toMatchObject({
    id: "notes/queue",
    versions: [{ agent: "bob", transaction: 3, undone_by: 5, current: false, change: "updated" }],
  });
  await refused(cwd, ["history", "--versions", "nothing"], {
    exit: 1,
    message: "there is nothing called nothing",
  });
});

test("a plan is shown, changes nothing, and the plan that was seen is carried out", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  const shown = await run(cwd, ["rollback", "--agent", "bob", "--dry-run"]);
  expect(shown).toMatch(/^Takes back 2 operations of bob\.\n {2}transactions {2}#3 #4\n/);
  expect(shown).toContain("  changes       documents ~1 -1, words ~1 -1\n");
  expect(shown).toContain("  reverted entry notes/queue\n");
  expect(shown).toContain("    -The queue holds twenty jobs.\n    +The queue holds ten jobs.\n");
  expect(shown).toContain("  removed entry guides/ops\n");
  const plan = await json(cwd, ["rollback", "--agent", "bob", "--dry-run"]);
  expect(plan).toMatchObject({ action: "rollback", policy: "block", transactions: [3, 4], blocked: false });
  expect(shown).toContain(`\nPlan ${plan.plan_hash}\n`);
  expect(await state(cwd)).toEqual(before);

  const receipt = await json(cwd, ["rollback", "--agent", "bob", "--plan", plan.plan_hash]);
  expect(receipt).toEqual({
    transaction: 5,
    seq: 6,
    operations: 2,
    plan_hash: plan.plan_hash,
    action: "rollback",
    outcome: "done",
    residue: [],
  });
  expect((await state(cwd)).digest).toBe(plan.digest_after);
  expect(await contents(cwd)).toEqual({
    "notes/cache": "The cache is in memory.",
    "notes/queue": "The queue holds ten jobs.",
  });
  const again = await json(cwd, ["rollback", "--agent", "bob", "--plan", plan.plan_hash]);
  expect(again).toMatchObject({ transaction: 5, outcome: "already" });
});

test("a plan of another state is refused", async () => {
  const cwd = await twoAgents();
  const { plan_hash } = await json(cwd, ["rollback", "--agent", "bob", "--dry-run"]);
  await run(cwd, ["doc", "set", "guides/ops", "--content", "Empty nothing.", "--agent", "bob"]);
  const stale = { exit: 1, message: "was changed since: nothing was done" } as const;
  expect(await refused(cwd, ["rollback", "--agent", "bob", "--plan", plan_hash], stale)).toBe("");
  await refused(cwd, ["rollback", "--agent", "bob", "--plan", "0123", "--dry-run"], stale);
  expect((await state(cwd)).transactions).toBe(5);
});

test("where nobody can be asked, the plan is shown and nothing happens", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  const { plan_hash } = await json(cwd, ["rollback", "--agent", "bob", "--dry-run"]);
  const needed = { exit: 2, message: `add --yes, or --plan ${plan_hash} for exactly` } as const;
  const shown = await refused(cwd, ["rollback", "--agent", "bob"], needed);
  expect(shown).toMatch(/^Takes back 2 operations of bob\./);
  expect(await refused(cwd, ["rollback", "--agent", "bob", "--json"], needed)).toBe("");
  const { code, stdout } = await momo(["rollback", "--agent", "bob"], { cwd, env, input: "y\n" });
  expect({ code, stdout }).toEqual({ code: 2, stdout: shown });
  expect(await state(cwd)).toEqual(before);
});

test("what others built on it blocks, and the policies that help are named", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  const shown = await run(cwd, ["rollback", "--agent", "alice", "--yes"], 1);
  expect(shown).toMatch(/^Nothing was changed: 2 things in the way\.\n/);
  expect(shown).toMatch(/\n {2}notes\/queue {2}written since \(bob in #3, just now\): more room\n/);
  expect(shown).toMatch(/\n {2}notes\/cache {2}used \(bob in #4, just now\)\n/);
  expect(shown).toMatch(/\n {2}--policy cascade +takes back #3 #4 of bob as well\n/);
  const plan = await json(cwd, ["rollback", "--agent", "alice"], 1);
  expect(plan).toMatchObject({ blocked: true, conflicts: [{ reason: "write" }, { reason: "read" }] });
  const policies = plan.remedies.map(({ policy }: { policy: string }) => policy);
  expect(await state(cwd)).toEqual(before);
  // What is said to help does, and what is not named does not.
  for (const policy of ["cascade", "skip", "merge", "force", "quarantine"]) {
    const tried = await momo(["rollback", "--agent", "alice", "--policy", policy, "--dry-run"], { cwd, env });
    const helps = tried.code === 0 && !tried.stdout.startsWith("Nothing to take back");
    expect({ policy, helps }).toEqual({ policy, helps: policies.includes(policy) });
  }
  expect(await state(cwd)).toEqual(before);
  await refused(cwd, ["rollback", "--agent", "alice", "--policy", "skipp"], {
    exit: 2,
    message: "did you mean skip?",
  });
});

test("skip leaves those places, cascade takes theirs too, and redo reverses either", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  const part = await run(cwd, [
    "rollback",
    "--agent",
    "alice",
    "--policy",
    "skip",
    "--key",
    "notes/queue",
    "--yes",
  ]);
  expect(part).toBe("Nothing to take back.\n");
  const all = await run(cwd, ["rollback", "--agent", "alice", "--policy", "cascade", "--yes"]);
  expect(all).toBe("Taken back as #5: 3 changes. momo redo 5 reverses it.\n");
  expect(await contents(cwd)).toEqual({});
  const redo = await run(cwd, ["redo", "--dry-run"]);
  expect(redo).toMatch(
    /^Reverses #5: 4 operations of alice \(2\) and bob \(2\)\.\n {2}changes {2}documents \+3/,
  );
  expect(await json(cwd, ["redo", "--yes"])).toMatchObject({
    transaction: 6,
    action: "redo",
    outcome: "done",
  });
  expect((await state(cwd)).digest).toBe(before.digest);
  expect(await run(cwd, ["redo", "6", "--yes"])).toMatch(/^Reversed as #7: /);
  expect(await run(cwd, ["history", "-n", "2"])).toMatch(/redo +of #6\n#6 .+ redo +of #5\n$/);
});

const selections: [string[], number[]][] = [
  [["--tx", "3"], [3]],
  [
    ["--tx", "3,4"],
    [3, 4],
  ],
  [["--agent", "bob", "--session", "evening"], [3]],
  [["--steps", "1"], [4]],
  [["--path", "guides/"], [4]],
  [["--path", "./guides/"], [4]],
  [["--key", "guides/ops"], [4]],
  [["--operation", "4"], [4]],
  [
    ["--after", "2"],
    [3, 4],
  ],
  [
    ["--since", "1h", "--agent", "bob"],
    [3, 4],
  ],
  [["--request-id", "r1", "--policy", "force"], [1]],
  [["--until", "1h", "--agent", "bob"], []],
];

test("every way to say what is meant selects it", async () => {
  const cwd = await twoAgents();
  for (const [args, transactions] of selections) {
    const plan = await json(cwd, ["rollback", ...args, "--dry-run"]);
    expect({ args, transactions: plan.transactions }).toEqual({ args, transactions });
  }
});

/** Types this at a terminal; what it shows and how it ends. */
const typed = (cwd: string, input: string) => {
  const command = [process.execPath, binary, "rollback", "--agent", "bob"].join(" ");
  return runProgram(["script", "-qec", `stty cols 60; ${command}`, "/dev/null"], { cwd, env, input });
};

const hasScript = existsSync("/usr/bin/script");

test.skipIf(!hasScript)(
  "at a terminal somebody is asked, and only yes means yes (needs script)",
  async () => {
    const cwd = await twoAgents();
    const before = await state(cwd);
    for (const answer of ["\n", "n\n", "yeah\n", "\u0004"]) {
      const { stdout, code } = await typed(cwd, answer);
      expect({ answer, code }).toEqual({ answer, code: 1 });
      expect(stdout).toMatch(
        /Takes back 2 operations of bob\.[\s\S]+Take this back\? \[y\/N\] [\s\S]*Nothing was changed\./,
      );
    }
    expect(await state(cwd)).toEqual(before);
    const { stdout, code } = await typed(cwd, "y\n");
    expect(stdout).toMatch(/Taken back as #5: 2 changes\. momo redo 5 reverses it\./);
    expect(code).toBe(0);
  },
);

test("nothing selected is said, and is no failure", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  expect(await run(cwd, ["rollback", "--agent", "nobody"])).toBe("Nothing to take back.\n");
  expect(await json(cwd, ["rollback", "--agent", "nobody"])).toMatchObject({
    transaction: 0,
    outcome: "already",
  });
  expect(await state(cwd)).toEqual(before);
  await refused(cwd, ["redo"], { exit: 1, message: "nothing was taken back" });
});

const refusals: [string[], 1 | 2, string][] = [
  [["rollback"], 2, "nothing says what to take back"],
  [["rollback", "--tx", "x"], 2, '--tx cannot be "x"'],
  [["rollback", "--tx", "99"], 1, "there is no transaction 99"],
  [["rollback", "--steps", "0"], 2, "--steps cannot be"],
  [["rollback", "--after", "never"], 1, "there is no checkpoint never"],
  [["rollback", "--since", "yesterday"], 2, "--since cannot be"],
  [["rollback", "--key", "nothing"], 1, "there is nothing called nothing"],
  [["rollback", "--agent", "bob", "--exploration", "none"], 1, "there is no exploration none"],
  [["rollback", "--steps", "1", "--as", "indexer", "--yes"], 2, "Momo itself writes by that name"],
  [["rollback", "--steps", "1", "--as", "a\nb", "--yes"], 2, 'cannot be "a?b": give 1 to 200 characters'],
  [["redo", "1"], 1, "momo rollback --tx 1 takes it back"],
  [["redo", "x"], 2, 'TX cannot be "x"'],
  [["rewind"], 2, "CHECKPOINT is missing: usage: momo rewind"],
  [["rewind", "a", "--seq", "1"], 2, "unexpected argument"],
  [["rewind", "nowhere"], 1, "there is no checkpoint nowhere"],
  [["rewind", "--time", "soon"], 2, "--time cannot be"],
  [["checkpoint", "a b"], 2, "checkpoint cannot be"],
  [["checkpoint", "none", "--remove"], 1, "there is no checkpoint none"],
  [["checkpoint", "--remove"], 2, "NAME is missing: usage: momo checkpoint NAME --remove"],
  [["explore", "list", "x"], 2, 'unexpected argument "x": usage: momo explore list'],
  [["explore", "merge"], 2, "NAME is missing: usage: momo explore merge NAME"],
  [["explore", "start", "--ttl", "long"], 2, "--ttl cannot be"],
  [["explore", "compare", "none"], 1, "there is no exploration none"],
  [["quarantine", "release"], 2, "ID is missing"],
  [["quarantine", "release", "notes/queue"], 1, "is not in quarantine"],
  [["quarantine", "list", "x"], 2, "unexpected argument"],
  [["audit", "compact"], 2, "--keep-days is missing"],
  [["audit", "compact", "--seq", "1", "--checkpoint", "a"], 2, "unexpected argument"],
  [["audit", "erase"], 2, "ID is missing"],
  [["audit", "erase", "nothing", "--yes"], 1, "there is nothing called nothing"],
  [["audit", "verify", "x"], 2, "unexpected argument"],
  [["search", "x", "--exploration", "none"], 1, "there is no exploration none"],
];

test("what is refused says why, and changes nothing", async () => {
  const cwd = await twoAgents();
  const before = await state(cwd);
  for (const [args, exit, message] of refusals) expect(await refused(cwd, args, { exit, message })).toBe("");
  expect(await state(cwd)).toEqual(before);
});

test("without a knowledge base nothing is made", async () => {
  const cwd = temporaryFolder();
  for (const args of [
    ["rollback", "--steps", "1"],
    ["redo"],
    ["rewind", "x"],
    ["checkpoint", "x"],
    ["explore"],
  ])
    await refused(cwd, args, { exit: 1, message: "is not indexed yet" });
  for (const args of [["quarantine"], ["digest"], ["audit"], ["audit", "export"]])
    await refused(cwd, args, { exit: 1, message: "is not indexed yet" });
  expect(existsSync(join(cwd, ".momo"))).toBe(false);
});

test("in the API, a plan knows whose work a rewind removes, and it is carried out only where that was agreed to", async () => {
  const cwd = await twoAgents();
  const kb = await openMomo({ root: cwd });
  const plan = await kb.planRewind({ seq: 2 }, { agent: "alice" });
  expect(plan.others).toEqual(["bob"]);
  expect((await kb.planRewind({ seq: 2 }, { agent: "bob" })).others).toEqual([]);
  await expect(kb.rollback(plan.plan_hash, { agent: "alice" })).rejects.toMatchObject({
    code: "REWIND_OTHERS",
  });
  await expect(kb.rewind({ seq: 2 }, { agent: "alice" })).rejects.toMatchObject({ code: "REWIND_OTHERS" });
  const receipt = await kb.rollback(plan.plan_hash, { agent: "alice", affects_others: true });
  expect(receipt).toMatchObject({ transaction: 5, outcome: "done" });
  await kb.close();
  const later = await openMomo({ root: cwd });
  expect(await later.rollback(plan.plan_hash)).toMatchObject({ transaction: 5, outcome: "already" });
  await expect(later.rollback("0123")).rejects.toMatchObject({ code: "PLAN_UNKNOWN" });
  // What does not count any more is nobody's loss.
  await later.redo(5, { agent: "carol" });
  const bobs = await later.planRollback({ agent: "bob" });
  await later.rollback(bobs.plan_hash);
  expect((await later.planRewind({ seq: 2 }, { agent: "alice" })).others).toEqual([]);
  await later.close();
});

test("a rewind past what was also done outside shows it, and needs a yes of its own", async () => {
  const cwd = await twoAgents();
  const set = ["doc", "set", "notes/sent", "--content", "sent", "--agent", "ann"];
  await run(cwd, [...set, "--irreversible", "mail sent to the team"]);
  const shown = await run(cwd, ["rewind", "--seq", "4", "--dry-run"]);
  expect(shown).toMatch(
    /\nDone outside too, and stays done\n {2}mail sent to the team {2}ann in #5, just now\n/,
  );
  const plan = await json(cwd, ["rewind", "--seq", "4", "--dry-run"]);
  expect(plan).toMatchObject({
    outside: [{ transaction: 5, agent: "ann", detail: "mail sent to the team" }],
  });
  const outside = { exit: 1, message: "agree to that with --irreversible" } as const;
  await refused(cwd, ["rewind", "--seq", "4", "--yes"], outside);
  await refused(cwd, ["rewind", "--seq", "4", "--plan", String(plan.plan_hash)], outside);
  expect(await run(cwd, ["rewind", "--seq", "4", "--yes", "--irreversible"])).toContain("Gone back as #6");
});

test("what was derived from something that is still taken back is not brought back without a word", async () => {
  const cwd = await twoAgents();
  await run(cwd, ["doc", "set", "notes/own", "--content", "own", "--agent", "carol"]);
  await run(cwd, ["doc", "set", "notes/b", "--content", "b", "--agent", "dave", "--reads", "notes/own"]);
  await run(cwd, ["rollback", "--agent", "dave", "--yes"]);
  await run(cwd, ["rollback", "--agent", "carol", "--yes", "--intent", "wrong"]);
  const { stdout, code } = await momo(["redo", "7"], { cwd });
  expect(code).toBe(1);
  expect(stdout.split("\n")).toEqual([
    "Nothing was changed: 1 thing in the way.",
    "  notes/b  derived from notes/own, which is taken back (ann in #8, just now): wrong",
    "",
    "What would help",
    "  --policy cascade     brings back #5 of carol as well",
    "  --policy force       brings it back all the same",
    "  --policy quarantine  brings it back, with notes/b out of search until released",
    "",
  ]);
  const blocked = await momo(["redo", "7", "--json"], { cwd });
  expect(JSON.parse(blocked.stdout)).toMatchObject({
    conflicts: [{ reason: "source", id: "notes/b", detail: "notes/own", transaction: 8 }],
    remedies: [{ policy: "cascade", restores: [5] }, { policy: "force" }, { policy: "quarantine" }],
  });
  expect(await run(cwd, ["redo", "7", "--policy", "cascade", "--dry-run"])).toContain(
    "  brings back  #5 too, which that rests on",
  );
  await run(cwd, ["redo", "7", "--policy", "cascade", "--yes"]);
  expect(await run(cwd, ["doc", "list"])).toContain("notes/own");
});

test("checkpoints are set, listed, gone back to and removed; the work of others has to be agreed to", async () => {
  const cwd = await twoAgents();
  expect(await run(cwd, ["checkpoint"])).toBe("No checkpoints. momo checkpoint NAME sets one.\n");
  expect(await run(cwd, ["checkpoint", "noon"])).toBe("Checkpoint noon is the state after operation 4.\n");
  const { digest } = await state(cwd);
  await run(cwd, ["doc", "set", "notes/new", "--content", "one", "--agent", "alice"]);
  expect(await run(cwd, ["checkpoint", "--json"])).toContain('"agent": "ann"');
  const plan = await json(cwd, ["rewind", "noon", "--dry-run"]);
  expect(plan).toMatchObject({ action: "rewind", to_seq: 4, others: ["alice"], digest_after: digest });
  const others = {
    exit: 1,
    message: "would remove the work of alice: nothing was changed; agree to that with --others",
  };
  expect(await refused(cwd, ["rewind", "noon", "--yes"], others as never)).toBe("");
  const shown = await refused(cwd, ["rewind", "noon"], others as never);
  expect(shown).toMatch(/^Goes back to operation 4: 1 operation of alice\.\n/);
  const nobody = { exit: 2, message: "add --yes" } as const;
  await refused(cwd, ["rewind", "noon", "--others"], nobody);
  expect(await run(cwd, ["rewind", "--seq", "4", "--as", "alice", "--dry-run"])).toContain(
    "removed entry notes/new",
  );
  const receipt = await json(cwd, ["rewind", "noon", "--yes", "--others"]);
  expect(receipt).toMatchObject({ action: "rewind", outcome: "done" });
  expect((await state(cwd)).digest).toBe(digest);
  expect(await run(cwd, ["rewind", "noon"])).toBe("Nothing to do: that is the state of now.\n");
  expect(await json(cwd, ["rollback", "--after", "noon", "--dry-run"])).toMatchObject({ operations: 0 });
  await run(cwd, ["redo", "--yes"]);
  expect(Object.keys(await contents(cwd))).toContain("notes/new");
  expect(await run(cwd, ["checkpoint", "noon", "--remove"])).toBe("Forgot checkpoint noon.\n");
  expect(await json(cwd, ["checkpoint"])).toEqual({ checkpoints: [] });
});

test("taking back what was indexed leaves the files alone, and the next ingest reads them again", async () => {
  const cwd = project();
  await run(cwd, ["ingest"]);
  writeFileSync(join(cwd, "src/cart.ts"), "export const one = 1;\n");
  await run(cwd, ["ingest"]);
  const before = await state(cwd);
  const shown = await run(cwd, ["rollback", "--agent", "indexer", "--steps", "1", "--dry-run"]);
  expect(shown).toContain("  reverted file src/cart.ts\n");
  expect(shown).toContain("\nFiles on disk are not touched: the next momo ingest reads them again.\n");
  await run(cwd, ["rollback", "--agent", "indexer", "--path", "src/", "--steps", "1", "--yes"]);
  expect((await json(cwd, ["search", "totalPrice"])).results[0]).toMatchObject({
    path: "src/cart.ts",
    stale: true,
  });
  expect(await json(cwd, ["ingest"])).toMatchObject({ updated: 1 });
  expect((await state(cwd)).digest).toBe(before.digest);
});

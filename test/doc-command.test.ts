/** `momo doc`, as a user runs it. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Finished, momo, project, temporaryFolder } from "./momo-process.ts";

const text = "Run the checks on a clean clone first.";

async function done(cwd: string, args: string[], input?: string): Promise<Finished> {
  const finished = await momo(["doc", ...args], {
    cwd,
    env: { USER: "ann" },
    ...(input !== undefined && { input }),
  });
  expect({ args, stderr: finished.stderr }).toEqual({ args, stderr: "" });
  return finished;
}

const json = async (cwd: string, args: string[], input?: string) => {
  const { stdout } = await done(cwd, [...args, "--json"], input);
  return JSON.parse(stdout);
};

test("a note is written, changed, listed, shown, searched and removed", async () => {
  const cwd = temporaryFolder();
  const written = await json(cwd, [
    "set",
    "notes/release",
    "--content",
    text,
    "--meta",
    "title=Releases",
    "--meta",
    "x=1",
  ]);
  expect(written).toEqual({ id: "notes/release", version: 1, transaction: 1, seq: 1, operations: 1 });
  expect(existsSync(join(cwd, ".momo", "momo.db"))).toBe(true);

  expect((await done(cwd, ["set", "notes/release", "--meta", "x=", "--type", "configuration"])).stdout).toBe(
    "Kept as version 2: notes/release (transaction #2)\n",
  );
  expect(await json(cwd, ["show", "notes/release"])).toMatchObject({
    content: text,
    type: "configuration",
    metadata: { title: "Releases" },
    version: 2,
  });
  expect((await done(cwd, ["set", "notes/release", "--content", text])).stdout).toBe(
    "As it was: notes/release\n",
  );
  expect((await done(cwd, ["list", "notes/"])).stdout).toMatch(
    /^notes\/release {2}configuration .* Releases\n$/,
  );
  expect((await done(cwd, ["list", "other/"])).stdout).toBe("No entries.\n");
  const shown = (await done(cwd, ["show", "notes/release"])).stdout;
  expect(shown).toMatch(/^Id +notes\/release\nType +configuration\nVersion +2\n/);
  expect(shown).toContain(`\n\n${text}\n`);

  const found = await momo(["search", "clean clone", "--json"], { cwd });
  expect(JSON.parse(found.stdout).results[0]).toMatchObject({
    path: "notes/release",
    entry_id: "notes/release",
  });
  expect((await momo(["status"], { cwd })).stdout).toMatch(/^Entries +1 \(momo doc list\)$/m);
  const { stdout } = await momo(["history", "--json"], { cwd });
  expect(JSON.parse(stdout).transactions.at(-1)).toMatchObject({ agent: "ann", created: 1 });

  expect(await json(cwd, ["remove", "notes/release"])).toMatchObject({ id: "notes/release", removed: true });
  const again = await done(cwd, ["remove", "notes/release"]);
  expect([again.code, again.stdout]).toEqual([1, "There is no notes/release.\n"]);
});

test("text comes from a file or from standard input too, once", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "note.txt"), "from a file");
  const content = async (id: string) => (await json(cwd, ["show", id])).content;
  await done(cwd, ["set", "a", "--file", "note.txt"]);
  await done(cwd, ["set", "b", "--file", "-"], "from a pipe");
  await done(cwd, ["set", "c", "-"], "from a pipe too");
  expect([await content("a"), await content("b"), await content("c")]).toEqual([
    "from a file",
    "from a pipe",
    "from a pipe too",
  ]);
  const both = await momo(["doc", "set", "a", "-", "--content", "x"], { cwd });
  expect([both.code, both.stderr]).toEqual([
    2,
    'momo: the text cannot be "-": give one of --content, --file and -\n',
  ]);
});

test("code is documented and related by its path and names", async () => {
  const cwd = project();
  await momo(["ingest"], { cwd });
  await done(cwd, ["set", "doc:src/cart.ts#totalPrice:usage", "--content", "Adds prices up."]);
  await done(cwd, ["set", "notes/cart", "--content", text, "--documents", "src/cart.ts"]);
  expect((await json(cwd, ["show", "src/cart.ts#totalPrice"])).documentation).toEqual([
    "doc:src/cart.ts#totalPrice:usage",
    "notes/cart",
  ]);
  expect((await json(cwd, ["show", "doc:src/cart.ts#totalPrice:usage"])).metadata).toMatchObject({
    entity_id: "src/cart.ts#totalPrice",
    documentation_type: "usage",
  });
  const relation = ["notes/cart", "references", "src/retry.ts", "--relation-id", "1"];
  expect(await json(cwd, ["relate", ...relation])).toMatchObject({
    id: "notes/cart",
    relation: { type: "references", target: "src/retry.ts", id: "1" },
    operations: 1,
  });
  expect((await done(cwd, ["relate", ...relation])).stdout).toContain("As it was");
  expect(await json(cwd, ["unrelate", ...relation])).toMatchObject({ removed: true });
  expect((await done(cwd, ["unrelate", ...relation])).code).toBe(1);
});

test("who, why and on what it rests is kept; a request counts once and an expected version is checked", async () => {
  const cwd = project();
  await momo(["ingest"], { cwd });
  const who = ["--agent", "bot", "--session", "s", "--intent", "because", "--request-id", "r"];
  const set = ["set", "a", "--content", text, "--reads", "src/cart.ts", ...who, "--expect", "0"];
  const first = await json(cwd, set);
  expect(await json(cwd, set)).toEqual({ ...first, repeated: true });
  const { stdout } = await momo(["history", "--json", "--limit", "1"], { cwd });
  expect(JSON.parse(stdout).transactions[0]).toMatchObject({
    agent: "bot",
    session: "s",
    intent: "because",
    request_id: "r",
  });
  const late = await momo(["doc", "set", "a", "--content", "x", "--expect", "0"], { cwd });
  expect([late.code, late.stderr]).toEqual([
    1,
    `momo: a has version ${first.version} and not 0, which was expected: read it again, then write\n`,
  ]);
});

test.each([
  [["set"], 2, "ID is missing: usage: momo doc set ID --content TEXT | --file FILE | -"],
  [
    ["set", "a"],
    2,
    "--content or --file is missing: usage: momo doc set ID --content TEXT | --file FILE | -",
  ],
  [["set", "a", "b"], 2, 'unexpected argument "b": usage: momo doc set ID --content TEXT | --file FILE | -'],
  [["set", "a", "--content", "x", "--meta", "y"], 2, '--meta cannot be "y": write NAME=VALUE'],
  [
    ["set", "a#b", "--content", "x"],
    2,
    'id cannot be "a#b": # is for what lies in a file, choose another character',
  ],
  [["set", "doc:x.ts:usage", "--content", "x"], 1, "there is nothing called x.ts: "],
  [["show", "never"], 1, "there is nothing called never: "],
  [["relate", "a", "calls"], 2, "TARGET is missing: usage: momo doc relate SOURCE TYPE TARGET"],
  [["relate", "a", "cals", "b"], 2, 'TYPE cannot be "cals": did you mean calls?'],
  [["list", "a", "b"], 2, 'unexpected argument "b": usage: momo doc list [PREFIX]'],
  [["list", "--exploration", "x"], 1, "there is no exploration x: "],
])("wrong use: momo doc %j", async (args, code, message) => {
  const cwd = project({ "a.md": "# A\n" });
  await momo(["ingest"], { cwd });
  const finished = await momo(["doc", ...args], { cwd });
  expect(finished).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(`momo: ${message}`) });
});

test("what is not there is not read", async () => {
  const cwd = temporaryFolder();
  expect(await momo(["doc", "list"], { cwd })).toMatchObject({
    code: 1,
    stderr: "momo: . is not indexed yet: run momo ingest .\n",
  });
  expect(existsSync(join(cwd, ".momo"))).toBe(false);
});

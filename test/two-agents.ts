/** A knowledge base that two agents wrote to, and short ways to run the program on it. Used by the tests of this folder. */
import { expect } from "vitest";
import { openMomo } from "../src/momo.ts";
import { type Finished, momo, temporaryFolder } from "./momo-process.ts";

/** Who runs it. */
export const env = { USER: "ann" };

/** Runs and must end like this; what it printed. */
export async function run(cwd: string, args: readonly string[], code = 0): Promise<string> {
  const finished = await momo(args, { cwd, env });
  expect({ args, stderr: finished.stderr, code: finished.code }).toEqual({ args, stderr: "", code });
  return finished.stdout;
}

export const json = async (cwd: string, args: readonly string[], code = 0) =>
  JSON.parse(await run(cwd, [...args, "--json"], code));

/** Failed with one line on standard error, and what it printed before. */
export async function refused(
  cwd: string,
  args: readonly string[],
  { exit, message }: { exit: 1 | 2; message: string | RegExp },
): Promise<string> {
  const { code, stdout, stderr }: Finished = await momo(args, { cwd, env });
  expect(stderr).toMatch(/^momo: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect({ args, code }).toEqual({ args, code: exit });
  return stdout;
}

/** What a knowledge base is, and how often it was written to. */
export async function state(cwd: string): Promise<{ digest: string; transactions: number }> {
  const { digest } = await json(cwd, ["digest"]);
  const { transactions } = await json(cwd, ["history", "--limit", "1000"]);
  return { digest, transactions: transactions.length };
}

/**
 * Two agents: alice writes a note on queues (#1) and one on caches (#2); bob writes on top of the first (#3) and one of
 * his own that uses the second (#4).
 */
export async function twoAgents(): Promise<string> {
  const cwd = temporaryFolder();
  const kb = await openMomo({ root: cwd });
  const type = "documentation" as const;
  const alice = { agent: "alice", session: "morning", intent: "first notes" };
  await kb.transact({ ...alice, request_id: "r1" }, (tx) => {
    tx.put({ id: "notes/queue", type, content: "The queue holds ten jobs.", metadata: { title: "Queue" } });
  });
  await kb.transact(alice, (tx) => tx.put({ id: "notes/cache", type, content: "The cache is in memory." }));
  await kb.transact({ agent: "bob", session: "evening", intent: "more room" }, (tx) => {
    tx.update("notes/queue", { content: "The queue holds twenty jobs." });
  });
  await kb.transact({ agent: "bob", reads: ["notes/cache"] }, (tx) => {
    tx.put({ id: "guides/ops", type, content: "Empty the cache first." });
  });
  await kb.close();
  return cwd;
}

export const contents = async (cwd: string): Promise<Record<string, string>> => {
  const kb = await openMomo({ root: cwd });
  const texts: Record<string, string> = {};
  for (const { id } of await kb.entries()) texts[id] = (await kb.get(id))!.content;
  await kb.close();
  return texts;
};

/** Ids of entries that a search finds. */
export async function found(cwd: string, query: string): Promise<string[]> {
  const kb = await openMomo({ root: cwd });
  const { results } = await kb.search({ query });
  await kb.close();
  return results.map(({ path }) => path);
}

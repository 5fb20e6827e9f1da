/**
 * What runs beside the writers of rollback-crash.test.ts until it is killed: one indexes a folder that changes, one
 * compacts, one reads and says what is in no state that was ever committed. Says each transaction that was acknowledged,
 * and each round of reading, as a line on standard output.
 * node rollback-beside.ts HOME ROLE SEED
 */
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MomoError } from "../src/errors.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { compact } from "../src/rollback/retention.ts";
import type { StoreReader } from "../src/store/contract/reader.ts";
import { openStore } from "../src/store/open.ts";
import { contentHash, leaf, StateDigest } from "../src/store/records/digest.ts";
import { GROUP, isWhole, sealed, seeded } from "./rollback-words.ts";

const [home, role, seed] = process.argv.slice(2) as [string, string, string];
const { random, below, one } = seeded(Number(seed));
const root = join(home, "..", "root");
const WAIT_MS = 20_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const say = (line: string | number): void => void process.stdout.write(`${line}\n`);
const source = (name: string): string =>
  `/** ${sealed(`Makes ${name}.`)} */\nexport function ${name}() {\n  return "${name}";\n}\n`;

/** Adds, edits, renames or removes one file. */
function changeFolder(turn: number): void {
  const files = readdirSync(root);
  const known = one(files);
  const fresh = join(root, `f${seed}x${turn}.ts`);
  if (known === undefined || files.length < 4) writeFileSync(fresh, source(`made${turn}`));
  else if (random() < 0.4) writeFileSync(join(root, known), source(`edited${seed}x${turn}`));
  else if (random() < 0.6) renameSync(join(root, known), fresh);
  else if (files.length > 60) rmSync(join(root, known));
  else writeFileSync(fresh, source(`more${turn}`));
}

async function index(momo: Momo): Promise<void> {
  for (let turn = 0; ; turn++) {
    for (let i = below(3); i >= 0; i--) changeFolder(turn * 10 + i);
    const { transaction } = (await expecting(["STORE_BUSY"], () => momo.ingest())) ?? {};
    if (transaction !== undefined) say(transaction);
  }
}

async function drop(): Promise<void> {
  const store = openStore(join(home, "momo.db"), { mode: "write", durability: "process", wait_ms: WAIT_MS });
  for (;;) {
    const done = await expecting(["STORE_BUSY"], async () => {
      const seq = Math.max(0, store.seq() - 100 - below(100));
      compact(store, { seq }, { agent: role });
      if (random() < 0.1) store.settle({ shrink: random() < 0.3 });
      return store.history({ agent: role, limit: 1 })[0]!.transaction;
    });
    if (done) say(done);
    await pause(below(60));
  }
}

/** Faults of one state. */
function* faultsIn(store: StoreReader): Generator<string> {
  const sum = new StateDigest();
  const groups = new Map<string, Set<string>>();
  const entries = store.heads("entry");
  const ids = new Set(entries.map(({ key }) => key));
  for (const { key, vid, leaf: own } of entries) {
    const { body, text } = store.content(vid);
    if (!body) {
      yield `${key} has no content`;
      continue;
    }
    const made = leaf(key, contentHash(body, text));
    if (Buffer.compare(made, own) !== 0) yield `${key} is not what its leaf says`;
    sum.add(made);
    const said = JSON.parse(Buffer.from(body).toString());
    if (key.startsWith("linked/") && !isWhole(Buffer.from(text ?? []).toString()))
      yield `${key} is not whole`;
    const [agent, group] = key.split("/");
    if (group !== "group") continue;
    groups.set(agent!, (groups.get(agent!) ?? new Set()).add(`${said.metadata.n}`));
    if (!Array.from({ length: GROUP }, (_, i) => ids.has(`${agent}/group/${i}`)).every(Boolean))
      yield `a part of the group of ${agent} is missing`;
  }
  for (const [agent, values] of groups)
    if (values.size > 1) yield `the group of ${agent} says ${[...values]}`;
  if (Buffer.from(sum.bytes()).toString("hex") !== store.digestOf("entry")) yield "the digest is another";
  for (const end of [...ids].filter((id) => id.startsWith("linked/")))
    for (const { key, source: from, target } of store.edges(end, "source"))
      if (!ids.has(from) || !ids.has(target)) yield `an end of ${key} is missing`;
  if (store.liveVersions("entry").length !== entries.length) yield "entries are lost";
  const [newest] = store.history({ limit: 1 });
  if (newest && store.seq() < newest.seq) yield "the history is ahead of its state";
}

async function look(momo: Momo): Promise<void> {
  const store = openStore(join(home, "momo.db"), { mode: "read", wait_ms: WAIT_MS });
  for (let turn = 0; ; turn++) {
    for (let i = 0; i < 20; i++) {
      const [fault] = store.snapshot(() => [...faultsIn(store)]);
      if (fault) throw new Error(fault);
    }
    const [before] = await momo.history({ limit: 1 });
    for (const id of [`linked/${below(12)}`, `shared/${below(60)}`, one(readdirSync(root)) ?? "none"]) {
      const entry = await momo.get(id);
      if (entry && id.startsWith("linked/") && !isWhole(entry.content)) throw new Error(`${id} is not whole`);
      if (entry) await momo.neighbors(id);
    }
    await momo.search({ query: one(["makes", "agent", "edited", "code"])!, limit: 5 });
    await expecting(["BEYOND_HORIZON"], () =>
      momo.planRollback({ agent: `agent-${below(3)}`, steps: 1 + below(3) }, { policy: "skip" }),
    );
    const [after] = await momo.history({ limit: 1 });
    if ((before?.transaction ?? 0) > (after?.transaction ?? 0)) throw new Error("the history went back");
    const found = turn % 5 === 0 ? await momo.verify() : undefined;
    if (found) throw new Error(found);
    say(`read ${turn}`);
  }
}

/** undefined where another process made it impossible meanwhile. */
async function expecting<T>(codes: readonly string[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MomoError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

try {
  say("ready");
  const momo = await openMomo({ root, home, wait_ms: WAIT_MS });
  // Whoever writes makes it.
  while (role === "reader" && !(await expecting(["STORE_MISSING"], () => momo.digest()))) await pause(20);
  if (role === "indexer") await index(momo);
  else if (role === "compactor") await drop();
  else await look(momo);
} catch (error) {
  say(`error ${role} ${JSON.stringify(error instanceof Error ? error.stack : error)}`);
  process.exit(1);
}

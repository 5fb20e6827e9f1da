/** Indexing beside others: it holds nobody up, loses nothing of theirs, and can be ended at any step. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IngestProgress, IngestRequest } from "../src/model/api.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";

let base: string;
let root: string;
let momo: Momo;
const opened: Momo[] = [];

async function open(home = join(root, ".momo")): Promise<Momo> {
  const made = await openMomo({ root, home, wait_ms: 0 });
  opened.push(made);
  return made;
}

const put = (path: string, text: string): void => writeFileSync(join(root, path), text);
const source = (name: string): string => `/** Makes ${name}. */\nexport function ${name}() {}\n`;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "momo-ingest-"));
  root = join(base, "root");
  mkdirSync(join(root, "lib"), { recursive: true });
  for (let i = 0; i < 8; i++) put(`lib/f${i}.ts`, source(`first${i}`));
  momo = await open();
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(base, { recursive: true, force: true });
});

/** The knowledge base's file, read from beside it. */
function look<T>(work: (store: ReturnType<typeof openStore>) => T, home = join(root, ".momo")): T {
  const store = openStore(join(home, "momo.db"), { mode: "read" });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

/** What a fresh home makes of the folder as it is now. */
async function fresh(): Promise<string> {
  const home = join(mkdtempSync(join(tmpdir(), "momo-fresh-")), "home");
  try {
    const one = await openMomo({ root, home });
    await one.ingest();
    await one.close();
    return look((store) => store.digestOf("file"), home);
  } finally {
    rmSync(join(home, ".."), { recursive: true, force: true });
  }
}

/** Calls the work at the first event of a phase. */
function at(phase: IngestProgress["phase"], work: () => void): IngestRequest {
  let isDone = false;
  return {
    on_progress: (progress) => {
      if (isDone || progress.phase !== phase) return;
      isDone = true;
      work();
    },
  };
}

const modules = {
  MOMO: new URL("../src/momo.ts", import.meta.url).href,
  JOURNAL: new URL("../src/store/open.ts", import.meta.url).href,
};

/** Another process, to its end; `momo` is the knowledge base, opened without patience. */
function elsewhere(script: string): void {
  const head = `const { openMomo } = await import(process.env.MOMO);
    const momo = await openMomo({ root: process.env.ROOT, wait_ms: 0 });`;
  const file = join(base, "elsewhere.mjs");
  writeFileSync(file, `${head}\n${script}\nawait momo.close();`);
  const { status, stderr } = spawnSync(process.execPath, [file], {
    env: { ...process.env, ...modules, ROOT: root },
    encoding: "utf8",
  });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
}

const write = (of: Momo, id: string) =>
  of.transact({ agent: "ada" }, (tx) => tx.put({ id, type: "documentation", content: id }));
/** The same for `elsewhere`. */
const WRITE = (id: string) =>
  `await momo.transact({ agent: "bob" }, (tx) => tx.put({ id: "${id}", type: "documentation", content: "x" }));`;

const everything = () =>
  look((store) => ({
    digest: store.digest(),
    scan: store.scan(),
    seq: store.seq(),
    history: store.history(),
  }));

describe("an incremental run", () => {
  beforeEach(async () => {
    await momo.ingest();
    put("lib/f1.ts", source("changed1"));
    put("lib/new.ts", source("added"));
    rmSync(join(root, "lib/f2.ts"));
  });

  test("keeps no other process waiting while it reads", async () => {
    const stats = await momo.ingest(at("reading", () => elsewhere(WRITE("note:theirs"))));
    expect(stats).toMatchObject({ created: 1, updated: 1, removed: 1, unchanged: 6 });
    const [last, before] = await momo.history();
    expect([last!.agent, before!.agent]).toEqual(["indexer", "bob"]);
    expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([
      undefined,
      await fresh(),
    ]);
  });

  test("nor another part of this one", async () => {
    let written: Promise<unknown> | undefined;
    await momo.ingest(
      at("reading", () => {
        written = write(momo, "note:ours");
      }),
    );
    await written;
    expect((await momo.entries()).map(({ id }) => id)).toEqual(["note:ours"]);
    expect(look((store) => store.digestOf("file"))).toBe(await fresh());
  });

  test("starts over when the same files were indexed meanwhile", async () => {
    const stats = await momo.ingest(at("reading", () => elsewhere("await momo.ingest();")));
    expect(stats).toMatchObject({ created: 0, updated: 0, removed: 0 });
    expect((await momo.history()).map(({ agent }) => agent)).toEqual(["indexer", "indexer"]);
    expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([
      undefined,
      await fresh(),
    ]);
  });

  test("starts over when files were taken back meanwhile, as if it had come after that", async () => {
    await momo.ingest();
    put("lib/f3.ts", source("changed3"));
    const TAKE_BACK = `
      const { plan_hash } = await momo.planRollback({ agent: "indexer", steps: 1 });
      await momo.rollback(plan_hash);`;
    const copy = join(base, "copy");
    await momo.close();
    cpSync(join(root, ".momo"), copy, { recursive: true });
    await momo.ingest(at("reading", () => elsewhere(TAKE_BACK)));
    const serial = await open(copy);
    const { plan_hash } = await serial.planRollback({ agent: "indexer", steps: 1 });
    await serial.rollback(plan_hash);
    await serial.ingest();
    const digest = (home?: string) => look((store) => store.digestOf("file"), home);
    expect([await momo.verify(), digest()]).toEqual([undefined, digest(copy)]);
  });

  test("gives up where somebody else is faster each time, with nothing changed by it", async () => {
    let turn = 0;
    const on_progress = ({ phase, done }: IngestProgress): void => {
      if (phase !== "reading" || done !== 1) return;
      put("lib/f4.ts", source(`again${turn++}`));
      elsewhere("await momo.ingest();");
      put("lib/f5.ts", source(`again${turn++}`));
    };
    await expect(momo.ingest({ on_progress })).rejects.toMatchObject({ code: "STORE_BUSY" });
    expect((await momo.history()).length).toBe(4);
    await momo.ingest();
    expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([
      undefined,
      await fresh(),
    ]);
  });

  test("indexes a path that an entry took meanwhile; both are there", async () => {
    const stats = await momo.ingest(at("reading", () => elsewhere(WRITE("lib/new.ts"))));
    expect(stats).toMatchObject({ created: 1, updated: 1, removed: 1, skipped_files: 0 });
    expect((await momo.entries()).map(({ id }) => id)).toEqual(["lib/new.ts"]);
    expect((await momo.get("lib/new.ts"))?.content).toBe(source("added"));
  });
});

test("everything works while a first run reads, in this process and in others", async () => {
  const done: unknown[] = [];
  const during = async (): Promise<void> => {
    await write(momo, "note:first");
    const [{ transaction }] = await momo.history();
    const plan = await momo.planRollback({ transactions: [transaction] });
    done.push(
      (await momo.get("note:first"))?.content,
      await momo.verify(),
      plan.operations,
      (await momo.search({ query: "note first" })).results.map(({ path }) => path),
    );
    await momo.rollback(plan.plan_hash);
    await write(momo, "note:ours");
  };
  let ours: Promise<void> | undefined;
  const request = at("reading", () => {
    ours = during();
    elsewhere(WRITE("note:theirs"));
  });
  expect(await momo.ingest(request)).toMatchObject({ created: 8, failed_files: 0 });
  await ours;
  expect(done.slice(0, 3)).toEqual(["note:first", undefined, 1]);
  expect(done[3]).toContain("note:first");
  expect((await momo.entries()).map(({ id }) => id)).toEqual(["note:ours", "note:theirs"]);
  expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([undefined, await fresh()]);
});

describe("a run that is cancelled", () => {
  const threads = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;

  describe.each(["the first", "a later"])("%s", (which) => {
    beforeEach(async () => {
      if (which === "the first") return;
      await momo.ingest();
      for (let i = 0; i < 4; i++) put(`lib/f${i}.ts`, source(`changed${i}`));
      rmSync(join(root, "lib/f7.ts"));
    });

    test.each(["before", "listing", "reading", "last"])(
      "at %s, leaves the state as it was",
      async (moment) => {
        await write(momo, "note:before");
        const [before, running] = [everything(), threads()];
        const stop = new AbortController();
        if (moment === "before") stop.abort();
        const on_progress = ({ phase, done, total }: IngestProgress): void => {
          if (phase === moment || (moment === "last" && phase === "reading" && done === total)) stop.abort();
        };
        await expect(momo.ingest({ on_progress, signal: stop.signal })).rejects.toMatchObject({
          code: "CANCELLED",
        });
        expect(everything()).toEqual(before);
        expect(threads()).toBeLessThanOrEqual(running);
        await write(momo, "note:after");
        await momo.ingest({ signal: new AbortController().signal });
        expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([
          undefined,
          await fresh(),
        ]);
      },
    );
  });

  test("does not read to the end", async () => {
    for (let i = 0; i < 200; i++) put(`lib/many${i}.ts`, source(`many${i}`));
    const stop = new AbortController();
    let read = 0;
    const on_progress = ({ phase, done }: IngestProgress): void => {
      if (phase !== "reading") return;
      read = done;
      stop.abort();
    };
    await expect(momo.ingest({ on_progress, signal: stop.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(read).toBeLessThan(200);
  });

  test("once all is written it is too late", async () => {
    const stop = new AbortController();
    const stats = await momo.ingest({ ...at("writing", () => stop.abort()), signal: stop.signal });
    expect(stats.created).toBe(8);
  });
});

test("what is cancelled while it embeds is indexed all the same, and says so", async () => {
  const one = await openMomo({
    root,
    home: join(base, "embedded"),
    settings: { embedding_strategy: "tfidf" },
  });
  opened.push(one);
  const stop = new AbortController();
  const stats = await one.ingest({ ...at("embedding", () => stop.abort()), signal: stop.signal });
  expect(stats).toMatchObject({ created: 8, embedding: { embedded: 0, warning: expect.any(String) } });
  expect(await one.embed()).toMatchObject({ remaining: 0 });
});

test("nothing is lost between two that index, write and edit as they like", async () => {
  const other = await open();
  await momo.ingest();
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  const written: string[] = [];
  const codes = new Set<string>();
  const patient = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      codes.add((error as { code: string }).code);
    }
  };
  for (let round = 0; round < 8; round++) {
    put(`lib/f${random(12)}.ts`, source(`round${round}`));
    const both = [momo, other].flatMap((one, i) => [
      patient(() => one.ingest()),
      patient(async () => {
        const id = `note:${round}-${i}`;
        await write(one, id);
        written.push(id);
      }),
    ]);
    put(`lib/f${random(12)}.ts`, source(`later${round}`));
    await Promise.all(both);
  }
  expect([...codes].filter((code) => code !== "STORE_BUSY")).toEqual([]);
  await momo.ingest();
  expect((await momo.entries()).map(({ id }) => id).toSorted()).toEqual(written.toSorted());
  expect([await momo.verify(), look((store) => store.digestOf("file"))]).toEqual([undefined, await fresh()]);
});

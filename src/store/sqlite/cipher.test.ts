/** A knowledge base under a key: holds the same, gives nothing away, and fails closed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MomoError } from "../../errors.ts";
import type { Store } from "../contract/store.ts";
import { makeEverything } from "../everything.fixture.ts";
import { entry, file, folder, open, transact, version, write } from "../knowledge.fixture.ts";
import { prepareMerge } from "../lexical/tidy.ts";

const KEY = "0123456789abcdef".repeat(4);
const PASSPHRASE = "correct horse battery";

/** Everything that reading can show. */
function contentsOf(store: Store): unknown {
  return {
    digest: store.digest(),
    history: store.history().map(({ at: _, ...rest }) => rest),
    heads: store.heads("entry"),
    files: store.heads("file").map(({ key, vid }) => [key, store.body(vid), store.text(vid)]),
    edges: store.edges("k0", "source"),
    changes: store.changes(0, 1000),
    words: store.segments().map((segment) => segment.sectionNames().map((name) => segment.section(name))),
    branches: store.branches(),
    fault: store.verify(),
  };
}

const inHome = (): Buffer[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));

const canaries = ["CANARY-KEY", "CANARY-BODY", "CANARY-TEXT", "CANARY-AGENT", "CANARY-INTENT", "CANARY-PATH"];
const found = (): string[] => canaries.filter((word) => inHome().some((bytes) => bytes.includes(word)));

function writeCanaries(store: Store): void {
  transact(
    store,
    (tx) => {
      tx.put({
        ...entry("CANARY-KEY", 1, "CANARY-TEXT ".repeat(400)),
        body: Buffer.from("CANARY-BODY"),
      });
      tx.recordScan([{ path: "CANARY-PATH.ts", size: 1, mtime: 1.5 }]);
    },
    { agent: "CANARY-AGENT", intent: "CANARY-INTENT" },
  );
}

test.each([
  ["64 digits", KEY],
  ["a passphrase", PASSPHRASE],
])("holds what an open file would hold, under %s", (_, key) => {
  const clock = () => new Date(1e12);
  const plain = makeEverything(open("write", { clock, key: null }, join(folder, "plain", "momo.db")));
  const encrypted = makeEverything(open("write", { clock, key }));
  expect([plain.main.encrypted, encrypted.main.encrypted]).toEqual([false, true]);
  for (const view of ["main", "exploration", "deeper"] as const)
    expect(contentsOf(encrypted[view])).toEqual(contentsOf(plain[view]));
  encrypted.main.close();
  expect(contentsOf(open("read", { key }))).toEqual(contentsOf(plain.main));
  expect(prepareMerge(open("write", { key }))).toBeUndefined();
});

describe("gives nothing away", () => {
  test("while it is open, and after", () => {
    const plain = open("write", { key: null });
    writeCanaries(plain);
    expect(found()).toEqual(canaries);
    plain.close();
    for (const name of readdirSync(dirname(file))) writeFileSync(join(dirname(file), name), "");
    const store = open("write", { key: KEY });
    writeCanaries(store);
    expect(readdirSync(dirname(file))).toContain("momo.db-wal");
    expect(found()).toEqual([]);
    store.settle({ shrink: true });
    transact(store, (tx) => tx.erase([tx.reader.journal.kidOf("CANARY-KEY")!.kid]), { kind: "erase" });
    store.settle();
    expect(found()).toEqual([]);
    store.close();
    expect(found()).toEqual([]);
  });

  test("after a kill, and what was committed is there", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", CHILD], {
      env: { ...process.env, MOMO_ENCRYPTION_KEY: KEY, FILE: file, JOURNAL: journal },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout!, "data");
    expect(found()).toEqual([]);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(readdirSync(dirname(file))).toContain("momo.db-wal");
    expect(found()).toEqual([]);
    const store = open("read", { key: KEY });
    expect([store.verify(), String(Buffer.from(store.text(store.head("CANARY-KEY")!.vid)!))]).toEqual([
      undefined,
      "CANARY-TEXT",
    ]);
  });
});

const journal = new URL("../open.ts", import.meta.url).href;
const CHILD = `
  const { openStore } = await import(process.env.JOURNAL);
  const store = openStore(process.env.FILE, { mode: "write", durability: "process" });
  const put = (key, text) => {
    const tx = store.begin({ agent: "CANARY-AGENT", intent: "CANARY-INTENT" });
    tx.put({ key, kind: "entry", body: Buffer.from("CANARY-BODY"), text: Buffer.from(text) });
    return tx;
  };
  put("CANARY-KEY", "CANARY-TEXT").commit();
  const tx = put("CANARY-KEY", "CANARY-TEXT ".repeat(2_000_000));
  console.log("open");
  setInterval(() => undefined, 1000);
`;

const code = (error: string) => expect.objectContaining({ code: error });

describe("fails closed", () => {
  const keys = { none: null, "another passphrase": "another passphrase", "other digits": "f".repeat(64) };

  test.each(Object.entries(keys))("with %s, and the file stays as it was", (_, key) => {
    for (const right of [KEY, PASSPHRASE]) {
      const path = join(folder, right, "momo.db");
      const store = open("write", { key: right }, path);
      write(store, entry("a", 1));
      store.close();
      const before = readFileSync(path);
      for (const mode of ["read", "write"] as const)
        expect(() => open(mode, { key }, path)).toThrow(code("ENCRYPTION_KEY"));
      expect(readFileSync(path)).toEqual(before);
      expect(readdirSync(dirname(path)).toSorted()).toEqual([".gitignore", "momo.db"]);
    }
  });

  test("with a key where the file is plain", () => {
    write(open("write", { key: null }), entry("a", 1));
    for (const mode of ["read", "write"] as const)
      expect(() => open(mode, { key: KEY })).toThrow(code("ENCRYPTION_PLAIN"));
  });

  test("with a key where the file is something else", () => {
    mkdirSync(dirname(file));
    for (const content of ["notes ".repeat(2000), "short"]) {
      writeFileSync(file, content);
      for (const key of [KEY, null]) expect(() => open("read", { key })).toThrow(code("STORE_FOREIGN"));
      expect(readFileSync(file, "utf8")).toBe(content);
    }
  });
});

test("a flipped bit anywhere is a Momo error, or changes nothing that is read", () => {
  const { main } = makeEverything(open("write", { key: KEY }));
  const expected = contentsOf(main);
  main.close();
  const sound = readFileSync(file);
  const codes = new Set<string>();
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(7), (at, bit) => {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 1 << bit;
      writeFileSync(file, bytes);
      try {
        const store = open("read", { key: KEY, wait_ms: 0 });
        const contents = contentsOf(store) as { fault?: string };
        store.close();
        if (contents.fault === undefined) expect(contents).toEqual(expected);
      } catch (error) {
        expect(error).toBeInstanceOf(MomoError);
        codes.add((error as MomoError).code);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(codes).toContain("STORE_CORRUPT");
  // In the first page damage and a wrong key look the same.
  expect([...codes].every((one) => /^(STORE_CORRUPT|ENCRYPTION_KEY|STORE_FOREIGN)$/.test(one))).toBe(true);
});

describe("several processes", () => {
  const run = async (script: string, key: string): Promise<number | null> => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, MOMO_ENCRYPTION_KEY: key, FILE: file, JOURNAL: journal },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [exit] = await once(child, "close");
    return exit;
  };

  test.each([KEY, PASSPHRASE])("create one file at the same moment and all write to it (%s)", async (key) => {
    const script = (name: string) => `
      const { openStore } = await import(process.env.JOURNAL);
      const store = openStore(process.env.FILE, { mode: "write", wait_ms: 20_000, durability: "process" });
      for (let i = 0; i < 20; i++) {
        const tx = store.begin({ agent: "${name}" });
        tx.put({ key: "${name}" + i, kind: "entry", body: Uint8Array.of(i) });
        tx.commit();
      }
      store.close();
    `;
    expect(await Promise.all(["a", "b", "c"].map((name) => run(script(name), key)))).toEqual([0, 0, 0]);
    const store = open("read", { key });
    expect([store.verify(), store.heads("entry").length, store.seq()]).toEqual([undefined, 60, 60]);
  });

  test("the thread that merges segments finds the key", async () => {
    const store = open("write", { key: KEY });
    const { segmentOf } = await import("../everything.fixture.ts");
    for (let i = 0; i < 12; i++) {
      const key = `f${i}.ts`;
      transact(store, (tx) => {
        const { vid } = tx.put(version(key, i));
        tx.addSegment(segmentOf({ [key]: `word${i}` }), Float64Array.of(vid));
      });
    }
    store.close();
    const worker = fileURLToPath(new URL("../lexical/tidy-worker.ts", import.meta.url));
    const script = `
      const { Worker } = await import("node:worker_threads");
      new Worker(${JSON.stringify(worker)}, { execArgv: [], workerData: { file: process.env.FILE, wait_ms: 5000 } })
        .on("error", () => process.exit(1));
    `;
    expect(await run(script, "f".repeat(64))).not.toBe(0);
    expect(open("read", { key: KEY }).segmentSizes()).toHaveLength(12);
    expect(await run(script, KEY)).toBe(0);
    const merged = open("read", { key: KEY });
    expect([merged.segmentSizes().length < 12, merged.verify()]).toEqual([true, undefined]);
  });
});

/** Several processes on one knowledge base: real ones, which wait for each other, race each other and are killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "./contract/store.ts";
import { openStore } from "./open.ts";

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-processes-"));
  file = join(folder, "home", "momo.db");
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  rmSync(folder, { recursive: true });
});

/** What every script starts with; `say` has reached the parent when it returns. */
const prelude = `
  const { openStore } = await import(process.env.JOURNAL);
  const { writeSync } = await import("node:fs");
  const { createHash } = await import("node:crypto");
  const { once } = await import("node:events");
  const say = (...values) => writeSync(1, values.join(" ") + "\\n");
  const told = () => once(process.stdin, "data");
  const open = (mode, options) => openStore(process.env.FILE, { mode, ...options });
  const version = (key, content) =>
    ({ key, kind: "file", hash: createHash("sha256").update(String(content)).digest(), body: Buffer.from(String(content)) });
`;

interface Child {
  process: ChildProcess;
  lines: string[];
  /** The next line that the child says, in order. */
  next(): Promise<string>;
  tell(): void;
}

function start(script: string): Child {
  const child = spawn(process.execPath, ["--input-type=module", "-e", prelude + script], {
    env: { ...process.env, FILE: file, JOURNAL: new URL("./open.ts", import.meta.url).href },
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  let read = 0;
  const next = async (): Promise<string> => {
    while (lines.length <= read) {
      if (child.exitCode !== null) throw new Error(`the child ended with ${child.exitCode}`);
      await Promise.race([once(reader, "line"), once(child, "exit")]);
    }
    return lines[read++]!;
  };
  return { process: child, lines, next, tell: () => child.stdin.write("\n") };
}

/** Ends with SIGKILL, and waits until all it said has arrived. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

const withStore = <T>(mode: "read" | "write", work: (store: Store) => T): T => {
  const store = openStore(file, { mode });
  try {
    return work(store);
  } finally {
    store.close();
  }
};

const writeOne = (store: Store): void => {
  const tx = store.begin({ agent: "parent" });
  tx.put({ key: "mine", kind: "file", hash: new Uint8Array(32), body: new Uint8Array(1) });
  tx.commit();
};

describe("a reader beside a writer", () => {
  test("sees what is committed, when it is committed", async () => {
    const writer = start(`
      const store = open("write");
      for (let i = 1; i <= 3; i++) {
        const tx = store.begin({ agent: "child" });
        tx.put(version("a", i));
        say("written");
        await told();
        tx.commit();
        say("committed");
        await told();
      }
    `);
    await writer.next();
    withStore("read", (store) => expect([store.seq(), store.head("a")]).toEqual([0, undefined]));
    writer.tell();
    await writer.next();
    const reader = openStore(file, { mode: "read" });
    for (let i = 1; i <= 3; i++) {
      expect([reader.seq(), String(Buffer.from(reader.body(reader.head("a")!.vid)!))]).toEqual([
        i,
        String(i),
      ]);
      if (i === 3) break;
      writer.tell();
      expect(await writer.next()).toBe("written");
      expect(reader.seq()).toBe(i);
      writer.tell();
      expect(await writer.next()).toBe("committed");
    }
    expect(reader.verify()).toBeUndefined();
    reader.close();
  });

  test("does not stop the writer, and keeps its snapshot meanwhile", async () => {
    withStore("write", writeOne);
    const done = join(folder, "done");
    const reader = start(`
      const { existsSync } = await import("node:fs");
      const store = open("read");
      store.snapshot(() => {
        say(store.seq(), store.heads("file").length);
        // A snapshot is synchronous: only a file can say that the writer is done.
        while (!existsSync(${JSON.stringify(done)}));
        say(store.seq(), store.heads("file").length);
      });
      say(store.seq(), store.heads("file").length);
    `);
    expect(await reader.next()).toBe("1 1");
    withStore("write", (store) => {
      const tx = store.begin({ agent: "parent" });
      for (const key of ["b", "c"])
        tx.put({ key, kind: "file", hash: new Uint8Array(32), body: new Uint8Array(1) });
      tx.commit();
    });
    writeFileSync(done, "");
    expect([await reader.next(), await reader.next()]).toEqual(["1 1", "3 3"]);
  });
});

describe("a second writer", () => {
  const holder = `
    const store = open("write");
    const tx = store.begin({ agent: "child" });
    tx.put(version("theirs", 1));
    say("holding");
    await told();
    tx.commit();
    say("done");
  `;

  test("gets a clear error when the first takes too long, and changes nothing", async () => {
    const first = start(holder);
    await first.next();
    const store = openStore(file, { mode: "write", wait_ms: 50 });
    expect(() => store.begin({ agent: "parent" })).toThrow(
      expect.objectContaining({
        code: "STORE_BUSY",
        message: expect.stringMatching(/waited 0.05 s.*--wait/),
      }),
    );
    expect(store.seq()).toBe(0);
    first.tell();
    await first.next();
    writeOne(store);
    expect(store.heads("file").map(({ key }) => key)).toEqual(["theirs", "mine"]);
    store.close();
  });

  test("waits until the first has committed, and builds on it", async () => {
    const first = start(holder);
    await first.next();
    const second = start(`
      const store = open("write", { wait_ms: 30_000 });
      say("waiting");
      const tx = store.begin({ agent: "second" });
      say("in", store.seq(), tx.put(version("theirs", 1)).changed);
      tx.put(version("ours", 2));
      say(JSON.stringify(tx.commit()));
    `);
    expect(await second.next()).toBe("waiting");
    first.tell();
    expect(await second.next()).toBe("in 1 false");
    expect(JSON.parse(await second.next())).toEqual({ transaction: 2, seq: 2, operations: 1 });
    withStore("read", (store) => expect(store.verify()).toBeUndefined());
  });

  test("gets in when the first is killed inside its transaction", async () => {
    const first = start(holder);
    await first.next();
    await kill(first.process);
    withStore("write", (store) => {
      writeOne(store);
      expect(store.heads("file").map(({ key }) => key)).toEqual(["mine"]);
      expect(store.verify()).toBeUndefined();
    });
  });

  test("waits while another is about to make the file, where SQLite itself would not", async () => {
    mkdirSync(join(folder, "home"));
    const maker = start(`
      const { DatabaseSync } = await import("node:sqlite");
      const database = new DatabaseSync(process.env.FILE);
      database.exec("BEGIN IMMEDIATE");
      say("holding");
      setTimeout(() => { database.exec("ROLLBACK"); database.close(); }, 200);
    `);
    await maker.next();
    withStore("write", writeOne);
    withStore("read", (store) => expect(store.seq()).toBe(1));
  });

  test("and a third and fourth may make a file at the same moment", async () => {
    const files = 40;
    // Each looks at the clock until the moment agreed on, so that they meet inside the creation.
    const script = (name: string): string => `
      say("ready");
      const [moment] = await told();
      for (let i = 0; i < ${files}; i++) {
        while (performance.timeOrigin + performance.now() < Number(moment) + i * 25);
        const store = openStore(process.env.FILE + i, { mode: "write", wait_ms: 30_000, durability: "process" });
        for (let n = 0; n < 2; n++) {
          const tx = store.begin({ agent: "${name}" });
          tx.put(version("${name}" + n, n));
          tx.put(version("shared", "${name}" + n));
          tx.commit();
        }
        store.close();
      }
      say("done");
    `;
    const names = ["a", "b", "c", "d"];
    const writers = names.map((name) => start(script(name)));
    await Promise.all(writers.map((writer) => writer.next()));
    const moment = Date.now() + 100;
    for (const writer of writers) writer.process.stdin!.write(String(moment));
    expect(await Promise.all(writers.map((writer) => writer.next()))).toEqual(names.map(() => "done"));
    for (let i = 0; i < files; i++) {
      const store = openStore(file + i, { mode: "read" });
      expect(store.verify()).toBeUndefined();
      expect([store.seq(), store.heads("file").length, store.history().length]).toEqual([16, 9, 8]);
      for (const agent of names) expect(store.history({ agent })).toHaveLength(2);
      store.close();
    }
  });
});

describe("kill -9", () => {
  /**
   * Writes transactions of 1 to 40 operations, a segment and a scan row in each, and says each receipt that it got.
   * `meta` and the only segment tell which transaction was the last, each in its own table.
   */
  const script = (durability: string): string => `
    const store = open("write", { durability: "${durability}" });
    for (let n = store.history({ limit: 1 })[0]?.transaction ?? 0; ; n++) {
      const tx = store.begin({ agent: "child", request_id: String(n + 1) });
      const count = 1 + Math.floor(Math.random() * 40);
      for (let i = 0; i < count; i++) {
        const key = "k" + Math.floor(Math.random() * 60);
        if (Math.random() < 0.3) tx.remove("file", key);
        else tx.put({ ...version(key, n + "." + i), text: Buffer.alloc(Math.floor(Math.random() * 20_000), n) });
      }
      tx.dropSegments(tx.reader.segments().map(({ id }) => id));
      tx.addSegment({ number: Buffer.from(String(n + 1)) }, Float64Array.of(n + 1));
      tx.recordScan([{ path: "last", size: n + 1, mtime: 0 }]);
      tx.setMeta("last", String(n + 1));
      const { transaction, operations } = tx.commit();
      say(transaction, operations, store.seq(), store.digest());
    }
  `;

  function expectWhole(store: Store, acknowledged: string[]): void {
    expect(store.verify()).toBeUndefined();
    const [last] = store.history({ limit: 1 });
    const numbers = [
      store.meta("last"),
      String(Buffer.from(store.segments()[0]!.section("number"))),
      String(store.segments()[0]!.vids[0]),
      String(store.scan()[0]!.size),
      last.request_id,
    ];
    expect(new Set(numbers)).toEqual(new Set([String(last.transaction)]));
    for (const { vid } of store.heads("file")) {
      expect(store.body(vid)).toBeDefined();
      expect(store.text(vid)).toBeDefined();
    }
    const [transaction, , seq, digest] = acknowledged.at(-1)!.split(" ");
    expect(last.transaction).toBeGreaterThanOrEqual(Number(transaction));
    // At most one transaction can be committed and not yet acknowledged.
    expect(last.transaction).toBeLessThanOrEqual(Number(transaction) + 1);
    const known = new Set(store.history().map((t) => `${t.transaction} ${t.operations}`));
    for (const line of acknowledged) expect(known).toContain(line.split(" ").slice(0, 2).join(" "));
    if (last.transaction === Number(transaction))
      expect([String(store.seq()), store.digest()]).toEqual([seq, digest]);
  }

  test("at any moment keeps every acknowledged transaction and no part of another", {
    timeout: 1_200_000,
  }, async () => {
    const rounds = process.env.MOMO_TEST_LONG ? 300 : 30;
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const child = start(script(round % 2 ? "disk" : "process"));
      await child.next();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 80));
      await kill(child.process);
      acknowledged.push(...child.lines.filter((line) => line.split(" ")[3]?.length === 64));
      // Whoever comes first recovers: a reader or a writer.
      withStore(round % 3 ? "read" : "write", (store) => expectWhole(store, acknowledged));
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(rounds);
  });

  test("while the file is made leaves nothing, or a knowledge base", async () => {
    for (let round = 0; round < (process.env.MOMO_TEST_LONG ? 100 : 8); round++) {
      rmSync(join(folder, "home"), { recursive: true, force: true });
      const child = start(`say("ready"); await told(); open("write"); say("open"); await told();`);
      await child.next();
      child.tell();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      await kill(child.process);
      withStore("write", (store) => {
        writeOne(store);
        expect(store.verify()).toBeUndefined();
      });
    }
  });
});

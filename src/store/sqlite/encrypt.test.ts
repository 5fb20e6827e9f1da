/** A knowledge base is encrypted and decrypted: whole at every moment, and nothing of the old file is left. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { makeEverything } from "../everything.fixture.ts";
import { alter, entry, file, folder, open, transact, write } from "../knowledge.fixture.ts";
import { conversionSteps, convert } from "./encrypt.ts";
import { formOf } from "./header.ts";

const KEY = "0123456789abcdef".repeat(4);
const NEW_KEY = "fedcba9876543210".repeat(4);
const CANARY = "CANARY-TEXT ";
const forms = ["encrypted", "plain"] as const;
type Form = (typeof forms)[number];
const keyOf = (form: Form): string | null => (form === "encrypted" ? KEY : null);
const other = (form: Form): Form => (form === "plain" ? "encrypted" : "plain");

/** A knowledge base with one of everything, in this form; its digest. */
function make(form: Form, path = file): string {
  const store = open("write", { key: keyOf(form) }, path);
  makeEverything(store);
  write(store, entry("canary", 1, CANARY.repeat(1000)));
  const digest = store.digest();
  store.close();
  return digest;
}

function expectWhole(form: Form, digest: string, key = keyOf(form)): void {
  expect(formOf(file)).toBe(form);
  const store: Store = open("write", { key });
  expect([store.digest(), store.verify()]).toEqual([digest, undefined]);
  const seq = store.seq();
  write(store, entry("after", 1));
  transact(store, (tx) => tx.remove("entry", "after"));
  expect([store.digest(), store.seq()]).toEqual([digest, seq + 2]);
  store.close();
}

const names = (): string[] => readdirSync(dirname(file)).toSorted();

describe.each(forms)("to a file that is %s", (form) => {
  test("holds what it held, with the same permissions, and the old file was overwritten", () => {
    const digest = make(other(form));
    chmodSync(file, 0o640);
    const kept = join(folder, "kept");
    linkSync(file, kept);
    const { size } = statSync(file);
    expect(convert({ file, form, key: KEY, wait_ms: 0 })).toEqual({
      file,
      form,
      changed: true,
      bytes: statSync(file).size,
    });
    expect(readFileSync(kept)).toEqual(Buffer.alloc(size));
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(names()).toEqual([".gitignore", "momo.db"]);
    expectWhole(form, digest);
    expect(convert({ file, form, key: KEY, wait_ms: 0 }).changed).toBe(false);
    expectWhole(form, digest);
  });

  test("passphrases work as well", () => {
    const key = "correct horse battery";
    const store = open("write", { key: form === "plain" ? key : null });
    write(store, entry("a", 1));
    store.close();
    convert({ file, form, key, wait_ms: 0 });
    expect(open("read", { key: form === "plain" ? null : key }).heads("entry")).toHaveLength(1);
  });

  test.each(conversionSteps)(
    "a kill after the step %s leaves a whole file, and the next call ends it",
    async (step) => {
      const digest = make(other(form));
      await run(CONVERT, { FORM: form, STEP: step });
      const isDone = step === "replaced" || step === "overwritten";
      expectWhole(isDone ? form : other(form), digest);
      expect(convert({ file, form, key: KEY, wait_ms: 0 }).changed).toBe(!isDone);
      expect(names()).toEqual([".gitignore", "momo.db"]);
      expectWhole(form, digest);
    },
  );

  test("a file that another process has open stays as it is", async () => {
    const digest = make(other(form));
    const holder = start(HOLD, { MOMO_ENCRYPTION_KEY: keyOf(other(form)) ?? "" });
    await once(holder.stdout!, "data");
    expect(() => convert({ file, form, key: KEY, wait_ms: 20 })).toThrow(
      expect.objectContaining({ code: "STORE_BUSY" }),
    );
    const closed = once(holder, "close");
    holder.stdin!.end("go on\n");
    expect((await closed)[0]).toBe(0);
    const store = open("read", { key: keyOf(other(form)) });
    expect(store.heads("entry").map(({ key }) => key)).toContain("late");
    store.close();
    transact(open("write", { key: keyOf(other(form)) }), (tx) => tx.remove("entry", "late"));
    expectWhole(other(form), digest);
  });
});

describe("to a file with another key", () => {
  const rekey = (given: { key?: string; new_key?: string; on_step?: () => void } = {}) =>
    convert({ file, form: "encrypted", key: KEY, new_key: NEW_KEY, wait_ms: 0, ...given });
  const refusal = (code: string) => expect.objectContaining({ code });

  test("holds what it held, only the new key opens it, and the old file was overwritten", () => {
    const digest = make("encrypted");
    chmodSync(file, 0o640);
    const kept = join(folder, "kept");
    linkSync(file, kept);
    const { size } = statSync(file);
    const seen: boolean[] = [];
    const on_step = (): void => {
      for (const name of names()) seen.push(readFileSync(join(dirname(file), name)).includes(CANARY));
    };
    expect(rekey({ on_step })).toEqual({
      file,
      form: "encrypted",
      has_new_key: true,
      changed: true,
      bytes: statSync(file).size,
    });
    // Nowhere and never in the open.
    expect(seen).not.toContain(true);
    expect(readFileSync(kept)).toEqual(Buffer.alloc(size));
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(names()).toEqual([".gitignore", "momo.db"]);
    expect(() => open("read", { key: KEY })).toThrow(refusal("ENCRYPTION_KEY"));
    expectWhole("encrypted", digest, NEW_KEY);
    expect(rekey().changed).toBe(false);
    expectWhole("encrypted", digest, NEW_KEY);
  });

  test("passphrases work as well", () => {
    const [key, new_key] = ["correct horse battery", "another horse battery"];
    const store = open("write", { key });
    write(store, entry("a", 1));
    store.close();
    rekey({ key, new_key });
    expect(open("read", { key: new_key }).heads("entry")).toHaveLength(1);
  });

  test("the same key again changes nothing", () => {
    make("encrypted");
    const before = readFileSync(file);
    expect(rekey({ new_key: KEY })).toMatchObject({ has_new_key: true, changed: false });
    expect(readFileSync(file)).toEqual(before);
  });

  test.each(conversionSteps)(
    "a kill after the step %s leaves a whole file, and the next call ends it",
    async (step) => {
      const digest = make("encrypted");
      await run(CONVERT, { FORM: "encrypted", STEP: step, NEW_KEY });
      const isDone = step === "replaced" || step === "overwritten";
      expectWhole("encrypted", digest, isDone ? NEW_KEY : KEY);
      expect(rekey().changed).toBe(!isDone);
      expect(names()).toEqual([".gitignore", "momo.db"]);
      expectWhole("encrypted", digest, NEW_KEY);
    },
  );

  test("is refused for a plain one, and where neither key opens it: it stays as it is", () => {
    make("plain");
    const plain = readFileSync(file);
    expect(() => rekey()).toThrow(refusal("ENCRYPTION_PLAIN"));
    expect(readFileSync(file)).toEqual(plain);
    convert({ file, form: "encrypted", key: KEY, wait_ms: 0 });
    const encrypted = readFileSync(file);
    expect(() => rekey({ key: "f".repeat(64) })).toThrow(refusal("ENCRYPTION_KEY"));
    expect(readFileSync(file)).toEqual(encrypted);
    expect(names()).toEqual([".gitignore", "momo.db"]);
  });
});

test("nobody opens the file while it is copied", () => {
  make("plain");
  const seen: string[] = [];
  const on_step = (step: string): void => {
    const argv = ["--input-type=module", "-e", TRY];
    const env = { ...process.env, ...modules, FILE: file };
    if (step === "copied") seen.push(spawnSync(process.execPath, argv, { env, encoding: "utf8" }).stdout);
  };
  convert({ file, form: "encrypted", key: KEY, wait_ms: 0, on_step });
  expect(seen).toEqual(["STORE_BUSY"]);
});

test("what stands in the write-ahead log of a killed process comes along, and the log is overwritten", async () => {
  make("plain");
  await run(WRITE_AND_DIE, {});
  const log = join(folder, "log");
  linkSync(`${file}-wal`, log);
  expect(readFileSync(log).includes("LATE-CANARY")).toBe(true);
  convert({ file, form: "encrypted", key: KEY, wait_ms: 0 });
  expect(readFileSync(log).includes("LATE-CANARY")).toBe(false);
  const store = open("read", { key: KEY });
  expect([store.head("late")?.key, store.verify()]).toEqual(["late", undefined]);
});

test("a damaged file is refused and stays as it is", () => {
  make("plain");
  alter(file, "UPDATE version SET leaf = zeroblob(32) WHERE vid = 1");
  const before = readFileSync(file);
  const request = { file, form: "encrypted", key: KEY, wait_ms: 0 } as const;
  expect(() => convert(request)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  expect(names()).toEqual([".gitignore", "momo.db"]);
  expect(readFileSync(file).subarray(100)).toEqual(before.subarray(100));
});

test("a wrong key, a file of something else, an empty one and none", () => {
  make("encrypted");
  const before = readFileSync(file);
  const asked = { file, form: "plain", key: "f".repeat(64), wait_ms: 0 } as const;
  expect(() => convert(asked)).toThrow(expect.objectContaining({ code: "ENCRYPTION_KEY" }));
  expect(readFileSync(file)).toEqual(before);
  writeFileSync(file, "notes ".repeat(1000));
  expect(() => convert(asked)).toThrow(expect.objectContaining({ code: "STORE_FOREIGN" }));
  expect(readFileSync(file, "utf8")).toBe("notes ".repeat(1000));
  truncateSync(file);
  const missing = join(folder, "none.db");
  for (const path of [file, missing])
    expect(() => convert({ ...asked, file: path })).toThrow(
      expect.objectContaining({ code: "STORE_MISSING" }),
    );
  expect(existsSync(missing)).toBe(false);
});

const modules = {
  JOURNAL: new URL("../open.ts", import.meta.url).href,
  ENCRYPT: new URL("./encrypt.ts", import.meta.url).href,
};

const CONVERT = `
  const { convert } = await import(process.env.ENCRYPT);
  const on_step = (step) => step === process.env.STEP && process.kill(process.pid, "SIGKILL");
  const { FILE: file, FORM: form, NEW_KEY: new_key } = process.env;
  convert({ file, form, key: "${KEY}", new_key, wait_ms: 0, on_step });
`;
const PUT = `
  const { openStore } = await import(process.env.JOURNAL);
  const store = openStore(process.env.FILE, { mode: "write" });
  const put = () => {
    const tx = store.begin({ agent: "child" });
    tx.put({ key: "late", kind: "entry", body: Uint8Array.of(1), text: Buffer.from("LATE-CANARY") });
    tx.commit();
  };
`;
const TRY = `
  const { openStore } = await import(process.env.JOURNAL);
  try {
    openStore(process.env.FILE, { mode: "write", wait_ms: 0 }).begin({ agent: "child" });
  } catch ({ code }) {
    process.stdout.write(code);
  }
`;
const HOLD = `${PUT}
  console.log(store.seq());
  process.stdin.once("data", () => { put(); store.close(); process.stdin.destroy(); });
`;
const WRITE_AND_DIE = `${PUT}
  put();
  process.kill(process.pid, "SIGKILL");
`;

function start(script: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...modules, FILE: file, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** To its end, which must be a kill. */
async function run(script: string, env: Record<string, string>): Promise<void> {
  const child = start(script, env);
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
}

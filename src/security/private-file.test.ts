import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readPrivate, readPublic, stampOf, withLock, writePrivate } from "./private-file.ts";
import { temporaryHome } from "./processes.fixture.ts";

function fileWith(text: string): string {
  const home = temporaryHome();
  mkdirSync(home);
  const file = join(home, "secret");
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test("a stamp is the same while the file is, but not while it may change within the grain of its time", () => {
  const file = fileWith("abc");
  expect(stampOf(file)).not.toBe(stampOf(file));
  const past = new Date(Date.now() - 5000);
  utimesSync(file, past, past);
  const stamp = stampOf(file);
  expect(stampOf(file)).toBe(stamp);
  writePrivate(file, "abd");
  utimesSync(file, past, past);
  expect(stampOf(file)).not.toBe(stamp);
  expect(stampOf(`${file}.none`)).toBeUndefined();
});

test("what is written replaces the file whole, also where a killed process or somebody else left something", () => {
  const file = fileWith("before");
  const target = join(dirname(file), "other");
  writeFileSync(target, "other");
  symlinkSync(target, `${file}.tmp`);
  writePrivate(file, "after");
  expect(readPrivate(file)).toBe("after");
  expect(readFileSync(target, "utf8")).toBe("other");
  expect(readdirSync(dirname(file)).sort()).toEqual(["other", "secret"]);
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("only small files are read, and a pipe or a folder is not waited for", async () => {
  const file = fileWith("x".repeat(4 * 2 ** 20 + 1));
  expect(() => readPrivate(file)).toThrow(/not a small file/);
  expect(() => readPublic(dirname(file))).toThrow();
  expect(readPrivate(`${file}.none`)).toBeUndefined();
  if (process.platform === "win32") return;
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", ["-m", "600", `${file}.pipe`]);
  expect(() => readPrivate(`${file}.pipe`)).toThrow(/not a small file/);
});

test("a lock is held by one, and free again after an error", () => {
  const lock = `${fileWith("")}.lock`;
  const inner = (): unknown => withLock(lock, () => "in", { wait_ms: 0 });
  expect(() => withLock(lock, inner)).toThrow(/locked/);
  expect(inner()).toBe("in");
  expect(statSync(lock).size).toBe(0);
});

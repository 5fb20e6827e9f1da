/** Where the key of an encrypted knowledge base comes from. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { encryptionKey } from "./encryption-key.ts";

function keyFile(content: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), "momo-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "key");
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const failing = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test("no variable, or an empty one, is no key", () => {
  expect([encryptionKey({}), encryptionKey({ MOMO_ENCRYPTION_KEY: " " })]).toEqual([undefined, undefined]);
});

test("a variable, or a file that only its owner can read", () => {
  expect(encryptionKey({ MOMO_ENCRYPTION_KEY: " correct horse " })).toBe("correct horse");
  expect(encryptionKey({ MOMO_ENCRYPTION_KEY_FILE: keyFile("correct horse\n") })).toBe("correct horse");
});

test("a file that others can read, an empty one, and none", () => {
  for (const [file, why] of [
    [keyFile("correct horse", 0o640), /other users/],
    [keyFile("\n"), /empty/],
    [join(tmpdir(), "momo-no-such-key"), /ENOENT/],
    [tmpdir(), /not a small file/],
  ] as const) {
    expect(() => encryptionKey({ MOMO_ENCRYPTION_KEY_FILE: file })).toThrow(failing("KEYS_UNREADABLE", why));
  }
});

test("a key that is short or given twice is refused, and not repeated", () => {
  expect(() => encryptionKey({ MOMO_ENCRYPTION_KEY: "hunter2" })).toThrow(
    failing("VALUE_INVALID", /^(?!.*hunter2)/),
  );
  expect(() =>
    encryptionKey({ MOMO_ENCRYPTION_KEY: "correct horse", MOMO_ENCRYPTION_KEY_FILE: "x" }),
  ).toThrow(failing("VALUE_INVALID", /set too/));
});

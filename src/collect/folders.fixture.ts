/**
 * Two new folders for every test: `root`, which is listed, and `outside` beside it, where no listing may come.
 * Importing this makes and removes them. Used by files.test.ts and work-tree.test.ts.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";

export const isRoot = process.getuid?.() === 0;
export let root: string;
export let outside: string;

beforeEach(() => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "momo-collect-")));
  root = join(base, "root");
  outside = join(base, "outside");
  mkdirSync(root);
  mkdirSync(outside);
});
afterEach(() => rmSync(dirname(root), { recursive: true, force: true }));

/** Writes these files, and the folders they lie in. */
export function put(files: Record<string, string>, below = root): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(below, path)), { recursive: true });
    writeFileSync(join(below, path), text);
  }
}

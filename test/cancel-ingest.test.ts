import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openMomo } from "../src/momo.ts";

test("indexing that was cancelled leaves everything as it was, and the next one is whole", async () => {
  const root = mkdtempSync(join(tmpdir(), "momo-cancel-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (let i = 0; i < 200; i++) writeFileSync(join(root, `f${i}.ts`), `export const value${i} = ${i};\n`);
  const momo = await openMomo({ root });
  onTestFinished(() => momo.close());
  const stop = new AbortController();
  const cancelled = momo.ingest({
    signal: stop.signal,
    on_progress: ({ phase }) => phase === "listing" && stop.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
  expect(momo.isEmpty()).toBe(true);
  expect(await momo.history()).toEqual([]);
  expect(await momo.ingest()).toMatchObject({ created: 200 });
});

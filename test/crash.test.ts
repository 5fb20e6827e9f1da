/** kill -9 while indexing: the file reopens, searches, and indexes to the state an undisturbed run reaches. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";
import { isLong, momo, ownSources, temporaryFolder } from "./momo-process.ts";

const KILLS = isLong ? 100 : 6;

async function digestOf(root: string, home: string): Promise<string> {
  const base = await openMomo({ root, home });
  try {
    await base.ingest();
    return await base.digest();
  } finally {
    await base.close();
  }
}

it(`survives ${KILLS} kills at random moments`, { timeout: 900_000 }, async () => {
  const root = ownSources();
  const expected = await digestOf(root, temporaryFolder());
  const undisturbed = performance.now();
  await momo(["ingest", root, "--home", temporaryFolder()]);
  const duration = performance.now() - undisturbed;
  let home = temporaryFolder();
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    const { code } = await momo(["ingest", root, "--home", home], {
      kill_after: Math.random() * duration * 1.05,
    });
    if (code === -1) killed++;
    const store = openStore(join(home, "momo.db"), { mode: "write" });
    expect(store.verify()).toBeUndefined();
    store.close();
    const { code: searched, stdout } = await momo(["search", "open store", root, "--home", home, "--json"]);
    expect(searched).toBe(0);
    expect(JSON.parse(stdout).results.length).toBeGreaterThan(0);
    expect(await digestOf(root, home)).toBe(expected);
    home = temporaryFolder();
  }
  expect(killed).toBeGreaterThan(0);
});

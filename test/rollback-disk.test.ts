/** Taking back where the disk is full or the file cannot be written: a clear error, nothing changed, nothing lost. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";
import { temporaryFolder } from "./momo-process.ts";

const ENTRIES = 20_000;

/** Two agents, so many small entries each; returns the file. */
function fill(home: string): string {
  const file = join(home, "momo.db");
  const store = openStore(file, { mode: "write", durability: "process" });
  for (const agent of ["ann", "bob"]) {
    const tx = store.begin({ agent });
    for (let i = 0; i < ENTRIES; i++) {
      tx.put({
        key: `${agent}/${i}`,
        kind: "entry",
        body: Buffer.from(`{"metadata":{"n":${i}},"type":"code"}`),
      });
    }
    tx.commit();
  }
  store.settle();
  store.close();
  return file;
}

const script = `
  const { openMomo } = await import(process.env.MOMO);
  const momo = await openMomo({ home: process.env.HOME_FOLDER });
  const before = await momo.digest();
  const plan = await momo.planRollback({ agent: "ann" });
  try {
    await momo.rollback(plan.plan_hash);
    console.log("done");
  } catch (error) {
    console.log(error.code);
  }
  console.log((await momo.digest()) === before, await momo.verify());
`;

test("a full disk", async () => {
  const home = temporaryFolder();
  const file = fill(home);
  // A limit on the size of files stands for a full disk: the log may grow by 16 blocks of 512 bytes.
  const printed = execFileSync(
    "/bin/sh",
    ["-c", 'ulimit -f 64; exec "$0" "$@"', process.execPath, "--input-type=module", "-e", script],
    {
      env: { ...process.env, HOME_FOLDER: home, MOMO: new URL("../src/index.ts", import.meta.url).href },
      encoding: "utf8",
    },
  );
  expect(printed.trim().split("\n")).toEqual(["STORE_FULL", "true undefined"]);
  const momo = await openMomo({ home });
  const plan = await momo.planRollback({ agent: "ann" });
  expect((await momo.rollback(plan.plan_hash)).operations).toBe(ENTRIES);
  expect(await momo.verify()).toBeUndefined();
  await momo.close();
  const store = openStore(file, { mode: "read" });
  expect(store.liveVersions("entry")).toHaveLength(ENTRIES);
  store.close();
});

test.skipIf(process.getuid?.() === 0)("a file that cannot be written", async () => {
  const home = temporaryFolder();
  const file = fill(home);
  chmodSync(file, 0o444);
  const momo = await openMomo({ home });
  const plan = await momo.planRollback({ agent: "ann" });
  await expect(momo.rollback(plan.plan_hash)).rejects.toMatchObject({ code: "STORE_READONLY" });
  expect(await momo.verify()).toBeUndefined();
  await momo.close();
});

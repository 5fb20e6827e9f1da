/** The real program on an encrypted home: nothing in the open, everything works, and it fails closed. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binary, momo, project, repository, run, shop, temporaryFolder } from "./momo-process.ts";

const KEY = "0123456789abcdef".repeat(4);
const words = ["RetryPolicy", "retry.ts", "decision:canary", "CanaryText", "CanaryAgent", "CanaryIntent"];

/** Words that stand in a file of the folder. */
const openIn = (folder: string): string[] =>
  words.filter((word) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(word)),
  );

test("index, search, write, take back and verify under a key; then in the open, then under it again", async () => {
  const root = project(shop);
  const home = join(root, ".momo");
  const cache = temporaryFolder();
  const as =
    (key: string) =>
    async (...args: string[]) =>
      momo(args, { cwd: root, env: { XDG_CACHE_HOME: cache, ...(key && { MOMO_ENCRYPTION_KEY: key }) } });
  const [keyed, plain, wrong] = [as(KEY), as(""), as("f".repeat(64))];

  expect((await keyed("ingest", ".")).code).toBe(0);
  const found = await keyed("search", "retry delay", "--json");
  expect(JSON.parse(found.stdout).results[0].path).toBe("src/retry.ts");
  const wrote = await keyed(
    "doc",
    "set",
    "decision:canary",
    "--content",
    "CanaryText",
    "--agent",
    "CanaryAgent",
    "--intent",
    "CanaryIntent",
  );
  expect([wrote.stderr, wrote.code]).toEqual(["", 0]);
  const digest = async (run: typeof keyed): Promise<string> => (await run("digest", "--json")).stdout;
  const written = await digest(keyed);
  expect((await keyed("rollback", "--steps", "1", "--yes")).code).toBe(0);
  expect((await keyed("redo", "--yes")).code).toBe(0);
  expect((await keyed("audit", "verify")).code).toBe(0);
  expect(JSON.parse(await digest(keyed)).digest).toBe(JSON.parse(written).digest);
  expect([openIn(home), openIn(cache)]).toEqual([[], []]);

  for (const run of [plain, wrong]) {
    const { code, stderr } = await run("search", "retry");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is encrypted and the key does not open it/)]);
  }
  expect(JSON.parse((await keyed("status", "--json")).stdout).encrypted).toBe(true);
  expect((await keyed("doctor")).stdout).toMatch(/operations, encrypted/);

  const asked = await keyed("audit", "decrypt");
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringMatching(/add --yes/)]);
  expect((await keyed("audit", "decrypt", "--yes")).code).toBe(0);
  expect(openIn(home)).toEqual(words);
  expect((await keyed("search", "retry")).stderr).toMatch(/momo audit encrypt/);
  expect((await plain("audit", "encrypt", "--yes")).stderr).toMatch(/MOMO_ENCRYPTION_KEY is missing/);
  expect(JSON.parse(await digest(plain)).digest).toBe(JSON.parse(written).digest);
  expect((await keyed("audit", "encrypt", "--yes")).code).toBe(0);
  expect(openIn(home)).toEqual([]);
  expect(JSON.parse(await digest(keyed)).digest).toBe(JSON.parse(written).digest);
  writeFileSync(join(home, "momo.db.old"), "left");
  expect((await keyed("doctor")).stdout).toMatch(/momo audit encrypt/);
  expect((await keyed("audit", "encrypt", "--yes")).stdout).toMatch(/already/);
  expect(readdirSync(home)).not.toContain("momo.db.old");

  expect((await keyed("audit", "rekey", "--yes")).stderr).toMatch(/MOMO_ENCRYPTION_NEW_KEY is missing/);
  const env = { XDG_CACHE_HOME: cache, MOMO_ENCRYPTION_KEY: KEY, MOMO_ENCRYPTION_NEW_KEY: "f".repeat(64) };
  const rekey = (...args: string[]) => momo(["audit", "rekey", ...args], { cwd: root, env });
  expect((await rekey()).code).toBe(2);
  expect((await rekey("--yes")).stdout).toMatch(/has the new key: from now on/);
  expect((await rekey("--yes")).stdout).toMatch(/had the new key already/);
  expect(openIn(home)).toEqual([]);
  expect((await keyed("digest")).stderr).toMatch(/the key does not open it/);
  expect(JSON.parse(await digest(wrong)).digest).toBe(JSON.parse(written).digest);
}, 120_000);

test("docs/encryption.md: its commands run one after the other", async () => {
  const page = readFileSync(join(repository, "docs", "encryption.md"), "utf8");
  const commands = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^\$ /, "")),
  );
  expect(commands.length).toBeGreaterThan(5);
  const [cwd, home] = [project(shop), temporaryFolder()];
  const script = [
    "set -e",
    `momo() { "${process.execPath}" "${binary}" "$@"; }`,
    // Not on every machine.
    "command -v openssl > /dev/null || openssl() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n'; }",
    ...commands,
  ];
  const { code, stdout, stderr } = await run(["bash", "-c", script.join("\n")], { cwd, env: { HOME: home } });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/operations, encrypted[\s\S]*is not encrypted any more[\s\S]*is encrypted:/);
  expect(openIn(join(cwd, ".momo"))).toEqual([]);
}, 60_000);

test("without the package a key is an error that names it, and nothing is made in the open", async () => {
  const folder = temporaryFolder();
  cpSync(join(repository, "dist"), join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const script = `
    const { openStore } = await import(${JSON.stringify(join(folder, "dist", "store", "open.js"))});
    try { openStore(process.argv[1], { mode: "write" }); } catch (error) { console.log(error.code, error.message); }`;
  const home = join(folder, "home");
  const { stdout, stderr } = await run([process.execPath, "-e", script, join(home, "momo.db")], {
    env: { MOMO_ENCRYPTION_KEY: KEY },
  });
  expect([stdout.trim(), stderr]).toEqual([
    "PACKAGE_MISSING encryption needs the package better-sqlite3-multiple-ciphers: npm install better-sqlite3-multiple-ciphers",
    "",
  ]);
  expect(existsSync(join(home, "momo.db"))).toBe(false);
});

/** bin/momo.js: which Node it runs on, and what it says when it cannot. */
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binary, cleanEnvironment, project, run, temporaryFolder } from "./momo-process.ts";

/** A Node that says it is an old one; a Node that it starts says what it is. */
const oldNode = [
  process.execPath,
  "--import",
  `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`,
];

/** An installed package with this program in place of Momo's. */
function installed(main: string | undefined, files: Record<string, string> = {}): string {
  const folder = project({
    "package.json": '{ "type": "module" }',
    ...(main !== undefined && { "dist/cli/main.js": `export async function main(argv) { ${main} }` }),
    ...files,
  });
  cpSync(binary, join(folder, "bin/momo.js"));
  return join(folder, "bin/momo.js");
}

/** The same with a pinned `node` package, as in a checkout. */
function withPinnedNode(main: string): string {
  const launcher = installed(main, {
    "node_modules/node/package.json": "{}",
    "node_modules/node/bin/node": `#!/bin/sh\nexec "${process.execPath}" "$@"\n`,
  });
  chmodSync(join(launcher, "../../node_modules/node/bin/node"), 0o755);
  return launcher;
}

test("without a build it says what to run", async () => {
  expect(await run([process.execPath, installed(undefined)])).toEqual({
    code: 1,
    stdout: "",
    stderr: "momo: it is not built yet: run npm install (or npm run build) first\n",
  });
});

test("on an old Node alone it says what is needed", async () => {
  expect(await run([...oldNode, installed("console.log('ran')")])).toEqual({
    code: 1,
    stdout: "",
    stderr: "momo: needs Node 22.15 or later, this is 20.20.2: install a newer Node\n",
  });
});

test("on an old Node with a newer one pinned, that one runs, with the same arguments, streams and exit code", async () => {
  const launcher = withPinnedNode(`
    let text = "";
    for await (const chunk of process.stdin) text += chunk;
    console.log(process.versions.node, argv, text);
    console.error("trouble");
    process.exitCode = 7;
  `);
  expect(await run([...oldNode, launcher, "a b", "--c"], { input: "given" })).toEqual({
    code: 7,
    stdout: `${process.versions.node} [ 'a b', '--c' ] given\n`,
    stderr: "trouble\n",
  });
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s reaches the program on the pinned Node",
  async (signal) => {
    const launcher = withPinnedNode(`
    process.on("${signal}", () => process.exit(42));
    setInterval(() => undefined, 1000);
    console.log("ready");
  `);
    const [command, ...args] = [...oldNode, launcher];
    const child = spawn(command, args, { env: cleanEnvironment(), stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => child.kill(signal));
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(42);
  },
);

test("compiled code is cached below the user's cache folder; where that cannot be, nothing is said", async () => {
  const launcher = installed("console.log('ran')");
  const cache = temporaryFolder();
  const ran = { code: 0, stdout: "ran\n", stderr: "" };
  expect(await run([process.execPath, launcher], { env: { XDG_CACHE_HOME: cache } })).toEqual(ran);
  expect(readdirSync(join(cache, "momo", "compile")).length).toBeGreaterThan(0);
  const file = join(cache, "file");
  writeFileSync(file, "");
  expect(await run([process.execPath, launcher], { env: { XDG_CACHE_HOME: file } })).toEqual(ran);
});

test("the warning about node:sqlite is not shown, others are", async () => {
  const launcher = installed(`
    process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
    process.emitWarning("something else");
  `);
  const { stderr } = await run([process.execPath, launcher]);
  expect(stderr).not.toContain("SQLite");
  expect(stderr).toContain("something else");
});

const systemNode = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path));

test.skipIf(!systemNode)(
  "whatever node the machine has, the command answers (needs a node of the system)",
  async () => {
    const { code, stdout } = await run([systemNode ?? "", binary, "--version"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  },
);

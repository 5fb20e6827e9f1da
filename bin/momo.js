#!/usr/bin/env node
/**
 * Launcher of the `momo` command: finds a Node that is new enough, then hands over to dist/cli/main.js.
 * Must run on Node 14.13 and later, so that an old Node answers with a sentence and not with a syntax error.
 */
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The first release with everything Momo takes from Node: SQLite, the compile cache, zstd. */
const NEEDED = [22, 15];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "dist", "cli", "main.js");

function fail(message) {
  process.stderr.write(`momo: ${message}\n`);
  process.exitCode = 1;
}

function newEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** The `node` npm package of a checkout holds a newer binary than the machine may have. */
function pinnedNode() {
  try {
    const file = createRequire(import.meta.url).resolve("node/bin/node");
    return file === process.execPath ? undefined : file;
  } catch {
    return undefined;
  }
}

async function runOn(node) {
  const { spawn } = await import("node:child_process");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeListener(name, pass);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}

/** Below the user's own folder, never the shared temporary one: what lies there is executed. */
function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, "momo");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "momo");
  if (process.platform === "win32" && process.env.LOCALAPPDATA) return join(process.env.LOCALAPPDATA, "momo");
  return join(homedir(), ".cache", "momo");
}

/** Node 22 and 24 differ in whether they announce that node:sqlite is experimental; users need not read it. */
function hideSqliteWarning() {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith("SQLite is an experimental feature"))
      emit.call(process, warning, ...rest);
  };
}

function start() {
  hideSqliteWarning();
  // Answers with a status instead of throwing when the folder cannot be written.
  module.enableCompileCache?.(join(cacheFolder(), "compile"));
  import(pathToFileURL(main).href)
    .then(({ main }) => main(process.argv.slice(2)))
    .catch((error) => fail(process.env.MOMO_DEBUG ? error.stack : error.message));
}

if (newEnough()) {
  if (existsSync(main)) start();
  else fail("it is not built yet: run npm install (or npm run build) first");
} else {
  const node = pinnedNode();
  if (node) runOn(node);
  else
    fail(`needs Node ${NEEDED.join(".")} or later, this is ${process.versions.node}: install a newer Node`);
}

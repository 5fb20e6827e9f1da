/** Momo and its peers as whole processes, and what a process takes. Used by speed.ts and scale.ts; needs GNU time. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const TIME = "/usr/bin/time";
if (!existsSync(TIME)) throw new Error("GNU time is missing: apt-get install time");
const bin = fileURLToPath(new URL("../bin/momo.js", import.meta.url));
/** The program as it is built, on the Node that runs the measurement. */
export const momo = [process.execPath, bin];
const peersFolder = process.env.PEERS ?? join(homedir(), ".cache", "momo-peers");

export interface Measured {
  ms: number;
  /** Of all its threads, user and system. */
  cpu_ms: number;
  mb: number;
  stdout: string;
}

/** Wall time and peak resident memory of the largest process of a command. */
export function measure(
  argv: string[],
  { env, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Measured> {
  return new Promise((done, fail) => {
    const started = performance.now();
    const child = spawn(TIME, ["-v", ...argv], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    let stderr = "";
    child.stdout.on("data", (data) => stdout.push(data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("error", fail);
    child.on("close", (code) => {
      const ms = performance.now() - started;
      if (code !== 0) return fail(new Error(`${argv.join(" ")}: exit ${code}: ${stderr.slice(0, 600)}`));
      const kb = Number(/Maximum resident set size \(kbytes\): (\d+)/.exec(stderr)?.[1]);
      const seconds = (name: string): number =>
        Number(new RegExp(`${name} time \\(seconds\\): ([\\d.]+)`).exec(stderr)?.[1]);
      const cpu_ms = (seconds("User") + seconds("System")) * 1000;
      done({ ms, cpu_ms, mb: kb / 1024, stdout: Buffer.concat(stdout).toString() });
    });
  });
}

export interface Engine {
  name: string;
  env?: Record<string, string>;
  index(folder: string, home: string): string[];
  search(folder: string, home: string, query: string): string[];
}

/** The machine's own Node, not the checkout's: the peers' native modules were built for it. */
function machineNode(): string {
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, "node")).find(existsSync);
  if (!found) throw new Error("no node on the PATH outside of node_modules: the peers need one");
  return found;
}

function peer(name: string): string[] {
  const folder = join(peersFolder, "node_modules", name);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return [machineNode(), join(folder, Object.values<string>(bins)[0])];
}

export const momoEngine: Engine = {
  name: "momo",
  index: (folder, home) => [...momo, "ingest", folder, "--home", home, "--json"],
  search: (folder, home, query) => [...momo, "search", query, folder, "--home", home, "--json"],
};

/** Other engines, as they are installed under PEERS. */
export function peers(): Engine[] {
  const codegraph = peer("@colbymchenry/codegraph");
  const optave = peer("@optave/codegraph");
  return [
    {
      name: "codegraph",
      env: { CODEGRAPH_NO_DAEMON: "1", CODEGRAPH_TELEMETRY: "0", CODEGRAPH_NO_UPDATE_CHECK: "1" },
      index: (folder) => [
        ...codegraph,
        ...(existsSync(join(folder, ".codegraph")) ? ["sync"] : ["init", "-y"]),
        folder,
      ],
      search: (folder, _, query) => [...codegraph, "query", query, "--path", folder, "--json"],
    },
    {
      name: "optave",
      index: (folder) => [...optave, "build", folder],
      search: (_, __, query) => [...optave, "where", query, "--json"],
    },
  ];
}

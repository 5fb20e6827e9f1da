/** `momo doctor`: looks at everything Momo needs, one by one, and says how to repair what is wrong. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CommandContext, defineCommand, homeOption, type Input } from "./command.ts";
import { homeOf } from "./place.ts";

export interface Check {
  name: string;
  ok: boolean;
  /** What was found; where something is wrong, what to do. */
  detail: string;
}

export interface DoctorAnswer {
  ok: boolean;
  checks: Check[];
}

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "folder whose knowledge base to check; default the current one",
  },
] as const;

const options = { home: homeOption } as const;

/** The lowest Node that bin/momo.js starts on. */
const NEEDED_NODE = [22, 15];

function checkNode(): string {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor < NEEDED_NODE[1]))
    throw new Error(`${process.versions.node}, ${NEEDED_NODE.join(".")} is needed: install a newer Node`);
  return process.versions.node;
}

async function checkSqlite(): Promise<string> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  try {
    return String(database.prepare("SELECT sqlite_version() AS version").get()?.version);
  } finally {
    database.close();
  }
}

async function checkGrammars(): Promise<string> {
  const { hasGrammar, loadGrammar } = await import("../extract/grammars.ts");
  const { languages } = await import("../extract/language.ts");
  const names = languages.map(({ name }) => name).filter(hasGrammar);
  const missing: string[] = [];
  for (const name of names) {
    try {
      await loadGrammar(name, `x.${name === "typescript" ? "tsx" : name === "c" ? "h" : name}`);
    } catch {
      missing.push(name);
    }
  }
  if (missing.length > 0) throw new Error(`cannot load ${missing.join(", ")}: install Momo again`);
  return `${names.length} languages`;
}

function checkGit(): string {
  const { stdout, error } = spawnSync("git", ["--version"], { encoding: "utf8" });
  if (error) throw new Error("not found: install git, repositories are listed through it");
  return stdout.trim().replace(/^git version /, "");
}

/** The home, or the nearest folder above it that exists, can be written. */
function checkHome(home: string): string {
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`${folder} cannot be written: choose another place with --home`, { cause });
  }
  return home;
}

async function checkKnowledge(home: string): Promise<string> {
  const { DATABASE } = await import("../momo.ts");
  const file = join(home, DATABASE);
  if (!existsSync(file)) return "none yet: momo ingest makes one";
  const left = [".old", ".new"].map((end) => `${file}${end}`).find((path) => existsSync(path));
  if (left !== undefined)
    throw new Error(
      `${left} is left of a conversion that was cut: run momo audit encrypt (or decrypt) again`,
    );
  const { openStore } = await import("../store/open.ts");
  const store = openStore(file, { mode: "read" });
  try {
    const fault = store.verify();
    if (fault !== undefined)
      throw new Error(`${file} is damaged (${fault}): move it away and run momo ingest`);
    return `verified, ${store.seq()} operations, ${store.encrypted ? "encrypted" : "not encrypted"}`;
  } finally {
    store.close();
  }
}

async function checked(name: string, look: () => string | Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message.split("\n")[0] };
  }
}

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<DoctorAnswer> {
  const home = await homeOf(context, input);
  const checks = [
    await checked("Node", checkNode),
    await checked("SQLite", checkSqlite),
    await checked("grammars", checkGrammars),
    await checked("git", checkGit),
    await checked("home", () => checkHome(home)),
    await checked("knowledge base", () => checkKnowledge(home)),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

export const doctor = defineCommand({
  summary: "check that everything Momo needs is there, and that the knowledge base is whole",
  details: "Exit code 1 when something has to be repaired.",
  examples: [{ command: "momo doctor", help: "this machine and the current folder" }],
  positionals,
  options,
  effect: "read",
  only: "cli",
  run,
  failed: ({ ok }) => !ok,
});

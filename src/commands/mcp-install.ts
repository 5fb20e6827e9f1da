/**
 * Enters Momo into the configuration of an MCP client: shows what it would write, writes after a yes, keeps everything
 * else in the file, and leaves a copy of what was there. A file that it cannot read stays as it is. Used by mcp.ts.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MomoError } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { type ClientName, type Launch, type McpClient, mcpClients } from "./mcp-clients.ts";

/** What was, or would be, written. */
export interface InstallAnswer {
  client: ClientName;
  file: string;
  /** What stands in the file about Momo, or is to be put there by hand. */
  entry: string;
  outcome: "written" | "shown" | "already" | "declined";
  /** The file as it was before. */
  backup?: string;
  next: string;
}

const NAME = "momo";
/** A configuration that is larger is none. */
const MAX_BYTES = 2 ** 22;

const launcher = (): string => fileURLToPath(new URL("../../bin/momo.js", import.meta.url));

function isOnPath({ PATH = "" }: CommandContext["env"]): boolean {
  const name = process.platform === "win32" ? "momo.cmd" : "momo";
  return PATH.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, name)));
}

/**
 * A file of the project is shared, so it names the program where that suffices; a client of the desktop has another
 * PATH than a terminal, so a file of the user names this very installation. Never `npx`: it would ask the network.
 */
function launchOf(context: CommandContext, client: McpClient, root: string): Launch {
  const args = ["mcp", ...(client.root ? [client.root(root)] : [])];
  if (client.scope === "project" && isOnPath(context.env)) return { command: "momo", args };
  return { command: process.execPath, args: [launcher(), ...args] };
}

interface Edit {
  /** All of the file afterwards. */
  text: string;
  entry: string;
}

const unreadable = (file: string, why: string, cause?: unknown): MomoError =>
  new MomoError("CONFIG_UNREADABLE", { file, why }, cause);

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As the file has it: a tab, or so many blanks. */
const indentOf = (text: string): string => /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";

function parseTable(file: string, text: string, byHand: string): Record<string, unknown> {
  const bare = text.replace(/^\uFEFF/, "");
  if (bare.trim() === "") return {};
  let content: unknown;
  try {
    content = JSON.parse(bare);
  } catch (error) {
    throw unreadable(
      file,
      `it is not plain JSON (comments?), so it was left alone; put this into it: ${byHand}`,
      error,
    );
  }
  if (!isTable(content)) throw unreadable(file, "it must hold one JSON object");
  return content;
}

function editJson(
  file: string,
  text: string,
  { client, launch }: { client: McpClient; launch: Launch },
): Edit {
  const own = client.entry(launch);
  const entry = JSON.stringify({ [client.table]: { [NAME]: own } }, undefined, 2);
  const content = parseTable(file, text, JSON.stringify({ [client.table]: { [NAME]: own } }));
  const table = content[client.table] ?? {};
  if (!isTable(table)) throw unreadable(file, `${client.table} in it must be an object`);
  if (JSON.stringify(table[NAME]) === JSON.stringify(own)) return { text, entry };
  const after = { ...content, [client.table]: { ...table, [NAME]: own } };
  return { text: `${JSON.stringify(after, undefined, indentOf(text))}\n`, entry };
}

/** A basic string of TOML is written as one of JSON. */
const toml = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(toml).join(", ")}]` : JSON.stringify(value);

/**
 * Line by line: our table is replaced, or added at the end, where a new table may always stand. A multi-line text could
 * hide what looks like a table, so a file with one is left alone.
 */
function editToml(
  file: string,
  text: string,
  { client, launch }: { client: McpClient; launch: Launch },
): Edit {
  const header = `[${client.table}.${NAME}]`;
  const fields = Object.entries(client.entry(launch)).map(([name, value]) => `${name} = ${toml(value)}`);
  const entry = [header, ...fields].join("\n");
  if (/"""|'''/.test(text))
    throw unreadable(file, `it holds texts of several lines; put this into it: ${entry}`);
  const lines = text.split(/\r?\n/);
  const isHeader = (line: string): boolean => /^\s*\[/.test(line);
  const isOurs = (line: string): boolean => line.replace(/\s|#.*$/g, "") === header;
  const from = lines.findIndex(isOurs);
  if (from < 0) {
    if (new RegExp(`^\\s*${client.table}\\s*(=|\\.)`, "m").test(text))
      throw unreadable(file, `${client.table} is written in one line there; put this into it: ${entry}`);
    const before = text.trim() === "" ? "" : `${text.trimEnd()}\n\n`;
    return { text: `${before}${entry}\n`, entry };
  }
  const next = lines.findIndex((line, at) => at > from && isHeader(line));
  const end = next < 0 ? lines.length : next;
  const old = lines.slice(from + 1, end).filter((line) => line.trim() !== "");
  if (old.join("\n") === fields.join("\n")) return { text, entry };
  // What else was set there stays: only the two fields are ours.
  const kept = old.filter((line) => !/^\s*(command|args)\s*=/.test(line));
  if (old.some((line) => /^\s*args\s*=\s*\[[^\]]*$/.test(line)))
    throw unreadable(file, `args of ${header} takes several lines there; put this into it: ${entry}`);
  const rest = next < 0 ? [] : ["", ...lines.slice(next)];
  return {
    text: `${[...lines.slice(0, from + 1), ...fields, ...kept, ...rest].join("\n").trimEnd()}\n`,
    entry,
  };
}

function readConfiguration(file: string): string {
  if (!existsSync(file)) return "";
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_BYTES) throw unreadable(file, "it is too large for a configuration");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw error instanceof MomoError ? error : unreadable(file, (error as Error).message, error);
  }
}

/** Whole or not at all; a link stays a link. The copy of what was there is undefined where nothing was. */
function write(file: string, text: string): string | undefined {
  const target = existsSync(file) ? realpathSync(file) : file;
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    const backup = existsSync(target) ? `${target}.before-momo` : undefined;
    if (backup) copyFileSync(target, backup);
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, target);
    return backup;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new MomoError("CONFIG_UNWRITABLE", { file, why: (error as Error).message }, error);
  }
}

export interface InstallRequest {
  client: ClientName;
  root: string;
  print: boolean;
  yes: boolean;
}

/** Raises CONFIG_UNREADABLE, CONFIG_UNWRITABLE, INSTALL_UNCONFIRMED. */
export async function install(
  context: CommandContext,
  { client: name, root, print, yes }: InstallRequest,
): Promise<InstallAnswer> {
  const client = mcpClients[name];
  const user = context.env.HOME || context.env.USERPROFILE || homedir();
  const file = client.file({ root, user, platform: process.platform, env: context.env });
  const launch = launchOf(context, client, root);
  const before = readConfiguration(file);
  const edit = client.format === "json" ? editJson : editToml;
  const { text, entry } = edit(file, before, { client, launch });
  const answer = { client: name, file, entry, next: client.next };
  if (text === before) return { ...answer, outcome: "already" };
  if (print) return { ...answer, outcome: "shown" };
  if (!yes) {
    await context.show?.({ ...answer, outcome: "shown" });
    if (!context.confirm) throw new MomoError("INSTALL_UNCONFIRMED", { file });
    if (!(await context.confirm("Write this?"))) return { ...answer, outcome: "declined" };
  }
  const backup = write(file, text);
  return { ...answer, outcome: "written", ...(backup !== undefined && { backup }) };
}

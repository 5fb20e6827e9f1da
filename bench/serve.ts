/**
 * A server under load, as JSON: npm run bench -- serve [--files 9000] [--users 100] [--seconds 60] [--minutes 30]
 * [--questions 1000] [--folder FOLDER] [--endurance: only that]
 *
 * `momo serve` over a generated folder (generate.ts; 9,000 files hold about 100,000 entities), asked by autocannon in a
 * process of its own. In turn: every question once by one user; all users as fast as they are answered; all users at one
 * question every five seconds each; the same with four agents writing; two servers of which one is killed while agents
 * write to both (what was acknowledged must be there). Then, for `--minutes`, all users as fast as they
 * are answered, for the second half of it while agents write, with the server's memory every ten seconds. Writes survive power loss.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { questionsAbout } from "./questions.ts";
import type { LoadFigures, LoadOptions } from "./serve-load.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "serve"),
  options: {
    files: { type: "string", default: "9000" },
    users: { type: "string", default: "100" },
    seconds: { type: "string", default: "60" },
    minutes: { type: "string", default: "30" },
    questions: { type: "string", default: "1000" },
    folder: { type: "string" },
    endurance: { type: "boolean" },
  },
});
const users = Number(options.users);
const seconds = Number(options.seconds);
const run = promisify(execFile);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const binary = here("../bin/momo.js");

function prepare(): string {
  const folder = options.folder ?? join(mkdtempSync(join(tmpdir(), "momo-serve-")), "home");
  if (!existsSync(folder))
    execFileSync(process.execPath, [here("./generate.ts"), folder, "--files", options.files]);
  execFileSync(process.execPath, [binary, "ingest", folder]);
  return folder;
}

interface Server {
  url: string;
  child: ChildProcess;
}

/** Ready when it says where it listens. */
async function start(folder: string): Promise<Server> {
  const args = [binary, "serve", folder, "--port", "0", "--log-level", "info", "--log-format", "json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      if (log.length < 100_000) log += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
      if (found) resolve(found);
    });
    child.on("exit", () => reject(new Error(`the server ended: ${log}`)));
  });
  return { url, child };
}

async function stop({ child }: Server): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  child.kill("SIGTERM");
  return ended;
}

async function load(how: Omit<LoadOptions, "connections"> & { connections?: number }): Promise<LoadFigures> {
  const asked: LoadOptions = { connections: users, ...how };
  const { stdout } = await run(process.execPath, [here("./serve-load.ts"), JSON.stringify(asked)], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

/** The server's threads are in this; a process that it starts to index is not. */
function rssMb({ child }: Server): number {
  const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ")[1]);
  return Math.round((pages * 4096) / 1e6);
}

async function post(url: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

interface Writing {
  acknowledged: string[];
  failed: Record<string, number>;
  milliseconds: number[];
}

let runs = 0;

/** Agents that write a note, wait for the answer, and write the next; a server that is gone is left for the other one. */
function write(urls: readonly string[], agents: number): { stop(): Promise<Writing> } {
  const run = runs++;
  const done: Writing = { acknowledged: [], failed: {}, milliseconds: [] };
  let isOver = false;
  const agent = async (number: number): Promise<void> => {
    let server = number % urls.length;
    for (let i = 0; !isOver; i++) {
      const id = `notes/${run}-${number}/${i}`;
      const started = performance.now();
      const sent = { operations: [{ op: "put", id, content: `what agent ${number} learnt in step ${i}` }] };
      const answer = await post(urls[server]!, "/transactions", { ...sent, agent: `agent-${number}` }).catch(
        (error: Error) => ({ status: error.message }),
      );
      if (answer.status === 200 || answer.status === 201) {
        done.acknowledged.push(id);
        done.milliseconds.push(performance.now() - started);
      } else {
        done.failed[answer.status] = (done.failed[answer.status] ?? 0) + 1;
        server = (server + 1) % urls.length;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const all = Array.from({ length: agents }, (_, number) => agent(number));
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(all);
      return done;
    },
  };
}

const at = (values: readonly number[], share: number): number =>
  Math.round((values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN) * 100) / 100;

const summary = ({ acknowledged, failed, milliseconds }: Writing) => ({
  acknowledged: acknowledged.length,
  failed,
  p50_ms: at(milliseconds, 0.5),
  p95_ms: at(milliseconds, 0.95),
});

/** Ids that were acknowledged and are not there. */
async function lost(url: string, ids: readonly string[]): Promise<number> {
  const response = await fetch(`${url}/entries?prefix=notes/`);
  const { entries } = (await response.json()) as { entries: { id: string }[] };
  const there = new Set(entries.map(({ id }) => id));
  return ids.filter((id) => !there.has(id)).length;
}

/** One user, each question once: what answering costs when nothing is known. */
async function unknown(url: string, queries: readonly string[]) {
  const times: number[] = [];
  for (const query of queries.slice(0, 300)) {
    const started = performance.now();
    await post(url, "/query", { query, max_results: 10 });
    times.push(performance.now() - started);
  }
  return {
    questions: times.length,
    p50_ms: at(times, 0.5),
    p95_ms: at(times, 0.95),
    p99_ms: at(times, 0.99),
  };
}

async function killed(folder: string, queries: string[]) {
  const both = [await start(folder), await start(folder)] as const;
  const urls = both.map(({ url }) => url);
  const writing = write(urls, 8);
  const reading = load({ url: urls[1]!, seconds, rate: users / 5, queries });
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 3));
  both[0].child.kill("SIGKILL");
  const survivor = await reading;
  const written = await writing.stop();
  const missing = await lost(urls[1]!, written.acknowledged);
  const verified = JSON.parse(
    execFileSync(
      process.execPath,
      [binary, "audit", "verify", folder, "--json"].filter((word) => word !== folder),
      {
        cwd: folder,
        encoding: "utf8",
      },
    ),
  );
  await stop(both[1]);
  return { survivor, writes: summary(written), acknowledged_and_lost: missing, verified: verified.ok };
}

async function endurance(folder: string, queries: string[]) {
  const server = await start(folder);
  const memory: number[] = [];
  const timer = setInterval(() => memory.push(rssMb(server)), 10_000);
  const half = Number(options.minutes) * 30;
  const reading = await load({ url: server.url, seconds: half, queries });
  const agents = write([server.url], 4);
  const beside = await load({ url: server.url, seconds: half, queries });
  const written = summary(await agents.stop());
  clearInterval(timer);
  const code = await stop(server);
  const minutes = (from: number, to: number): number[] => memory.slice(from * 6, to * 6);
  return {
    minutes: Number(options.minutes),
    reading,
    while_four_agents_write: beside,
    written,
    exit_code: code,
    rss_mb: {
      first_minute: at(minutes(0, 1), 0.5),
      tenth_part: at(memory.slice(0, Math.ceil(memory.length / 10)), 0.5),
      half: at(memory.slice(Math.floor(memory.length * 0.45), Math.ceil(memory.length * 0.55)), 0.5),
      last_tenth: at(memory.slice(-Math.ceil(memory.length / 10)), 0.5),
      peak: Math.max(...memory),
    },
  };
}

const folder = prepare();
const queries = questionsAbout(folder, Number(options.questions));
const print = (name: string, figures: unknown): void =>
  void process.stdout.write(`${JSON.stringify({ [name]: figures }, undefined, 2)}\n`);

print("machine", { node: process.version, cores: cpus().length, users, durability: "survives power loss" });
if (!options.endurance) await shortly();
if (Number(options.minutes) > 0) print("endurance", await endurance(folder, queries));

async function loadWhileWriting({ url }: Server) {
  const agents = write([url], 4);
  const reads = await load({ url, seconds, queries });
  return { reads, writes: summary(await agents.stop()) };
}

async function shortly(): Promise<void> {
  const started = performance.now();
  const server = await start(folder);
  print("start_ms", Math.round(performance.now() - started));
  print("one_user_each_question_once", await unknown(server.url, queries));
  print("all_users_as_fast_as_answered", await load({ url: server.url, seconds, queries }));
  print("all_users_every_five_seconds", await load({ url: server.url, seconds, rate: users / 5, queries }));
  const writing = write([server.url], 4);
  print(
    "the_same_while_four_agents_write",
    await load({ url: server.url, seconds, rate: users / 5, queries }),
  );
  print("their_writes", summary(await writing.stop()));
  print("as_fast_while_four_agents_write", await loadWhileWriting(server));
  print("memory_mb", rssMb(server));
  print("exit_code", await stop(server));
  print("one_of_two_servers_killed", await killed(folder, queries));
}

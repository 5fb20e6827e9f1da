/** The program as a user runs it: every command, what it prints where, and how it ends. */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import {
  binary,
  cleanEnvironment,
  type Finished,
  momo,
  project,
  repository,
  run,
  shop,
  temporaryFolder,
} from "./momo-process.ts";

const json = ({ stdout, code, stderr }: Finished) => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const jsonLines = ({ stdout }: Finished) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** Failed with one line on standard error and nothing on standard output. */
function expectFailure({ code, stdout, stderr }: Finished, exit: 1 | 2, message: RegExp | string): void {
  expect(stderr).toMatch(/^momo: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
}

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  for (const flag of ["--version", "-v"])
    expect(await momo([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("help is on standard output, for all and for each command", async () => {
  const help = await momo(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("search, query");
  expect(await momo([])).toEqual(help);
  const search = await momo(["search", "--help"]);
  expect(search.stdout).toContain("--path-glob GLOB");
  expect(await momo(["help", "query"])).toEqual(search);
});

test("the first search indexes, then answers; nobody watching, nothing is on standard error", async () => {
  const cwd = project();
  const first = await momo(["search", "wait longer after a failed attempt"], { cwd });
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(/^src\/retry\.ts:\d+(-\d+)? {2}/);
  expect(first.stdout).toContain("indexed first: 5 files");
  const second = await momo(["query", "RetryPolicy"], { cwd });
  expect(second.stdout).toMatch(/^src\/retry\.ts:/);
  expect(second.stdout).not.toContain("indexed first");
  expect(readFileSync(join(cwd, ".momo", ".gitignore"), "utf8")).toBe("*\n");
});

test("--json prints one document with results in order", async () => {
  const cwd = project();
  const answer = json(await momo(["search", "shopping cart price", "--json", "--limit", "3"], { cwd }));
  expect(answer).toMatchObject({ query: "shopping cart price", kind: "words", coverage: { files: 5 } });
  expect(answer.took_ms).toBeGreaterThan(0);
  expect(answer.results.length).toBeGreaterThan(0);
  expect(answer.results.length).toBeLessThanOrEqual(3);
  const scores = answer.results.map(({ score }: { score: number }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const score of scores) expect(score).toBeGreaterThanOrEqual(0);
  expect(scores[0]).toBeLessThanOrEqual(1);
  for (const { path, content, start_line, end_line } of answer.results) {
    const lines = shop[path].split("\n").slice(start_line - 1, end_line);
    expect(content.trimEnd()).toBe(lines.join("\n").trimEnd());
  }
});

test("--queries answers each line of a file or of standard input, in order", async () => {
  const cwd = project({ ...shop, ".gitignore": "queries.txt" });
  const queries = ["RetryPolicy", "monthly report", 'price of "every" order', "zzqx"];
  writeFileSync(join(cwd, "queries.txt"), `${queries.join("\r\n")}\r\n\r\n`);
  const fromFile = jsonLines(await momo(["search", "--queries", "queries.txt", "--json"], { cwd }));
  expect(fromFile.map(({ query }) => query)).toEqual(queries);
  for (const line of fromFile) expect(Object.keys(line)).toEqual(["query", "took_ms", "results"]);
  expect(fromFile[0].results[0].path).toBe("src/retry.ts");
  expect(fromFile[3].results).toEqual([]);
  const input = `${queries.join("\n")}\n`;
  const fromInput = jsonLines(await momo(["search", "--queries", "-", ".", "--json"], { cwd, input }));
  const paths = (lines: { results: { path: string }[] }[]) =>
    lines.map(({ results }) => results.map((r) => r.path));
  expect(paths(fromInput)).toEqual(paths(fromFile));
  const people = await momo(["search", "--queries", "-"], { cwd, input: "RetryPolicy\nzzqx\n" });
  expect(people.stdout).toMatch(/^RetryPolicy\n\nsrc\/retry\.ts:/);
  expect(people.stdout).toContain("zzqx\n\nNo results for “zzqx” in 5 files");
});

test("filters limit what is found", async () => {
  const cwd = project();
  const paths = async (...args: string[]): Promise<string[]> => {
    const { results } = json(await momo(["search", "price report cart", "--json", ...args], { cwd }));
    return [...new Set<string>(results.map(({ path }: { path: string }) => path))].sort();
  };
  expect((await paths()).length).toBeGreaterThan(2);
  expect(await paths("--language", "py")).toEqual(["tools/report.py"]);
  expect(await paths("-l", "python,go")).toEqual(["server/main.go", "tools/report.py"]);
  expect(await paths("--dir", "./tools/")).toEqual(["tools/report.py"]);
  expect(await paths("--path-glob", "src/*.ts")).toEqual(["src/cart.ts"]);
  expect(await paths("--type", "interface")).toEqual(["src/cart.ts"]);
});

test("a folder of an indexed one is searched with that index; paths start at the folder searched", async () => {
  const cwd = project();
  json(await momo(["ingest", "--json"], { cwd }));
  const answer = json(await momo(["search", "price", "src", "--json"], { cwd }));
  expect(answer.results.map(({ path }: { path: string }) => path)).toEqual(["cart.ts"]);
  expect(answer.inside).toBe("src");
  const { stdout } = await momo(["search", "price"], { cwd: join(cwd, "src") });
  expect(stdout).toMatch(/^cart\.ts:/);
  expect(stdout).toContain("limited to src in the index of ");
  expect((await momo(["search", "price", "src"], { cwd })).stdout).toMatch(/^src\/cart\.ts:/);
  expect(existsSync(join(cwd, "src", ".momo"))).toBe(false);
});

test("--home and MOMO_HOME keep the data elsewhere", async () => {
  const cwd = project();
  const home = join(temporaryFolder(), "home");
  json(await momo(["ingest", ".", "--home", home, "--json"], { cwd }));
  const found = json(await momo(["search", "RetryPolicy", "--path", ".", "--home", home, "--json"], { cwd }));
  expect(found.results[0].path).toBe("src/retry.ts");
  expect(json(await momo(["status", "--json"], { cwd, env: { MOMO_HOME: home } }))).toMatchObject({
    files: 5,
    home,
  });
  expect(
    json(await momo(["search", "price", "src", "--home", home, "--json"], { cwd })).results[0].path,
  ).toBe("cart.ts");
  expect(existsSync(join(cwd, ".momo"))).toBe(false);
  const other = project({});
  expectFailure(await momo(["search", "x", ".", "--home", home], { cwd: other }), 2, "is about");
  const { stdout } = await momo(["search", "RetryPolicy", "--home", home], { cwd: other });
  expect(stdout).toContain(`${realpathSync(cwd)}/src/retry.ts:`);
  writeFileSync(join(cwd, "src/cart.ts"), "export const one = 1;\n");
  expect(json(await momo(["ingest", "--home", home, "--json"], { cwd: other }))).toMatchObject({
    updated: 1,
    removed: 0,
  });
});

test("nothing found is said, and is no failure", async () => {
  const cwd = project();
  const { code, stdout } = await momo(["search", "zzqx", "--language", "go"], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^No results for “zzqx” in 5 files \(\d+ chunks?\), limited to language go\. Try without/,
  );
  const empty = temporaryFolder();
  expect((await momo(["search", "x"], { cwd: empty })).stdout).toMatch(/^Nothing to search in \./);
});

test("without an index, --no-index, status and history fail and make nothing", async () => {
  const cwd = project();
  for (const args of [["search", "x", "--no-index"], ["status"], ["history"]]) {
    expectFailure(await momo(args, { cwd }), 1, "is not indexed yet: run momo ingest");
    expect(existsSync(join(cwd, ".momo"))).toBe(false);
  }
});

test("ingest applies what changed", async () => {
  const cwd = project();
  const ingest = async (...args: string[]) => json(await momo(["ingest", ...args, "--json"], { cwd }));
  const first = await ingest();
  expect(first).toMatchObject({
    total_files: 5,
    successful_files: 5,
    failed_files: 0,
    created: 5,
    updated: 0,
  });
  expect(first.total_entities).toBeGreaterThan(5);
  expect(await ingest()).toMatchObject({ created: 0, updated: 0, removed: 0, unchanged: 5 });
  writeFileSync(join(cwd, "src/cart.ts"), `${shop["src/cart.ts"]}export const currency = "EUR";\n`);
  rmSync(join(cwd, "server"), { recursive: true });
  expect(await ingest()).toMatchObject({ created: 0, updated: 1, removed: 1, unchanged: 3 });
  expect(json(await momo(["search", "currency", "--json"], { cwd })).results[0].path).toBe("src/cart.ts");
});

test("ingest of a folder or a file of an indexed one leaves the rest alone", async () => {
  const cwd = project();
  json(await momo(["ingest", "--json"], { cwd }));
  writeFileSync(join(cwd, "src/cart.ts"), "export const one = 1;\n");
  writeFileSync(join(cwd, "tools/report.py"), "two = 2\n");
  expect(json(await momo(["ingest", "src", "--json"], { cwd }))).toMatchObject({ updated: 1, removed: 0 });
  expect(json(await momo(["ingest", "tools/report.py", "--json"], { cwd }))).toMatchObject({
    updated: 1,
    removed: 0,
  });
  expect(json(await momo(["status", "--json"], { cwd })).files).toBe(5);
});

test("patterns and ignores choose files; --verbose says what was left out", async () => {
  const cwd = project({ ...shop, "logo.py": "\0\0binary" });
  const { stdout, code } = await momo(["ingest", "-p", "*.py", "--pattern", "*.ts", "-i", "cart.ts", "-v"], {
    cwd,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/Files +2 of \d/);
  expect(stdout).toContain("logo.py");
});

test("status and history say what there is", async () => {
  const cwd = project();
  json(await momo(["ingest", "--json"], { cwd }));
  const status = json(await momo(["stats", "--json"], { cwd }));
  expect(status).toMatchObject({ files: 5, stale_files: 0, languages: { typescript: { files: 2 } } });
  const text = (await momo(["status"], { cwd })).stdout;
  expect(text).toMatch(/^Root +\S+/);
  expect(text).toMatch(/typescript +2 files/);
  const { transactions } = json(await momo(["history", "--json"], { cwd }));
  expect(transactions).toHaveLength(1);
  expect(transactions[0]).toMatchObject({ agent: "indexer", kind: "index", created: 5, removed: 0 });
  expect((await momo(["history"], { cwd })).stdout).toMatch(/^#1 .+ UTC +indexer +\+5/);
  expect(json(await momo(["history", "--agent", "nobody", "--json"], { cwd }))).toEqual({ transactions: [] });
  expectFailure(await momo(["history", "--since", "yesterday"], { cwd }), 2, "--since");
});

test("config lists, gets, sets and unsets; what is refused changes nothing", async () => {
  const cwd = project();
  const file = join(cwd, ".momo", "config.json");
  expect((await momo(["config"], { cwd })).stdout).toMatch(/max_file_size_mb +10 +default/);
  expect(existsSync(join(cwd, ".momo"))).toBe(false);
  await momo(["config", "set", "max_file_size_mb", "2"], { cwd });
  expect((await momo(["config", "get", "max_file_size_mb"], { cwd })).stdout).toBe("2\n");
  expect(readFileSync(join(cwd, ".momo", ".gitignore"), "utf8")).toBe("*\n");
  const kept = readFileSync(file, "utf8");
  expectFailure(await momo(["config", "set", "max_file_size_mb", "huge"], { cwd }), 2, "max_file_size_mb");
  expectFailure(
    await momo(["config", "set", "max_file_size", "1"], { cwd }),
    2,
    "did you mean max_file_size_mb",
  );
  expectFailure(await momo(["config", "get", "nothing"], { cwd }), 2, "nothing");
  expectFailure(await momo(["config", "get"], { cwd }), 2, "KEY is missing: usage: momo config get KEY");
  expectFailure(await momo(["config", "list", "x"], { cwd }), 2, 'unexpected argument "x"');
  expectFailure(await momo(["config"], { cwd, env: { MOMO_WORKERS: "many" } }), 2, "MOMO_WORKERS");
  expect(readFileSync(file, "utf8")).toBe(kept);
  const { settings } = json(await momo(["config", "unset", "max_file_size_mb", "--json"], { cwd }));
  expect(settings).toMatchObject([{ key: "max_file_size_mb", value: 10, source: "default" }]);
});

test("a bad setting stops an ingest before it begins", async () => {
  const cwd = project();
  mkdirSync(join(cwd, ".momo"));
  writeFileSync(join(cwd, ".momo", "config.json"), '{"workers": "many"}');
  expectFailure(await momo(["ingest"], { cwd }), 2, /workers .+config\.json/);
});

test("doctor approves of this machine, and not of a damaged knowledge base", async () => {
  const cwd = project();
  const before = json(await momo(["doctor", "--json"], { cwd }));
  expect(before.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
    ["Node", true],
    ["SQLite", true],
    ["grammars", true],
    ["git", true],
    ["home", true],
    ["knowledge base", true],
  ]);
  json(await momo(["ingest", "--json"], { cwd }));
  expect((await momo(["doctor"], { cwd })).stdout).toContain("Everything works.");
  const database = new DatabaseSync(join(cwd, ".momo", "momo.db"));
  database.exec("DELETE FROM head");
  database.close();
  const after = await momo(["doctor", "--json"], { cwd });
  expect(after.code).toBe(1);
  expect(JSON.parse(after.stdout)).toMatchObject({ ok: false });
});

test.each([
  [["serach", "x"], "unknown command serach: did you mean search?"],
  [["search"], "QUERY is missing"],
  [["search", "  "], "the query is empty"],
  [["search", "x", "--limt", "5"], "unknown option --limt: did you mean --limit?"],
  [["search", "x", "--limit", "0"], '--limit cannot be "0": give a whole number from 1 to 100'],
  [["search", "x", "--type", "klass"], "did you mean class?"],
  [["search", "x", "--language", "klingon"], '--language cannot be "klingon": give one of python, '],
  [["search", "x", "--dir", "nowhere"], "nowhere does not exist"],
  [["search", "x", "--dir", "README.md"], "README.md is a file"],
  [["search", "x", "--dir", ".."], "name a folder of"],
  [["search", "x", "README.md"], "README.md is a file: name the folder it lies in"],
  [["search", "how", "retries"], 'quote it: momo search "how retries"'],
  [
    ["search", "how", "do", "retries", "work"],
    'put quotes around a query of several words: momo search "how do retries work"',
  ],
  [["search", "--queries", "none.txt"], "none.txt does not exist"],
  [["search", "--queries", "src"], "src is a folder"],
  [["search", "x", "--path-glob", "[z-a"], "is not a glob"],
  [["ingest", "nowhere"], "nowhere does not exist"],
  [["status", "a", "b"], 'unexpected argument "b": usage: momo status [PATH] [options]'],
  [["config", "sett"], "did you mean set?"],
  [["completion"], "SHELL is missing"],
  [["completion", "fihs"], "did you mean fish?"],
])("wrong usage: momo %j", async (args, message) => {
  const cwd = project();
  expectFailure(await momo(args, { cwd }), 2, message);
  expect(existsSync(join(cwd, ".momo"))).toBe(false);
});

/** A home that Momo must not touch, and the error it must give. */
const foreignHomes: Record<string, { make: (home: string) => void; message: RegExp }> = {
  "a file in place of the folder": {
    make: (home) => writeFileSync(home, "mine"),
    message: /\.momo/,
  },
  "a text in place of the database": {
    make: (home) => {
      mkdirSync(home);
      writeFileSync(join(home, "momo.db"), "these are notes, not a database\n".repeat(200));
    },
    message: /is not a Momo knowledge base|is damaged/,
  },
  "another program's database": {
    make: (home) => {
      mkdirSync(home);
      const database = new DatabaseSync(join(home, "momo.db"));
      database.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
      database.close();
    },
    message: /is not a Momo knowledge base/,
  },
};

test.each(Object.entries(foreignHomes))("%s is refused and left as it is", async (_, { make, message }) => {
  const cwd = project();
  const home = join(cwd, ".momo");
  make(home);
  const content = () =>
    existsSync(join(home, "momo.db"))
      ? readdirSync(home).map((name) => readFileSync(join(home, name)))
      : readFileSync(home);
  const before = content();
  for (const args of [["search", "x"], ["ingest"]]) {
    const { code, stderr, stdout } = await momo(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^momo: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  }
  expect(content()).toEqual(before);
});

test("colour only where it is wanted", async () => {
  const cwd = project();
  const search = (env: Record<string, string>) => momo(["search", "RetryPolicy"], { cwd, env });
  expect((await search({})).stdout).not.toContain("\x1b");
  expect((await search({ FORCE_COLOR: "1" })).stdout).toContain("\x1b[33mRetryPolicy\x1b[0m");
  expect((await search({ FORCE_COLOR: "1", NO_COLOR: "1" })).stdout).not.toContain("\x1b");
  await momo(["config", "set", "color", "always"], { cwd });
  expect((await search({})).stdout).toContain("\x1b[");
  expect((await momo(["search", "RetryPolicy", "--json"], { cwd })).stdout).not.toContain("\x1b");
});

test("completion for bash completes commands, options and choices", async () => {
  const { stdout: script } = await momo(["completion", "bash"]);
  expect(await run(["bash", "-n"], { input: script })).toMatchObject({ code: 0, stderr: "" });
  const complete = async (...words: string[]): Promise<string[]> => {
    const call = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _momo; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run(["bash"], { input: `${script}\n${call}\n` });
    return stdout.split("\n").filter(Boolean);
  };
  expect(await complete("momo", "sea")).toEqual(["search"]);
  expect(await complete("momo", "search", "--li")).toEqual(["--limit"]);
  expect(await complete("momo", "query", "-t", "me")).toEqual(["method"]);
  expect(await complete("momo", "config", "un")).toContain("unset");
});

for (const shell of ["zsh", "fish"]) {
  const installed = existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`);
  test.skipIf(!installed)(`completion for ${shell} parses (needs ${shell})`, async () => {
    const script = join(temporaryFolder(), "momo");
    writeFileSync(script, (await momo(["completion", shell])).stdout);
    expect(await run([shell, "-n", script])).toMatchObject({ code: 0, stderr: "" });
  });
}

test("a reader that goes away ends the command without a word", async () => {
  const cwd = project();
  const input = "price of an order\n".repeat(2000);
  const pipe = `"${process.execPath}" "${binary}" search --queries - --json | head -n 1; echo "\${PIPESTATUS[0]}" >&2`;
  const { stdout, stderr } = await run(["bash", "-c", pipe], { cwd, input });
  expect(JSON.parse(stdout).query).toBe("price of an order");
  expect(stderr).toBe("0\n");
});

/** Files of ours, and packages, that a command loads. */
async function loadedBy(args: readonly string[], cwd: string): Promise<string[]> {
  const trace = `import { registerHooks } from "node:module"; import { writeSync } from "node:fs";
    registerHooks({ load(url, context, next) { writeSync(2, "loaded " + url + "\\n"); return next(url, context); } });`;
  const argv = ["--import", `data:text/javascript,${encodeURIComponent(trace)}`, binary, ...args];
  const { stderr } = await run([process.execPath, ...argv], { cwd });
  return [...stderr.matchAll(/^loaded file:.*?\/(?:dist|node_modules)\/(.+)$/gm)].map(([, path]) => path);
}

test("a command loads what it needs and no more: start-up is most of a search", async () => {
  const cwd = project();
  json(await momo(["ingest", "--json"], { cwd }));
  const version = await loadedBy(["--version"], cwd);
  expect(version).toContain("cli/main.js");
  expect(version.filter((path) => !/^(?:cli|commands|errors|model\/nearest)\b/.test(path))).toEqual([]);
  const search = await loadedBy(["search", "price", "--json"], cwd);
  expect(search).toContain("retrieve/search.js");
  const needless =
    /^(?:ingest\/|zod|web-tree-sitter|cli\/(?:format|help|completion|table)|commands\/(?:ingest|status|config|doctor|history|rollback|take-back)|rollback\/)/;
  expect(search.filter((path) => needless.test(path))).toEqual([]);
});

test("an interrupt ends with 130, also between answers that are written without waiting", async () => {
  const cwd = project();
  const output = join(temporaryFolder(), "answers.jsonl");
  const file = openSync(output, "w");
  const child = spawn(process.execPath, [binary, "search", "--queries", "-", "--json"], {
    cwd,
    env: cleanEnvironment(),
    stdio: ["pipe", file, "inherit"],
  });
  closeSync(file);
  child.stdin?.on("error", () => undefined);
  child.stdin?.end("price of an order\n".repeat(50_000));
  const ended = new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(code ?? signal));
  });
  while (statSync(output).size === 0 && child.exitCode === null)
    await new Promise((next) => setTimeout(next, 5));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

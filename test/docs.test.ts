/** The documentation, executed: generated pages are current, names that it uses exist, commands that it shows run. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { referencePages } from "../scripts/reference.ts";
import { flagOf } from "../src/commands/command.ts";
import { allCommands } from "../src/commands/index.ts";
import { settingKeys } from "../src/config/settings.ts";
import { errorCodes } from "../src/errors.ts";
import { binary, type Finished, ownSources, repository, run, temporaryFolder } from "./momo-process.ts";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");
const commands = await allCommands();
const pages = await referencePages();

const documents = [
  ...readdirSync(repository).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`),
];

test.each(Object.entries(pages))(
  "docs/reference/%s is what the tables say (npm run reference)",
  (name, page) => {
    expect(read(`docs/reference/${name}`)).toBe(page);
  },
);

test("every command, option, setting and error has its place in the reference", () => {
  for (const command of commands) {
    expect(pages["commands.md"]).toContain(`## momo ${command.name}\n`);
    for (const option of Object.keys(command.options)) expect(pages["commands.md"]).toContain(flagOf(option));
  }
  for (const key of settingKeys) expect(pages["config.md"]).toContain(`| \`${key}\` |`);
  for (const code of errorCodes) expect(pages["errors.md"]).toContain(`| \`${code}\` |`);
});

test("every error of the table is raised somewhere", () => {
  const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && name !== "errors.ts")
    .map((name) => read(join("src", name)))
    .join("\n");
  expect(errorCodes.filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});

test("README.md names every command", () => {
  for (const { name } of commands) expect(read("README.md")).toContain(`momo ${name}`);
});

test("links between the documents lead somewhere", () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target)
      .filter((target) => !existsSync(join(repository, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("files that ARCHITECTURE.md and CONTRIBUTING.md name exist", () => {
  const missing = ["ARCHITECTURE.md", "CONTRIBUTING.md"].flatMap((document) =>
    [...read(document).matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|js|json|mjs))`/g)]
      .map(([, path]) => path)
      .filter(
        (path) =>
          path !== "config.json" && ![path, `src/${path}`].some((at) => existsSync(join(repository, at))),
      )
      .map((path) => `${document}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test("ARCHITECTURE.md stays short", () => {
  expect(read("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(250);
});

test("the changelog knows this version", () => {
  expect(read("CHANGELOG.md")).toContain(`## ${JSON.parse(read("package.json")).version}`);
});

/** Runs a line of a shell with `momo` as the real program, for the user ann. */
function inShell(line: string, cwd: string): Promise<Finished> {
  const define = `momo() { "${process.execPath}" "${binary}" "$@"; }`;
  return run(["bash", "-c", `${define}\n${line}`], { cwd, env: { USER: "ann" } });
}

/** The same where it must succeed; returns what it prints. */
async function shell(line: string, cwd: string): Promise<string> {
  const { code, stderr, stdout } = await inShell(line, cwd);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" });
  return stdout;
}

interface Shown {
  command: string;
  /** What the document says it prints; empty where it does not say. */
  output: string[];
}

/** What a reader would type, from the shell blocks of a document. */
function shownCommands(document: string): Shown[] {
  const shown: Shown[] = [];
  for (const [, block] of read(document).matchAll(/```(?:sh|console)\n([\s\S]*?)```/g)) {
    let current: Shown | undefined;
    for (const line of block.trimEnd().split("\n")) {
      if (line.startsWith("$ ") || line.startsWith("momo ")) {
        current = { command: line.replace(/^\$ /, ""), output: [] };
        shown.push(current);
      } else current?.output.push(line);
    }
  }
  return shown;
}

test("the commands that README.md shows run, one after the other, and find the files it shows", async () => {
  const cwd = ownSources();
  // Servers run until they are told to stop; test/serve.test.ts and test/mcp.test.ts start them.
  const shown = shownCommands("README.md").filter(
    ({ command }) => !/^momo (serve|mcp)\b(?! install| tools)/.test(command),
  );
  expect(shown.length).toBeGreaterThan(8);
  for (const { command, output } of shown) {
    const printed = await shell(command, cwd);
    const places = output.flatMap((line) => /^(\S+?):\d/.exec(line)?.[1] ?? []);
    for (const place of places) expect(printed, command).toContain(`${place}:`);
  }
});

test("docs/embeddings.md: its commands run one after the other, without a network", async () => {
  const cwd = ownSources();
  const shown = shownCommands("docs/embeddings.md");
  expect(shown.length).toBeGreaterThan(6);
  for (const { command } of shown) {
    const printed = await shell(command, cwd);
    expect(printed, command).not.toBe("");
    if (command.includes("--explain")) expect(printed).toMatch(/^ +vectors /m);
  }
}, 180_000);

/** What differs from run to run: times, ages, hashes, speeds. */
const volatile: readonly [RegExp, string][] = [
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "TIME"],
  [/just now|\d+ minutes? ago/g, "AGO"],
  [/\bmomo_\w{12}_\w{27}_\w{6}\b/g, "KEY"],
  [/^\w{12}(?= {2})|(?<=key:)\w{12}\b/gm, "ID"],
  [/\blocal:\S+/g, "local:USER"],
  [/\b[0-9a-f]{16,}\b/g, "HASH"],
  [/[\d.,]+ (?:ms|s|min|h)\b(?: \d+ (?:min|s)\b)?/g, "DURATION"],
];

const linesOf = (text: string): string[] =>
  volatile.reduce((said, [pattern, name]) => said.replace(pattern, name), text.trimEnd()).split("\n");

/** The first line that is shown and not printed, in order; a line `…` stands for what is left out. */
function missingLine(shown: readonly string[], printed: readonly string[]): string | undefined {
  let at = 0;
  return shown.find((line) => {
    if (line === "…") return false;
    at = printed.indexOf(line, at) + 1;
    return at === 0;
  });
}

test.each([
  ["docs/rollback.md", 40],
  ["docs/context-for-agents.md", 4],
  ["docs/renames.md", 8],
  ["docs/mcp.md", 8],
  ["docs/security.md", 6],
])(
  "%s: its commands run one after the other and print what it shows",
  async (document, least) => {
    const cwd = temporaryFolder();
    const shown = shownCommands(document);
    expect(shown.length).toBeGreaterThan(least);
    for (const { command, output } of shown) {
      const [, expected = "0"] = /^\(exit code (\d)\)$/.exec(output.at(-1) ?? "") ?? [];
      const lines = expected === "0" ? output : output.slice(0, -1);
      const { code, stdout, stderr } = await inShell(command, cwd);
      expect({ command, code: String(code), stderr: code === 0 ? stderr : "" }).toEqual({
        command,
        code: expected,
        stderr: "",
      });
      const printed = linesOf(stdout + stderr);
      const wanted = linesOf(lines.join("\n"));
      if (wanted.includes("…")) expect(missingLine(wanted, printed), command).toBeUndefined();
      else expect({ command, printed }).toEqual({ command, printed: wanted });
    }
  },
  180_000,
);

test("the examples of every command run", async () => {
  const cwd = ownSources();
  writeFileSync(join(cwd, "queries.txt"), "exit codes\nhash chain\n");
  writeFileSync(
    join(cwd, "operations.json"),
    '[{"op":"put","id":"notes/b","content":"Freeze on Thursdays"}]',
  );
  // Servers run until they are told to stop; test/serve.test.ts and test/mcp.test.ts start them.
  const ending = commands.filter(({ name }) => name !== "serve" && name !== "mcp");
  const examples = ending.flatMap((command) => command.examples.map((example) => example.command));
  const isConversion = (line: string): boolean => line === "momo audit encrypt";
  for (const line of ["momo ingest", ...examples.filter((one) => !isConversion(one))]) await shell(line, cwd);
  // Last, because everything after it needs the key; and nobody can be asked here.
  const key = "0123456789abcdef".repeat(4);
  for (const line of examples.filter(isConversion))
    await shell(`MOMO_ENCRYPTION_KEY=${key} ${line} --yes`, cwd);
});

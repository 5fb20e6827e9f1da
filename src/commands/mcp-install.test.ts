import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CommandContext } from "./command.ts";
import { clientNames, mcpClients } from "./mcp-clients.ts";
import { type InstallAnswer, install } from "./mcp-install.ts";

interface World {
  context: CommandContext;
  user: string;
  root: string;
}

function world(more: Partial<CommandContext> = {}): World {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "momo-install-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [user, root] = [join(folder, "user"), join(folder, "project")];
  for (const one of [user, root]) mkdirSync(one);
  const context: CommandContext = {
    cwd: root,
    env: { HOME: user, PATH: "" },
    open: () => Promise.reject(new Error("nothing is opened")),
    readInput: async () => "",
    ...more,
  };
  return { context, user, root };
}

const yes = { print: false, yes: true } as const;
const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

test.each(clientNames)("%s: written, found again, and written no second time", async (client) => {
  const { context, root, user } = world();
  const shown = await install(context, { client, root, print: true, yes: false });
  expect(shown.outcome).toBe("shown");
  expect(existsSync(shown.file)).toBe(false);
  expect([root, user].some((folder) => shown.file.startsWith(folder))).toBe(true);
  const written = await install(context, { client, root, ...yes });
  expect(written).toMatchObject({ outcome: "written", file: shown.file });
  expect(written).not.toHaveProperty("backup");
  const text = readFileSync(shown.file, "utf8");
  expect(text).toContain(mcpClients[client].table);
  expect(text).toContain("bin/momo.js");
  expect(await install(context, { client, root, ...yes })).toMatchObject({ outcome: "already" });
  expect(readFileSync(shown.file, "utf8")).toBe(text);
});

test("what else is in a file stays, with its indentation, and a copy of it beside", async () => {
  const { context, root } = world();
  const file = join(root, ".mcp.json");
  const before =
    '{\n\t"mcpServers": {\n\t\t"other": { "command": "x", "args": [] }\n\t},\n\t"more": [1, 2]\n}\n';
  writeFileSync(file, before);
  const { backup } = (await install(context, { client: "claude-code", root, ...yes })) as InstallAnswer;
  expect(readFileSync(backup!, "utf8")).toBe(before);
  expect(json(file)).toMatchObject({
    mcpServers: {
      other: { command: "x", args: [] },
      momo: { type: "stdio", args: expect.arrayContaining(["mcp"]) },
    },
    more: [1, 2],
  });
  expect(readFileSync(file, "utf8")).toContain('\n\t"more"');
});

test("a file that is not plain JSON stays as it is, and the entry is shown", async () => {
  const { context, root } = world();
  const file = join(root, ".vscode", "mcp.json");
  mkdirSync(dirname(file));
  for (const text of [
    '{ // mine\n "servers": {} }',
    "[]",
    '{"servers": []}',
    "{",
    Buffer.from([0xff, 0xfe, 0x7b]),
  ]) {
    writeFileSync(file, text);
    const asked = install(context, { client: "vscode", root, ...yes });
    await expect(asked).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
    expect(readFileSync(file)).toEqual(Buffer.from(text as string));
    expect(existsSync(`${file}.before-momo`)).toBe(false);
  }
});

test("an empty file is as good as none", async () => {
  const { context, root } = world();
  writeFileSync(join(root, ".mcp.json"), "\ufeff\n");
  expect(await install(context, { client: "claude-code", root, ...yes })).toMatchObject({
    outcome: "written",
  });
});

test("TOML: a table is added at the end, or replaced where it is; comments and other tables stay", async () => {
  const { context, root, user } = world();
  const file = join(user, ".codex", "config.toml");
  mkdirSync(dirname(file));
  const before = '# mine\nmodel = "o"\n\n[mcp_servers.other]\ncommand = "x" # keep\n';
  writeFileSync(file, before);
  await install(context, { client: "codex", root, ...yes });
  const added = readFileSync(file, "utf8");
  expect(added.startsWith(before)).toBe(true);
  expect(added).toContain("\n[mcp_servers.momo]\ncommand = ");
  const old =
    '[mcp_servers.momo]\ncommand = "old"\nargs = ["a"]\nstartup_timeout_sec = 30\n\n[tail]\nx = 1\n';
  writeFileSync(file, `${before}\n${old}`);
  await install(context, { client: "codex", root, ...yes });
  const replaced = readFileSync(file, "utf8");
  expect(replaced).not.toContain('"old"');
  expect(replaced).toContain("startup_timeout_sec = 30");
  expect(replaced).toContain("\n\n[tail]\nx = 1\n");
  expect(replaced.match(/\[mcp_servers\.momo\]/g)).toHaveLength(1);
  for (const text of [
    "mcp_servers = { other = { command = 'x' } }\n",
    'x = """\n[mcp_servers.momo]\n"""\n',
  ]) {
    writeFileSync(file, text);
    await expect(install(context, { client: "codex", root, ...yes })).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  }
});

test("nothing is written without a yes", async () => {
  const shown: unknown[] = [];
  const asking = (answer: boolean): World =>
    world({ show: async (one) => void shown.push(one), confirm: async () => answer });
  const no = asking(false);
  expect(
    await install(no.context, { client: "cursor", root: no.root, print: false, yes: false }),
  ).toMatchObject({
    outcome: "declined",
  });
  expect(existsSync(join(no.root, ".cursor"))).toBe(false);
  expect(shown).toMatchObject([{ outcome: "shown" }]);
  const agreed = asking(true);
  await install(agreed.context, { client: "cursor", root: agreed.root, print: false, yes: false });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Cursor puts the folder in its place
  expect(readFileSync(join(agreed.root, ".cursor", "mcp.json"), "utf8")).toContain("${workspaceFolder}");
  const nobody = world();
  const asked = install(nobody.context, { client: "cursor", root: nobody.root, print: false, yes: false });
  await expect(asked).rejects.toMatchObject({ code: "INSTALL_UNCONFIRMED" });
});

test("a link stays a link, and what it leads to is changed", async () => {
  const { context, root, user } = world();
  const real = join(user, "dotfiles.json");
  writeFileSync(real, "{}");
  symlinkSync(real, join(root, ".mcp.json"));
  await install(context, { client: "claude-code", root, ...yes });
  expect(lstatSync(join(root, ".mcp.json")).isSymbolicLink()).toBe(true);
  expect(json(real)).toHaveProperty("mcpServers.momo");
});

test("a shared file names the program where it is on the PATH; a file of the user names this installation", async () => {
  const { context, root, user } = world();
  const program = join(user, process.platform === "win32" ? "momo.cmd" : "momo");
  writeFileSync(program, "");
  const onPath = { ...context, env: { ...context.env, PATH: user } };
  await install(onPath, { client: "claude-code", root, ...yes });
  expect(json(join(root, ".mcp.json"))).toEqual({
    mcpServers: { momo: { type: "stdio", command: "momo", args: ["mcp"] } },
  });
  await install(onPath, { client: "windsurf", root, ...yes });
  expect(json(join(user, ".codeium", "windsurf", "mcp_config.json"))).toMatchObject({
    mcpServers: {
      momo: { command: process.execPath, args: [expect.stringContaining("momo.js"), "mcp", root] },
    },
  });
});

test("files lie where each system's clients look", () => {
  const places = { root: "/p", user: "/u", env: { APPDATA: "/roaming" } } as const;
  const on = (platform: NodeJS.Platform, client: (typeof clientNames)[number]): string =>
    mcpClients[client].file({ ...places, platform }).replaceAll("\\", "/");
  expect(on("darwin", "claude-desktop")).toBe(
    "/u/Library/Application Support/Claude/claude_desktop_config.json",
  );
  expect(on("win32", "claude-desktop")).toBe("/roaming/Claude/claude_desktop_config.json");
  expect(on("linux", "claude-desktop")).toBe("/u/.config/Claude/claude_desktop_config.json");
  expect(on("darwin", "zed")).toBe("/u/.config/zed/settings.json");
  expect(on("win32", "zed")).toBe("/roaming/Zed/settings.json");
  expect(on("linux", "gemini-cli")).toBe("/p/.gemini/settings.json");
});

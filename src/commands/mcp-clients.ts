/**
 * Where each MCP client keeps its servers, and in which form: a table. Files of the project can be shared with a team,
 * files of the user name this machine. Used by mcp-install.ts.
 */
import { join } from "node:path";

export const clientNames = [
  "claude-code",
  "claude-desktop",
  "cursor",
  "vscode",
  "codex",
  "gemini-cli",
  "zed",
  "windsurf",
] as const;
export type ClientName = (typeof clientNames)[number];

export interface ClientPlaces {
  root: string;
  user: string;
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
}

/** How a client starts a server. */
export interface Launch {
  command: string;
  args: string[];
}

export interface McpClient {
  file(places: ClientPlaces): string;
  format: "json" | "toml";
  /** Name of the table of servers in the file. */
  table: string;
  /** `project`: lies in the project. `user`: one for all projects. */
  scope: "project" | "user";
  /** How the entry names the project, where the client starts servers in some other folder. */
  root?: (root: string) => string;
  entry(launch: Launch): Record<string, unknown>;
  /** What is to be done afterwards. */
  next: string;
}

const plain = ({ command, args }: Launch): Record<string, unknown> => ({ command, args });
const stdio = ({ command, args }: Launch): Record<string, unknown> => ({ type: "stdio", command, args });

function settingsFolder({ user, platform, env }: ClientPlaces): string {
  if (platform === "win32") return env.APPDATA ?? join(user, "AppData", "Roaming");
  if (platform === "darwin") return join(user, "Library", "Application Support");
  return env.XDG_CONFIG_HOME ?? join(user, ".config");
}

export const mcpClients: Readonly<Record<ClientName, McpClient>> = {
  "claude-code": {
    file: ({ root }) => join(root, ".mcp.json"),
    format: "json",
    table: "mcpServers",
    scope: "project",
    entry: stdio,
    next: "start claude in the project and approve the server; /mcp lists it",
  },
  "claude-desktop": {
    file: (places) => join(settingsFolder(places), "Claude", "claude_desktop_config.json"),
    format: "json",
    table: "mcpServers",
    scope: "user",
    root: (root) => root,
    entry: plain,
    next: "quit Claude Desktop and start it again",
  },
  cursor: {
    file: ({ root }) => join(root, ".cursor", "mcp.json"),
    format: "json",
    table: "mcpServers",
    scope: "project",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the client puts the folder in its place
    root: () => "${workspaceFolder}",
    entry: stdio,
    next: "open Cursor's settings, MCP, and switch momo on",
  },
  vscode: {
    file: ({ root }) => join(root, ".vscode", "mcp.json"),
    format: "json",
    table: "servers",
    scope: "project",
    entry: stdio,
    next: 'run "MCP: List Servers" in VS Code and start momo',
  },
  codex: {
    file: ({ user, env }) => join(env.CODEX_HOME ?? join(user, ".codex"), "config.toml"),
    format: "toml",
    table: "mcp_servers",
    scope: "user",
    entry: plain,
    next: "start codex in a project; /mcp lists it",
  },
  "gemini-cli": {
    file: ({ root }) => join(root, ".gemini", "settings.json"),
    format: "json",
    table: "mcpServers",
    scope: "project",
    entry: plain,
    next: "start gemini in the project; /mcp lists it",
  },
  zed: {
    file: ({ user, platform, env }) =>
      platform === "win32"
        ? join(env.APPDATA ?? join(user, "AppData", "Roaming"), "Zed", "settings.json")
        : join(
            platform === "linux" && env.XDG_CONFIG_HOME ? env.XDG_CONFIG_HOME : join(user, ".config"),
            "zed",
            "settings.json",
          ),
    format: "json",
    table: "context_servers",
    scope: "user",
    root: (root) => root,
    entry: plain,
    next: "open Zed's agent panel, settings: momo is listed",
  },
  windsurf: {
    file: ({ user }) => join(user, ".codeium", "windsurf", "mcp_config.json"),
    format: "json",
    table: "mcpServers",
    scope: "user",
    root: (root) => root,
    entry: plain,
    next: "press Refresh in Windsurf's MCP settings",
  },
};

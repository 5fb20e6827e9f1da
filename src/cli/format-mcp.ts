/** What `momo mcp install` and `momo mcp tools` print. Used by format.ts. */
import type { McpAnswer } from "../commands/mcp.ts";
import type { InstallAnswer } from "../commands/mcp-install.ts";
import { printable, type Terminal } from "./terminal.ts";

const said: Readonly<Record<InstallAnswer["outcome"], string>> = {
  written: "Written to",
  shown: "To be put into",
  already: "Nothing to do, it stands already in",
  declined: "Nothing was written to",
};

function formatInstall({ file, entry, outcome, backup, next }: InstallAnswer, terminal: Terminal): string {
  const lines = [`${said[outcome]} ${terminal.paint("cyan", printable(file))}`];
  if (outcome === "declined") return `${lines[0]}\n`;
  lines.push("", ...entry.split("\n").map((line) => `  ${printable(line)}`), "");
  if (backup !== undefined) lines.push(terminal.paint("dim", `before: ${printable(backup)}`));
  if (outcome !== "shown") lines.push(`Next: ${next}.`);
  return `${lines.join("\n").trimEnd()}\n`;
}

export function formatMcp(answer: McpAnswer, terminal: Terminal): string {
  if ("outcome" in answer) return formatInstall(answer, terminal);
  if ("clients" in answer) return `momo mcp install CLIENT, one of: ${answer.clients.join(", ")}\n`;
  const names = Math.max(0, ...answer.tools.map(({ name }) => name.length));
  const rows = answer.tools.map(({ name, description, bytes }) => {
    const size = terminal.paint("dim", String(bytes).padStart(6));
    return `${terminal.paint("bold", name.padEnd(names))} ${size}  ${printable(description)}`;
  });
  return `${[...rows, "", `${answer.tools.length} tools, ${answer.bytes} bytes`].join("\n")}\n`;
}

/** Which function prints a command's result for people; each loads when it is needed. Used by main.ts. */
import type { Terminal } from "./terminal.ts";

/** `input` is what the command was given: some options only change what is shown. */
type Format = (result: never, terminal: Terminal, input: Readonly<Record<string, unknown>>) => string;

const takeBack = async (): Promise<Format> => (await import("./format-plan.ts")).formatTakeBack;

const formats: Readonly<Record<string, () => Promise<Format>>> = {
  search: async () => {
    const { formatSearch } = await import("./format-search.ts");
    const { formatPacked } = await import("./format-pack.ts");
    return (result, terminal, { content, queries, budget }) =>
      (budget === undefined ? formatSearch : formatPacked)(result, terminal, {
        content: content === true,
        titled: queries !== undefined,
      });
  },
  ingest: async () => (await import("./format-status.ts")).formatIngest,
  embed: async () => (await import("./format-embed.ts")).formatEmbed,
  status: async () => (await import("./format-status.ts")).formatStatus,
  history: async () => (await import("./format-history.ts")).formatHistory,
  entity: async () => (await import("./format-doc.ts")).formatEntity,
  transact: async () => (await import("./format-doc.ts")).formatTransacted,
  doc: async () => (await import("./format-doc.ts")).formatDoc,
  rollback: takeBack,
  redo: takeBack,
  rewind: takeBack,
  checkpoint: async () => (await import("./format-journal.ts")).formatCheckpoint,
  explore: async () => (await import("./format-explore.ts")).formatExplore,
  quarantine: async () => (await import("./format-journal.ts")).formatQuarantine,
  digest: async () => (await import("./format-journal.ts")).formatDigest,
  audit: async () => (await import("./format-journal.ts")).formatAudit,
  serve: async () => () => "",
  keys: async () => (await import("./format-keys.ts")).formatKeys,
  config: async () => (await import("./format-lists.ts")).formatConfig,
  mcp: async () => (await import("./format-mcp.ts")).formatMcp,
  doctor: async () => (await import("./format-lists.ts")).formatDoctor,
};

/** Names of the commands that can be printed; a test compares them with the table of commands. */
export const formattedCommands = Object.keys(formats);

export const formatOf = (command: string): Promise<Format> => formats[command]();

/**
 * The table of commands: every word that names one, and where it is defined. A definition is loaded when it is asked
 * for, so that a search pays for one file. Read by the surfaces, by scripts/reference.ts and by the tests.
 */
import type { Command, CommandDefinition } from "./command.ts";

interface Row {
  name: string;
  aliases: readonly string[];
  load: () => Promise<CommandDefinition>;
}

const rows: readonly Row[] = [
  { name: "search", aliases: ["query"], load: async () => (await import("./search.ts")).search },
  { name: "ingest", aliases: ["index"], load: async () => (await import("./ingest.ts")).ingest },
  { name: "embed", aliases: [], load: async () => (await import("./embed.ts")).embed },
  { name: "status", aliases: ["stats"], load: async () => (await import("./status.ts")).status },
  { name: "entity", aliases: [], load: async () => (await import("./entity.ts")).entity },
  { name: "history", aliases: [], load: async () => (await import("./history.ts")).history },
  { name: "doc", aliases: [], load: async () => (await import("./doc.ts")).doc },
  { name: "transact", aliases: [], load: async () => (await import("./transact.ts")).transact },
  { name: "rollback", aliases: [], load: async () => (await import("./rollback.ts")).rollback },
  { name: "redo", aliases: [], load: async () => (await import("./redo.ts")).redo },
  { name: "checkpoint", aliases: [], load: async () => (await import("./checkpoint.ts")).checkpoint },
  { name: "rewind", aliases: [], load: async () => (await import("./rewind.ts")).rewind },
  { name: "explore", aliases: [], load: async () => (await import("./explore.ts")).explore },
  { name: "quarantine", aliases: [], load: async () => (await import("./quarantine.ts")).quarantine },
  { name: "digest", aliases: [], load: async () => (await import("./digest.ts")).digest },
  { name: "audit", aliases: [], load: async () => (await import("./audit.ts")).audit },
  { name: "serve", aliases: [], load: async () => (await import("./serve.ts")).serve },
  { name: "config", aliases: [], load: async () => (await import("./config.ts")).config },
  { name: "doctor", aliases: [], load: async () => (await import("./doctor.ts")).doctor },
];

const define = async (row: Row): Promise<Command> => ({
  name: row.name,
  aliases: row.aliases,
  ...(await row.load()),
});

/** Names and aliases, in table order. */
export const commandWords: readonly string[] = rows.flatMap(({ name, aliases }) => [name, ...aliases]);

/** The command of that name or alias; undefined when there is none. */
export async function findCommand(word: string): Promise<Command | undefined> {
  const row = rows.find(({ name, aliases }) => name === word || aliases.includes(word));
  return row && define(row);
}

export const allCommands = (): Promise<Command[]> => Promise.all(rows.map(define));

/** `momo history`: who changed the knowledge, when and why; newest first. */
import { MomoError } from "../errors.ts";
import type { HistoryFilter, TransactionRecord } from "../store/store.ts";
import { type CommandContext, defineCommand, homeOption, type Input } from "./command.ts";
import { openPlace } from "./place.ts";

export interface HistoryAnswer {
  transactions: TransactionRecord[];
}

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "an indexed folder; default the current one",
  },
] as const;

const options = {
  agent: { type: "string", value_name: "NAME", help: "only what this agent wrote; indexing is by indexer" },
  key: { type: "string", value_name: "KEY", help: "only what touched this file or entry" },
  since: {
    type: "string",
    value_name: "TIME",
    help: "only from this date or time on: 2026-01-31, or an age: 2h, 7d",
  },
  limit: {
    type: "integer",
    short: "n",
    value_name: "N",
    default: 20,
    min: 1,
    max: 1000,
    help: "at most so many transactions",
  },
  home: homeOption,
} as const;

const MILLISECONDS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** ISO 8601 of a date, a time or an age. */
export function readTime(text: string, now: number): string {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const isDate = /^\d{4}-\d{2}-\d{2}/.test(text);
  const time = unit ? now - Number(count) * MILLISECONDS[unit] : isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new MomoError("VALUE_INVALID", {
      name: "--since",
      value: text,
      hint: "give a date (2026-01-31), a time (2026-01-31T08:00:00Z) or an age (30m, 2h, 7d, 2w)",
    });
  return new Date(time).toISOString();
}

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<HistoryAnswer> {
  const filter: HistoryFilter = {
    limit: input.limit,
    ...(input.agent !== undefined && { agent: input.agent }),
    ...(input.key !== undefined && { key: input.key }),
    ...(input.since !== undefined && { since: readTime(input.since, Date.now()) }),
  };
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    return { transactions: await momo.history(filter) };
  } finally {
    await momo.close();
  }
}

export const history = defineCommand({
  summary: "list who changed the knowledge, when and why",
  examples: [
    { command: "momo history", help: "the latest twenty" },
    { command: "momo history --agent indexer --since 7d", help: "what indexing did in the last week" },
  ],
  positionals,
  options,
  effect: "read",
  run,
});

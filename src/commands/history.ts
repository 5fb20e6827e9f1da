/** `momo history`: who changed the knowledge, when and why, and what of it was taken back; newest first. */
import type { VersionRecord } from "../model/rollback.ts";
import type { HistoryFilter, TransactionRecord } from "../store/contract/journal.ts";
import { type CommandContext, defineCommand, explorationOption, homeOption, type Input } from "./command.ts";
import { openPlace } from "./place.ts";
import { readTime } from "./time.ts";

/** Transactions or, with `--versions`, the writes of one id. */
export type HistoryAnswer = { transactions: TransactionRecord[] } | { id: string; versions: VersionRecord[] };

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
  session: { type: "string", value_name: "NAME", help: "only what was written in this session" },
  key: { type: "string", value_name: "ID", help: "only what touched this file or entry" },
  versions: {
    type: "string",
    value_name: "ID",
    help: "every write of this file or entry instead, and which of them counts now",
  },
  since: {
    type: "string",
    value_name: "TIME",
    help: "only from this date or time on: 2026-01-31, or an age: 2h, 7d",
  },
  until: { type: "string", value_name: "TIME", help: "only up to this date (all of it), time or age" },
  after: {
    type: "integer",
    value_name: "SEQ",
    min: 0,
    help: "only what came after this operation, oldest first: to go on from where you stopped",
  },
  limit: {
    type: "integer",
    short: "n",
    value_name: "N",
    default: 20,
    min: 1,
    max: 1000,
    help: "at most so many",
  },
  exploration: explorationOption,
  home: homeOption,
} as const;

type HistoryInput = Input<typeof positionals, typeof options>;

function filterOf({ agent, session, key, since, until, after, limit }: HistoryInput): HistoryFilter {
  return {
    limit,
    ...(agent !== undefined && { agent }),
    ...(session !== undefined && { session }),
    ...(key !== undefined && { key }),
    ...(after !== undefined && { after }),
    ...(since !== undefined && { since: readTime({ name: "--since", text: since }) }),
    ...(until !== undefined && { until: readTime({ name: "--until", text: until }, { end: true }) }),
  };
}

async function run(context: CommandContext, input: HistoryInput): Promise<HistoryAnswer> {
  const { versions: id, exploration } = input;
  const filter = filterOf(input);
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    if (id === undefined) return { transactions: await momo.history({ ...filter, exploration }) };
    return { id, versions: (await momo.versions(id, { exploration })).slice(0, input.limit) };
  } finally {
    await momo.close();
  }
}

export const history = defineCommand({
  summary: "list who changed the knowledge, when and why",
  details:
    "A transaction that was taken back, whole or in part, says by which. --versions follows one file or entry: each " +
    "of its versions, who wrote it, and whether it counts now.",
  examples: [
    { command: "momo history", help: "the latest twenty" },
    { command: "momo history --agent indexer --since 7d", help: "what indexing did in the last week" },
    { command: "momo history --versions src/errors.ts", help: "every version of one file" },
  ],
  positionals,
  options,
  effect: "read",
  run,
});

/** `momo rollback`: takes back what some transactions, an agent, a session or a time span wrote. */
import type { RollbackSelector } from "../model/rollback.ts";
import { type CommandContext, defineCommand, type Input } from "./command.ts";
import { openPlace } from "./place.ts";
import {
  effectOf,
  failed,
  policyOption,
  type TakeBackResult,
  takeBack,
  takeBackOptions,
} from "./take-back.ts";
import { readTime } from "./time.ts";

const options = {
  tx: { type: "integers", value_name: "TX", help: "these transactions, by their numbers in momo history" },
  agent: { type: "string", value_name: "NAME", help: "what this agent wrote" },
  session: { type: "string", value_name: "NAME", help: "what was written in this session" },
  request_id: { type: "string", value_name: "ID", help: "what was written for this request" },
  since: {
    type: "string",
    value_name: "TIME",
    help: "what was written from this date or time on: 2026-01-31, or an age: 2h, 7d",
  },
  until: {
    type: "string",
    value_name: "TIME",
    help: "what was written up to this date (all of it), time or age",
  },
  after: {
    type: "string",
    value_name: "POINT",
    help: "what was written after a checkpoint, or after an operation given by its sequence number",
  },
  steps: {
    type: "integer",
    value_name: "N",
    min: 1,
    help: "the last N transactions that still count; the indexer's only with --agent indexer",
  },
  path: {
    type: "string",
    value_name: "PREFIX",
    help: "only files and entries whose path or id begins so; a folder ends with /",
  },
  key: { type: "strings", value_name: "ID", help: "only this file or entry" },
  operation: {
    type: "integers",
    value_name: "SEQ",
    help: "only these operations, by their sequence numbers",
  },
  policy: policyOption,
  ...takeBackOptions,
} as const;

type RollbackInput = Input<readonly [], typeof options>;

function selectorOf(input: RollbackInput): RollbackSelector {
  const { tx, agent, session, request_id, since, until, after, steps, path, key, operation } = input;
  return {
    ...(tx.length > 0 && { transactions: tx }),
    ...(agent !== undefined && { agent }),
    ...(session !== undefined && { session }),
    ...(request_id !== undefined && { request_id }),
    ...(since !== undefined && { since: readTime({ name: "--since", text: since }) }),
    ...(until !== undefined && { until: readTime({ name: "--until", text: until }, { end: true }) }),
    ...(after !== undefined && { after: /^\d+$/.test(after) ? Number(after) : after }),
    ...(steps !== undefined && { steps }),
    ...(path !== undefined && { prefix: path.replace(/^\.\//, "") }),
    ...(key.length > 0 && { keys: key }),
    ...(operation.length > 0 && { operations: operation }),
  };
}

function askedOf(input: RollbackInput): unknown {
  const { tx, agent, session, request_id, since, until, after, steps, path, key, operation, policy } = input;
  return [
    "rollback",
    { tx, agent, session, request_id, since, until, after, steps, path, key, operation, policy },
  ];
}

async function run(context: CommandContext, input: RollbackInput): Promise<TakeBackResult> {
  const selector = selectorOf(input);
  const { home, wait } = input;
  const { momo } = await openPlace(context, { path: undefined, home, wait, indexed: true });
  try {
    return await takeBack(context, {
      momo,
      input,
      policy: input.policy,
      asked: askedOf(input),
      question: "Take this back?",
      plan: (by) => momo.planRollback(selector, by),
    });
  } finally {
    await momo.close();
  }
}

export const rollback = defineCommand({
  summary: "take back what an agent, a session, a transaction or a span of time wrote",
  details:
    "All conditions hold together. Shows what would change and asks; where nobody can be asked, --yes or --plan HASH " +
    "stands for the answer. Works on the knowledge base of the current folder or of --home; --path is about what is in " +
    "it. Files on disk are never touched. What was taken back stays in the history, and momo redo brings it back.",
  examples: [
    { command: "momo rollback --agent indexer --since 1h --dry-run", help: "what would change" },
    { command: "momo rollback --steps 1 --yes", help: "the last thing that somebody wrote" },
    {
      command: "momo rollback --agent alice --path notes/ --policy skip --yes",
      help: "part of one agent's work",
    },
    { command: "momo rollback --tx 4,6 --policy cascade --dry-run", help: "with what others built on it" },
  ],
  positionals: [],
  options,
  effect: "write",
  effectOf,
  run,
  failed,
});

/** `momo rewind`: goes back to the state at a checkpoint, a time or a point of the journal. */
import { MomoError } from "../errors.ts";
import type { RewindTarget } from "../model/rollback.ts";
import { type CommandContext, defineCommand, type Input, pathOption } from "./command.ts";
import { openPlace } from "./place.ts";
import { effectOf, failed, type TakeBackResult, takeBack, takeBackOptions } from "./take-back.ts";
import { readTime } from "./time.ts";

const positionals = [
  {
    name: "target",
    value_name: "CHECKPOINT",
    kind: "word",
    help: "name of a checkpoint: momo checkpoint lists them",
  },
] as const;

const options = {
  seq: {
    type: "integer",
    value_name: "N",
    min: 0,
    help: "instead, to the state after this operation; 0 is empty",
  },
  time: { type: "string", value_name: "TIME", help: "instead, to the state at this date, time or age: 2h" },
  inside_transaction: {
    type: "boolean",
    help: "stop at just that operation where it lies inside a transaction; default its end, so that it stays whole",
  },
  others: { type: "boolean", help: "agree to removing the work of other agents, too" },
  irreversible: {
    type: "boolean",
    help: "agree to taking back what was also done outside Momo, where it stays done",
  },
  path: pathOption,
  ...takeBackOptions,
} as const;

type RewindInput = Input<typeof positionals, typeof options>;

function targetOf({ target, seq, time, inside_transaction }: RewindInput): RewindTarget {
  const usage = "usage: momo rewind CHECKPOINT | --seq N | --time TIME";
  const targets: RewindTarget[] = [
    ...(target === undefined ? [] : [{ checkpoint: target }]),
    ...(seq === undefined ? [] : [{ seq }]),
    ...(time === undefined ? [] : [{ time: readTime({ name: "--time", text: time }) }]),
  ];
  if (targets.length === 0) throw new MomoError("ARGUMENT_MISSING", { argument: "CHECKPOINT", usage });
  if (targets.length > 1) throw new MomoError("ARGUMENT_UNEXPECTED", { argument: target ?? "--time", usage });
  return { ...targets[0]!, ...(inside_transaction && { inside_transaction }) };
}

async function run(context: CommandContext, input: RewindInput): Promise<TakeBackResult> {
  const target = targetOf(input);
  const { inside_transaction } = input;
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    return await takeBack(context, {
      momo,
      input,
      asked: ["rewind", { target: input.target, seq: input.seq, time: input.time, inside_transaction }],
      others: input.others,
      irreversible: input.irreversible,
      question: "Go back to this?",
      plan: (by) => momo.planRewind(target, by),
    });
  } finally {
    await momo.close();
  }
}

export const rewind = defineCommand({
  summary: "go back to the state at a checkpoint, a time or a point of the journal",
  details:
    "Everything written since stops counting, whoever wrote it: the work of others has to be agreed to with --others, " +
    "and what was also done outside Momo (a message sent, a file pushed) with --irreversible. " +
    "Shows what would change and asks, as momo rollback does; momo redo brings it back.",
  examples: [
    { command: "momo rewind before-cleanup --dry-run", help: "what going back to a checkpoint would change" },
    { command: "momo rewind --time 2h --dry-run", help: "to the state of two hours ago" },
  ],
  positionals,
  options,
  effect: "write",
  effectOf,
  run,
  failed,
});

/** `momo redo`: brings back what a rollback, redo or rewind changed. */
import { type CommandContext, defineCommand, type Input, pathOption } from "./command.ts";
import { openPlace } from "./place.ts";
import {
  effectOf,
  failed,
  policyOption,
  type TakeBackResult,
  takeBack,
  takeBackOptions,
} from "./take-back.ts";
import { wholeNumber } from "./value.ts";

const positionals = [
  {
    name: "transaction",
    value_name: "TX",
    kind: "word",
    help: "number of the rollback, redo or rewind; default the newest that was not reversed yet",
  },
] as const;

const options = { policy: policyOption, path: pathOption, ...takeBackOptions } as const;

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<TakeBackResult> {
  const { transaction: text } = input;
  const transaction = text === undefined ? undefined : wholeNumber({ name: "TX", text });
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    return await takeBack(context, {
      momo,
      input,
      policy: input.policy,
      asked: ["redo", transaction, input.policy],
      question: "Bring this back?",
      plan: (by) => momo.planRedo(transaction, by),
    });
  } finally {
    await momo.close();
  }
}

export const redo = defineCommand({
  summary: "bring back what a rollback or rewind changed",
  details: "Shows what would change and asks, as momo rollback does.",
  examples: [
    { command: "momo redo --dry-run", help: "what the newest rollback took, and would come back" },
    { command: "momo redo --yes", help: "bring it back" },
  ],
  positionals,
  options,
  effect: "write",
  effectOf,
  run,
  failed,
});

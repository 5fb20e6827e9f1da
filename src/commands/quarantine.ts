/** `momo quarantine`: what a rollback with that policy set aside, and letting it back in. */
import { MomoError } from "../errors.ts";
import type { QuarantineRecord, WriteReceipt } from "../model/rollback.ts";
import {
  type CommandContext,
  defineCommand,
  explorationOption,
  homeOption,
  type Input,
  pathOption,
  waitOption,
} from "./command.ts";
import { openPlace } from "./place.ts";
import { authorOf, writerOptions } from "./who.ts";

export type QuarantineAnswer =
  | { quarantined: QuarantineRecord[] }
  | (WriteReceipt & { released: readonly string[] });

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["list", "release"],
    help: "what to do; default list",
  },
  { name: "ids", value_name: "ID", kind: "word", many: true, help: "what to let back into search" },
] as const;

const options = {
  ...writerOptions,
  exploration: explorationOption,
  path: pathOption,
  home: homeOption,
  wait: waitOption,
} as const;

type QuarantineInput = Input<typeof positionals, typeof options>;

function checkWords({ action = "list", ids }: QuarantineInput): void {
  const usage = action === "list" ? "usage: momo quarantine list" : "usage: momo quarantine release ID...";
  if (action === "list" && ids.length > 0)
    throw new MomoError("ARGUMENT_UNEXPECTED", { argument: ids[0]!, usage });
  if (action === "release" && ids.length === 0)
    throw new MomoError("ARGUMENT_MISSING", { argument: "ID", usage });
}

async function run(context: CommandContext, input: QuarantineInput): Promise<QuarantineAnswer> {
  checkWords(input);
  const { action, ids, exploration } = input;
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    if (action !== "release") return { quarantined: await momo.quarantined({ exploration }) };
    const by = { ...authorOf(context, input), exploration };
    return { released: ids, ...(await momo.release(ids, by)) };
  } finally {
    await momo.close();
  }
}

export const quarantine = defineCommand({
  summary: "list what a rollback set aside, and let it back into search",
  details:
    "momo rollback --policy quarantine keeps what others built on what it takes back, but out of search. momo doc show " +
    "still shows it. Writing it anew lets it back in, too.",
  examples: [{ command: "momo quarantine", help: "what is set aside, and why" }],
  positionals,
  options,
  effect: "write",
  effectOf: ({ action = "list" }) => (action === "list" ? "read" : "write"),
  run,
});
